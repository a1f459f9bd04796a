"""What is drawn once for many reads exactly as if it had been drawn for each."""

import textwrap
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.calendar_file import Entry, calendar_file
from notifications.messages import ComplaintAsked, Message
from notifications.render import render
from notifications.wording import LINE_LENGTH, begun, paragraph
from tests.notifications.examples import EXAMPLES, VARIANTS

NOW = datetime(2027, 2, 26, 9, tzinfo=UTC)
PRINTING = [pytest.param(m, id=f"{m.folder}-{n}") for n, m in enumerate(EXAMPLES + VARIANTS) if m.PRINTED]
NAMES = (
    "Body 7", "the council", "Ärzte & Söhne <b>GmbH</b>", "review", "you", "lead member", "{{ 7 * 7 }}", " spaced ",
    "> - # Quoted", "\ue000party\ue001", "Line\nbroken\u202e", f"{'A very long name of a body ' * 9}of the West",
)  # fmt: skip


def rendered(message: Message) -> tuple[str, str, str, str | None]:
    """As it is read."""
    found = render(message, key="review:12:feedback:police", now=NOW, sequence=3)
    return found.subject, found.text, found.html, found.calendar


def others(message: Message) -> Iterator[Message]:
    """The same to other parties, of other cases, and to nobody's."""
    yield message
    for name in NAMES:
        named = replace(message, party=name)
        if isinstance(named, ComplaintAsked):
            why = f"You get this because you are the {message.role} of {name}."
            named = replace(named, why_you=why, about_party=name)
        yield named
        yield replace(named, reference="breach:98765")
        yield replace(named, reference="protocol:bedfordshire", role="secretary")
    yield replace(message, party=None, reference="review:3")
    yield from saying_something_else(message)


def saying_something_else(message: Message) -> Iterator[Message]:
    """In what is not printed only."""
    changes: list[dict[str, Any]] = [{"protocol": "Another protocol"}, {"secretary": "another@party.example"}]
    changes += [{name: "You get this for another reason."} for name in message.NAMING]
    if duties := getattr(message, "duties", None):
        first, *others = duties
        told = ({"what": "do another thing"}, {"party": "Another party"}, {"overdue": not first.overdue})
        changes += [{"duties": (replace(first, **of_it), *others)} for of_it in told]
    if duty := getattr(message, "duty", None):
        changes.append({"duty": replace(duty, what="do another thing")})
    yield from (replace(message, **changed) for changed in changes)


@pytest.mark.parametrize("message", PRINTING)
def test_it_reads_as_if_it_had_been_drawn_for_each(message: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    together = [rendered(each) for each in others(message)]
    monkeypatch.setattr(type(message), "PRINTED", ())
    assert together == [rendered(each) for each in others(message)]


def test_some_messages_are_drawn_once() -> None:
    assert {message.values[0].folder for message in PRINTING} >= {"duty_reminder", "feedback_invited"}  # type: ignore[union-attr]


@given(
    st.lists(st.text("abc-–’é ", max_size=90), max_size=30).map(" ".join), st.sampled_from(("", "- ", "    ", "12. "))
)
def test_a_paragraph_is_wrapped_as_the_library_wraps_it(words: str, first: str) -> None:
    body = words.strip()
    whole = first + body
    usual = textwrap.wrap(
        body, LINE_LENGTH, initial_indent=first, subsequent_indent=" " * len(first), break_on_hyphens=False
    )  # fmt: skip
    short = [whole] if body else []
    if body[:2] not in ("- ", "> ") and not (body and first == "" and body[0] == " "):
        assert paragraph(whole) == "\n".join(short if len(whole) <= LINE_LENGTH else usual)


WORDS = st.lists(st.text("abc-–’é1.>#", min_size=1, max_size=12) | st.text("ab", min_size=60, max_size=99), max_size=30)


@given(
    WORDS.map(" ".join),
    WORDS.map(" ".join),
    st.sampled_from(("", " ", "  ")),
    st.sampled_from(("", "    ", "- ", "> ")),
)
def test_what_is_full_of_a_line_is_so_whatever_follows(before: str, after: str, between: str, first: str) -> None:
    full, rest = begun(first + before + between)
    written = paragraph(rest + after)
    assert (f"{full}\n{written}" if full else written) == paragraph(first + before + between + after)


@given(st.text("aé€𝄞", max_size=200))
def test_a_line_of_a_calendar_file_is_folded_within_75_octets_and_between_signs(summary: str) -> None:
    file = calendar_file(Entry(when=NOW, summary=summary, description=""), uid="1@example", now=NOW)
    assert max(len(line.encode()) for line in file.split("\r\n")) <= 75
    assert f"SUMMARY:{summary}\r\n" in file.replace("\r\n ", "")
