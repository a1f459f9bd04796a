"""What changed between two texts is marked word by word, and no text keeps the page waiting."""

import re
import time

import pytest

from web.differences import marked

CLAUSE = "The parties share what is needed.\nNobody shares more; everybody records why.\n"


def plain(before: str, after: str) -> list[str]:
    """Both texts, read back from what is shown."""
    html = re.sub(r'<span class="govuk-visually-hidden">[^<]*</span>', "", str(marked(before, after)))
    html = html.removeprefix('<div class="concordat-words">').removesuffix("</div>")
    new = re.sub(r"<del[^>]*>[^<]*</del>", "", html)
    old = re.sub(r"<ins[^>]*>[^<]*</ins>", "", html)
    return [re.sub(r"</?(ins|del)[^>]*>", "", each) for each in (old, new)]


@pytest.mark.parametrize(("before", "after"), [
    (CLAUSE, CLAUSE), (CLAUSE, CLAUSE.replace("needed", "asked")), (CLAUSE, "New first. " + CLAUSE),
    (CLAUSE, CLAUSE + "And more."), ("a a a", "a a"), ("a a", "a a a"), ("", "a"), ("a b", "c d"),
    (CLAUSE * 200, CLAUSE * 100 + "Another.\n" + CLAUSE * 100),
    ("a b " * 2000, "b c " * 2000), ("a\n" * 3000, "b\n" * 3000),
])  # fmt: skip
def test_both_texts_can_be_read_in_what_is_shown(before: str, after: str) -> None:
    old, new = plain(before, after)
    assert new == after
    assert old.split() == before.split()


def test_one_word_of_a_long_clause_is_marked_by_itself() -> None:
    html = str(marked(CLAUSE * 300, CLAUSE * 150 + CLAUSE.replace("why", "how") + CLAUSE * 149))
    assert re.findall(r"<(?:ins|del)[^>]*>(?:<span[^>]*>[^<]*</span>)?([^<]*)<", html) == ["why", "how"]


@pytest.mark.parametrize("after", ["the " * 2700, "\n" * 10_000, "a the\n" * 2500])
def test_no_answer_keeps_the_page_waiting(after: str) -> None:
    began = time.process_time()
    marked("of the parties and the board " * 60, after)
    marked("the\n" * 2500, after)
    assert time.process_time() - began < 1.5
