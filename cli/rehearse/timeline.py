"""The year as it scrolls by: days, hours, and what happened in plain words."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from actions.verifying import VerifyReport
from cli.printing import WIDTH
from cli.rehearse.record import ABOUT, Deed, Letter, Record, addresses
from cli.rehearse.said import Said, StepTaken
from notifications.message_words import called
from rules.breach import Step
from rules.instants import LONDON, local_day
from rules.sentences import listed, written_day

INDENT = " " * 9
IN_THE_DAY = "  ...    "


class Timeline:
    """Turns each moment into lines; a day is written once, and what there is much of is summed up at its end."""

    def __init__(self) -> None:
        self._written: date | None = None
        self._day: date | None = None
        self._steps: list[StepTaken] = []
        self._letters: list[Letter] = []

    def lines(self, at: datetime, people: Sequence[Said], record: Record) -> Iterator[str]:
        if (day := local_day(at, LONDON)) != self._day:
            yield from self.rest()
            self._day = day
        by_clock = [sentence for deed in record.by_clock if (sentence := _of_the_clock(deed, record.names))]
        said = [each for each in people if isinstance(each, str)]
        sentences = [*said, *by_clock, *_mail([each for each in record.letters if not each.about])]
        yield from self._under_the_day(sentences, f"{at.astimezone(LONDON):  %H:%M  }")
        self._steps += [each for each in people if isinstance(each, StepTaken)]
        self._letters += [each for each in record.letters if each.about]

    def rest(self) -> Iterator[str]:
        """The end of a day."""
        sentences = [*_steps(self._steps)]
        for about in ABOUT.values():
            letters = [each for each in self._letters if each.about == about]
            sentences += _mail(letters, f"Mail about {about}")
        self._steps, self._letters = [], []
        yield from self._under_the_day(sentences, IN_THE_DAY)

    def _under_the_day(self, sentences: Sequence[str], first: str) -> Iterator[str]:
        if sentences and self._day is not None and self._day != self._written:
            self._written = self._day
            yield f"\n{written_day(self._day)}"
        for number, sentence in enumerate(sentences):
            yield from _wrapped(sentence, INDENT if number else first)


def _wrapped(sentence: str, first: str) -> list[str]:
    return textwrap.wrap(
        sentence, WIDTH, initial_indent=first, subsequent_indent=INDENT, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def _of_the_clock(row: Deed, names: Mapping[str, str]) -> str | None:
    """What the clock did, where that is more than to send a message."""
    match row.what:
        case "invite feedback":
            return "The review opens by itself: every party is asked."
        case "join":
            return "The annual review is due; it joins the one that is open."
        case "close feedback":
            return "Feedback closes by itself."
        case "no answer recorded" if row.details["silent"] or row.details["unreachable"]:
            return f"No answer is recorded of {listed([*row.details['silent'], *row.details['unreachable']])}."
        case "adopt":
            return f"Nobody owes a signature any more: version {row.details['version']} is adopted."
        case "annual review scheduled":
            return f"The next annual review is set for {written_day(date.fromisoformat(row.details['review_on']))}."
        case Step.OPEN_FOLLOW_UPS if row.details["parties"]:
            parties = listed([names.get(slug, slug) for slug in row.details["parties"]])
            return f"The clock opens the follow-up of {_named(row.case)}, by its own procedure, at {parties}."
        case Step.HAND_OVER:
            handed = _number(len(row.details["obligations"]), "duty", "duties")
            return f"Whoever stands in is asked instead: {handed} of {_named(row.case)}."
        case "bounced":
            return "A message comes back: that address gets nothing more, and the secretary is told."
        case _:
            return None


def _named(case: str) -> str:
    return case.replace(":", " ")


def _steps(steps: Sequence[StepTaken]) -> Iterator[str]:
    """What was done by the parties' own procedures, in one line."""
    if not steps:
        return
    by = Counter(step.party for step in steps)
    late = sum(step.late for step in steps)
    told = listed([f"{_number(number, 'step')} at {party}" for party, number in by.items()])
    yield f"By procedure: {told}{f' ({late} late)' if late else ''}."


def _mail(letters: Sequence[Letter], word: str = "Mail") -> Iterator[str]:
    """One line for all that leaves at one moment, or in one day, in the order in which it was written."""
    kinds = Counter(letter.kind for letter in letters)
    if len(letters) == 1:
        yield f"{word}: {called(letters[0].kind, 1)}, to {letters[0].to}."
    elif kinds:
        yield f"{word}: {listed([called(kind, number) for kind, number in kinds.items()])}."


def opening(slug: str, begin: datetime, end: datetime, seed: int) -> str:
    first, last = (written_day(local_day(at, LONDON)) for at in (begin, end))
    return f"A rehearsal of {slug} with seed {seed},\nfrom {first} to {last}. Nothing is sent."


def ending(record: Record, people: int, sweeps: int, refused: Sequence[str], report: VerifyReport) -> Iterator[str]:
    """The year in numbers, the proof, and where the mail went."""
    reviews = len({stage["review"] for stage in record.stages})
    yield "\nThe year in numbers"
    yield f"  {_number(reviews, 'review')}, {_number(len(record.stages), 'step')} between their stages"
    yield from _breaches(record)
    yield from _complaints(record)
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


def _breaches(record: Record) -> Iterator[str]:
    if record.breaches:
        still_open = sum(breach["outcome"] is None for breach in record.breaches.values())
        about = sum(message["obligation"].startswith("breach:") for message in record.messages)
        yield f"  {_number(len(record.breaches), 'breach', 'breaches')}, {still_open or 'none'} still open at the end"
        yield f"  {_number(about, 'message')} about breaches"


def _complaints(record: Record) -> Iterator[str]:
    """With what they came to, in the order in which most did."""
    if record.complaints:
        ended = Counter(str(complaint["outcome"]) for complaint in record.complaints.values() if complaint["outcome"])
        still_open = len(record.complaints) - ended.total()
        told = listed([f"{number if number > 1 else 'one'} {outcome}" for outcome, number in ended.most_common()])
        rest = f", {still_open} still open" if still_open else ""
        yield f"  {_number(len(record.complaints), 'complaint')}: {told or 'none has ended'}{rest}"


def the_thread(text: str) -> Iterator[str]:
    """The year's last word: one thread, whole."""
    yield "\nOne thread of it, as `concordat trace` prints it\n"
    yield text.rstrip("\n")


def _number(count: int, one: str, many: str | None = None) -> str:
    return f"one {one}" if count == 1 else f"{count:,} {many or one + 's'}"
