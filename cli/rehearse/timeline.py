"""The year as it scrolls by: days, hours, and what happened in plain words."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from actions.verifying import VerifyReport
from cli.message_words import called
from cli.printing import WIDTH
from cli.rehearse.record import Deed, Letter, Record, addresses
from rules.instants import LONDON, local_day
from rules.sentences import listed, written_day

INDENT = " " * 9


class Timeline:
    """Turns each moment into lines; a day is written once."""

    def __init__(self) -> None:
        self._day: date | None = None

    def lines(self, at: datetime, people: Sequence[str], record: Record) -> Iterator[str]:
        by_clock = [sentence for deed in record.by_clock if (sentence := _of_the_clock(deed))]
        sentences = [*people, *by_clock, *_mail(record.letters)]
        if not sentences:
            return
        day = local_day(at, LONDON)
        if day != self._day:
            self._day = day
            yield f"\n{written_day(day)}"
        hour = f"{at.astimezone(LONDON):  %H:%M  }"
        for number, sentence in enumerate(sentences):
            yield from _wrapped(sentence, INDENT if number else hour)


def _wrapped(sentence: str, first: str) -> list[str]:
    return textwrap.wrap(
        sentence, WIDTH, initial_indent=first, subsequent_indent=INDENT, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def _of_the_clock(row: Deed) -> str | None:
    """What the clock did, where that is more than to send a message."""
    match row.what:
        case "invite feedback":
            return "The review opens by itself: every party is asked."
        case "join":
            return "The annual review is due; it joins the one that is open."
        case "close feedback":
            return "Feedback closes by itself."
        case "no answer recorded":
            return f"No answer is recorded of {listed([*row.details['silent'], *row.details['unreachable']])}."
        case "adopt":
            return f"Nobody owes a signature any more: version {row.details['version']} is adopted."
        case "annual review scheduled":
            return f"The next annual review is set for {written_day(date.fromisoformat(row.details['review_on']))}."
        case "bounced":
            return "A message comes back: that address gets nothing more, and the secretary is told."
        case _:
            return None


def _mail(letters: Sequence[Letter]) -> Iterator[str]:
    """One line for all that leaves at one moment, in the order in which it was written."""
    kinds = Counter(letter.kind for letter in letters)
    if len(letters) == 1:
        yield f"Mail: {called(letters[0].kind, 1)}, to {letters[0].to}."
    elif kinds:
        yield f"Mail: {listed([called(kind, number) for kind, number in kinds.items()])}."


def opening(slug: str, begin: datetime, end: datetime, seed: int) -> str:
    first, last = (written_day(local_day(at, LONDON)) for at in (begin, end))
    return f"A rehearsal of {slug} with seed {seed},\nfrom {first} to {last}. Nothing is sent."


def ending(record: Record, people: int, sweeps: int, refused: Sequence[str], report: VerifyReport) -> Iterator[str]:
    """The year in numbers, the proof, and where the mail went."""
    reviews = len({stage["review"] for stage in record.stages})
    yield "\nThe year in numbers"
    yield f"  {_number(reviews, 'review')}, {_number(len(record.stages), 'step')} between their stages"
    yield f"  {_number(people, 'act')} of people, {_number(sweeps, 'sweep')} of the clock"
    written = _number(len(record.messages), "message")
    yield f"  {written} to {_number(addresses(record.messages), 'address', 'addresses')}"
    for sentence in refused:
        yield from _wrapped(f"Refused: {sentence}", "  ")
    broken = "none is broken" if not report.broken else f"{len(report.broken)} broken:"
    yield f"  {_number(report.checked, 'invariant')} checked, {broken}"
    for sentence in report.broken:
        yield from _wrapped(f"- {sentence}", "  ")
    yield "Nothing left this machine."


def _number(count: int, one: str, many: str | None = None) -> str:
    return f"one {one}" if count == 1 else f"{count:,} {many or one + 's'}"
