"""Every message can be read, in both forms, by the person it is for."""

import dataclasses
import itertools
import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from jinja2 import UndefinedError

from notifications import messages
from notifications.messages import Duty, Message, StepAsked
from notifications.render import SUBJECT_LENGTH, TEMPLATES, Rendered, render, templates
from notifications.wording import counted, the
from tests.notifications.examples import EXAMPLES, LEAD, VARIANTS

NOW = datetime(2027, 2, 26, 9, tzinfo=UTC)
CLASSES = [c for c in vars(messages).values() if isinstance(c, type) and issubclass(c, Message) and c is not Message]
ALL = [pytest.param(message, id=f"{message.folder}-{n}") for n, message in enumerate(EXAMPLES + VARIANTS)]
HOSTILE = (
    "## - What to do\n<script>alert(1)</script>\r\nBcc: everybody@example.com\n\n## What to do\n- pay <b>now</b>"
    "\u202ejavascript:alert(1)\x00\u2028{{ 7 * 7 }}{% raw %} & \"quoted\" 'single'"
)


def rendered(message: Message) -> Rendered:
    return render(message, key="review:12:feedback:police", now=NOW)


class Words(HTMLParser):
    """What somebody reads of an HTML page, without its title."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self._text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._skip = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._skip += tag in {"title", "h1"}
        self._text += "" if tag in {"a", "strong", "code"} else " "

    def handle_endtag(self, tag: str) -> None:
        self._skip -= tag in {"title", "h1"}

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self._text += data

    @property
    def found(self) -> list[str]:
        return self._text.split()


def text_words(text: str) -> list[str]:
    """Without what only the text form needs: underlines, bullets, numbers, quotation marks of mail."""
    lines = [re.sub(r"^\s*(-+$|- |\d+\. |> ?)", "", line) for line in text.splitlines()]
    return " ".join(lines).split()


def test_every_class_has_an_example() -> None:
    assert [type(message) for message in EXAMPLES] == sorted({type(m) for m in EXAMPLES}, key=_place)
    assert {type(message) for message in EXAMPLES} == set(CLASSES)


def _place(kind: type[Message]) -> int:
    return [type(message) for message in EXAMPLES].index(kind)


def test_every_folder_belongs_to_a_class_and_every_class_has_one() -> None:
    folders = {path.name for path in TEMPLATES.iterdir() if path.is_dir()}
    assert folders == {message.folder for message in EXAMPLES}


@pytest.mark.parametrize("message", ALL)
def test_it_renders_in_both_forms_and_both_say_the_same(message: Message) -> None:
    said = rendered(message)
    assert Words(said.html).found == text_words(said.text)


@pytest.mark.parametrize("message", ALL)
def test_no_line_of_the_text_is_longer_than_78(message: Message) -> None:
    assert [line for line in rendered(message).text.splitlines() if len(line) > 78] == []


@pytest.mark.parametrize("message", ALL)
def test_nothing_of_the_templates_is_left(message: Message) -> None:
    said = rendered(message)
    for form in (said.subject, said.text, said.html, said.calendar or ""):
        assert not re.search(r"\{\{|\}\}|\{%|%\}|\{#|None|Undefined|\bTrue\b|\bFalse\b|datetime", form)


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("message", ALL)
def test_it_begins_with_where_to_go(message: Message) -> None:
    """Before anything is read; only a link to sign in leads nowhere else."""
    if isinstance(message, messages.SignInLink):
        assert message.page is None
        return
    said = rendered(message)
    sign = "⟦console-page⟧" if message.role == "secretary" else "⟦own-page⟧"
    assert sign in said.text.splitlines()[:6]
    assert f'href="{sign}"' in said.html
    assert sign in (said.calendar or sign).replace("\r\n ", "")


@pytest.mark.parametrize("message", ALL)
def test_it_says_why_me_what_to_do_and_what_if_it_is_not_for_me(message: Message) -> None:
    text = rendered(message).text
    for heading in ("What to do\n", "Why you received this\n", "If this is not for you\n"):
        assert heading in text
    assert f"You are listed as the {message.role}" in text
    if message.role != "secretary":
        assert "not the right person” on your page" in flat(text) or isinstance(message, messages.SignInLink)
        assert message.secretary in text


@pytest.mark.parametrize("message", ALL)
def test_the_subject_is_one_line_that_names_the_case_and_the_protocol(message: Message) -> None:
    subject = rendered(message).subject
    assert subject.startswith(f"[{message.reference}] ")
    assert "Bedfordshire information sharing protocol" in subject
    assert "\n" not in subject
    assert len(subject) <= SUBJECT_LENGTH


@pytest.mark.parametrize("message", ALL)
def test_a_day_by_which_something_is_asked_is_named(message: Message) -> None:
    due = [getattr(message, "due_on", None), getattr(getattr(message, "duty", None), "due_on", None)]
    due += [duty.due_on for duty in getattr(message, "duties", ())]
    said = rendered(message)
    for day in filter(None, due):
        assert f"{day:%A} {day.day} {day:%B %Y}" in " ".join((said.subject + " " + said.text).split())


@pytest.mark.parametrize("message", ALL)
def test_the_html_stands_alone_and_is_accessible(message: Message) -> None:
    html = rendered(message).html
    page = Words(html)
    assert html.startswith("<!DOCTYPE html>\n")
    assert ("html", {"lang": "en"}) in page.tags
    assert {"img", "script", "link", "style", "form", "table"}.isdisjoint(tag for tag, _ in page.tags)
    assert [tag for tag, _ in page.tags if tag.startswith("h")].count("h1") == 1
    for tag, attributes in page.tags:
        if tag in {"p", "li", "h1", "h2"}:
            assert attributes.get("style"), tag


def _hostile(value: Any) -> Any:
    match value:
        case Duty() | StepAsked():
            return type(value)(**{f.name: _hostile(getattr(value, f.name)) for f in dataclasses.fields(value)})
        case str():
            return HOSTILE
        case tuple():
            return tuple(_hostile(item) for item in value)
        case _:
            return value


def hostile(message: Message) -> Message:
    fields = {f.name: getattr(message, f.name) for f in dataclasses.fields(message)}
    kept = ("role", "kind", "link")
    return type(message)(**{name: value if name in kept else _hostile(value) for name, value in fields.items()})


@pytest.mark.parametrize("message", ALL)
def test_hostile_values_stay_values(message: Message) -> None:
    said = rendered(hostile(message))
    assert "\n" not in said.subject
    assert "\r" not in said.subject
    for form in (said.subject, said.text, said.html, said.calendar or ""):
        assert "\x00" not in form
        assert "\u202e" not in form
    tags = {tag for tag, _ in Words(said.html).tags}
    assert tags.isdisjoint({"script", "b"})
    hrefs = [attributes["href"] or "" for _, attributes in Words(said.html).tags if "href" in attributes]
    assert all(href.startswith(("mailto:", "⟦")) for href in hrefs)
    assert "49" not in said.text
    assert all(len(line) <= 78 for line in said.text.splitlines())


@pytest.mark.parametrize("message", ALL)
def test_nobody_else_s_words_can_pass_for_ours(message: Message) -> None:
    """A heading inside a value makes no heading: it stays inside its paragraph or quotation."""
    assert len(headings(rendered(hostile(message)).text)) == len(headings(rendered(message).text))
    assert headings(rendered(hostile(message)).text).count("What to do") == 1


def headings(text: str) -> list[str]:
    lines = text.splitlines()
    return [line for line, below in itertools.pairwise(lines) if below and set(below) == {"-"}]


def test_who_is_away_is_said_before_what_is_asked() -> None:
    every = [*EXAMPLES, *VARIANTS]
    [(message, said)] = [
        (each, rendered(each)) for each in every if each.in_place_of and each.folder == "duty_reminder"
    ]
    text = flat(said.text)
    assert text.index(str(message.in_place_of)) < text.index("This is a reminder about")
    assert f">{message.in_place_of}</p>" in said.html
    assert not any("in place of" in flat(rendered(each).text) for each in every if each.in_place_of is None)


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        templates(html=False).get_template("review_cancelled/body.txt").render(LEAD)


def test_a_very_long_protocol_name_never_cuts_off_the_reference() -> None:
    message = dataclasses.replace(EXAMPLES[0], protocol="Protocol " * 60)
    subject = rendered(message).subject
    assert len(subject) <= SUBJECT_LENGTH
    assert subject.startswith("[review:12] ")
    assert subject.endswith("…")


@pytest.mark.parametrize(
    ("name", "in_a_sentence"),
    [
        ("Information sharing protocol of the county", "the information sharing protocol of the county"),
        ("Information Sharing Protocol", "the Information Sharing Protocol"),
        ("Bedfordshire information sharing protocol", "the Bedfordshire information sharing protocol"),
        ("The Berkshire protocol", "the Berkshire protocol"),
        ("MARAC protocol", "the MARAC protocol"),
        ("Protocol", "the Protocol"),
    ],
)
def test_a_name_reads_well_inside_a_sentence(name: str, in_a_sentence: str) -> None:
    assert the(name) == in_a_sentence


def test_counts_are_written_as_people_say_them() -> None:
    assert [counted(n, "change") for n in (0, 1, 2)] == ["no changes", "one change", "2 changes"]


def test_what_asks_for_an_answer_by_a_day_brings_a_calendar_entry_for_that_day() -> None:
    with_entry = {m.folder for m in EXAMPLES if rendered(m).calendar}
    assert with_entry == {
        "feedback_invited",
        "advice_requested",
        "signature_requested",
        "confirmation_requested",
        "duty_extended",
        "successor_asked_to_adopt",
    }
    for message in EXAMPLES:
        if entry := rendered(message).calendar:
            day = message.duty.due_on if isinstance(message, messages.DutyExtended) else message.due_on  # type: ignore[attr-defined]
            assert f"DTSTART;VALUE=DATE:{day:%Y%m%d}\r\n" in entry
            assert isinstance(day, date)
