"""What people write, before it is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.texts import NotText, fingerprint, is_reworded, is_text, plain, shown


@pytest.mark.parametrize("hostile", ["a\0b", "\ud800", "half \udfff of one"])
def test_what_no_database_holds_is_refused_with_a_sentence(hostile: str) -> None:
    assert not is_text(hostile)
    with pytest.raises(NotText, match="copy it again as plain text"):
        plain(hostile)


@given(st.text())
def test_every_other_text_is_kept_without_space_around_it(text: str) -> None:
    if is_text(text):
        assert plain(text) == text.strip()
        assert text.encode().decode() == text


def test_a_sentence_quotes_the_beginning_on_one_line() -> None:
    assert shown("police") == "police"
    assert shown("a\n b" * 100) == "a ba ba ba ba ba ba ba ba ba ba ba ba ba ba ba ba ba ba ba b…"
    assert len(shown("x" * 10_000_000)) == 61


@given(st.text(), st.text())
def test_the_same_words_are_known_again(one: str, other: str) -> None:
    if is_text(one) and is_text(other):
        assert (fingerprint(one) == fingerprint(other)) == (one == other)
        assert len(fingerprint(one)) == 16


@pytest.mark.parametrize(
    ("other", "is_so"),
    [
        ("are  records locked away within 1.5 hours", False),
        ("Are records locked away - within\n1.5 hours?!", False),
        ("Are records locked-away, within 1.5  hours?", False),
        ("Are records kept away within 1.5 hours?", True),
        ("Are records locked away within 15 hours?", True),
        ("Are records locked away within 1.5 hours? Who has the key?", True),
        ("", True),
    ],
)
def test_a_question_is_reworded_where_more_than_space_case_or_punctuation_differs(other: str, is_so: bool) -> None:
    question = "Are records locked away within 1.5 hours?"
    assert is_reworded(question, other) is is_so
    assert is_reworded(other, question) is is_so
