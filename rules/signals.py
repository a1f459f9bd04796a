"""Signals: when determinations and late acknowledgements, counted over a window, raise a question (protocol §14).

Counted are complaints, not findings: a complaint that is split into issues raises nothing by itself. A signal asks; it
decides nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple, TypeVar

from rules.anchors import corresponding_day
from rules.sentences import written_day

Row = TypeVar("Row", "Breakdown", "Acknowledgement")


class SignalKind(StrEnum):
    CLAUSE_PARTIES = "clause broken by several parties"
    CLAUSE_TIMES = "clause broken often"
    PARTY_TIMES = "one party often"
    LATE = "acknowledgements late"


class Breakdown(NamedTuple):
    """A party did not follow a clause: “breakdown” and “both” alike. `day`: on which it was determined."""

    clause: str | None
    party: str
    day: date
    complaint: int


class Acknowledgement(NamedTuple):
    """What a party owed whoever complained, by the end of `due`; `done` None: it has not been given. `party` None: the
    secretary owed it, which raises no question about a party."""

    party: str | None
    due: date
    done: date | None
    complaint: int

    def is_late(self, on: date) -> bool:
        """In time to the end of its last day, late from the next one on, as far as was known on that day."""
        return self.due < on and (self.done is None or self.done > self.due)


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """A signal stands from this number on."""

    clause_parties: int
    clause_times: int
    party_times: int
    late_acknowledgements: int


class Span(NamedTuple):
    """Both days included."""

    first_day: date
    last_day: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first_day <= day <= self.last_day

    def __str__(self) -> str:
        """“in the year to Wednesday 31 March 2027”, or from and to."""
        if corresponding_day(self.first_day, 12).toordinal() == self.last_day.toordinal() + 1:
            return f"in the year to {written_day(self.last_day)}"
        return f"from {written_day(self.first_day)} to {written_day(self.last_day)}"


@dataclass(frozen=True, kw_only=True)
class Signal:
    """`subject`: a clause, or a party's short name. `first_day`, `last_day`: of what is counted, not of the window."""

    kind: SignalKind
    subject: str
    count: int
    threshold: int
    first_day: date
    last_day: date
    complaints: tuple[int, ...]
    sentence: str

    @property
    def key(self) -> str:
        """The same for as long as it stands, whatever the count: it is raised once, and again only when it had gone."""
        return f"{self.kind.name.lower().replace('_', '-')}:{self.subject}"


def signals(
    breakdowns: Iterable[Breakdown],
    acknowledgements: Iterable[Acknowledgement],
    thresholds: Thresholds,
    window: Span,
    names: Mapping[str, str] | None = None,
) -> tuple[Signal, ...]:
    """Those that stand on the window's last day. `names`: of parties, for the sentences; else their short names.

    A late acknowledgement counts on the day on which it was due.
    """
    broken = [each for each in breakdowns if each.day in window]
    late = [each for each in acknowledgements if each.due in window and each.is_late(window.last_day)]
    named = names or {}
    found = [
        *_by_clause_and_parties(broken, thresholds.clause_parties, window),
        *_by_clause(broken, thresholds.clause_times, window),
        *_by_party(broken, thresholds.party_times, window, named),
        *_by_lateness(late, thresholds.late_acknowledgements, window, named),
    ]
    return tuple(sorted(found, key=lambda each: (list(SignalKind).index(each.kind), -each.count, each.subject)))


def _by_clause_and_parties(rows: Sequence[Breakdown], threshold: int, window: Span) -> Iterable[Signal]:
    for clause, of in _grouped(rows, lambda row: row.clause).items():
        if (count := len({row.party for row in of})) >= threshold:
            said = f"Clause {clause} was broken by {_times(count, 'party', 'parties')} {window}: does the clause work?"
            yield _signal(SignalKind.CLAUSE_PARTIES, clause, count, threshold, _days(of), said)


def _by_clause(rows: Sequence[Breakdown], threshold: int, window: Span) -> Iterable[Signal]:
    for clause, of in _grouped(rows, lambda row: row.clause).items():
        if (count := _complaints(of)) >= threshold:
            said = f"Clause {clause} was broken {_times(count, 'time', 'times')} {window}: does the clause work?"
            yield _signal(SignalKind.CLAUSE_TIMES, clause, count, threshold, _days(of), said)


def _by_party(rows: Sequence[Breakdown], threshold: int, window: Span, names: Mapping[str, str]) -> Iterable[Signal]:
    for party, of in _grouped(rows, lambda row: row.party).items():
        if (count := _complaints(of)) >= threshold:
            said = (
                f"{names.get(party, party)} did not follow the protocol {_times(count, 'time', 'times')} {window}: "
                "what would help it to?"
            )
            yield _signal(SignalKind.PARTY_TIMES, party, count, threshold, _days(of), said)


def _by_lateness(
    rows: Sequence[Acknowledgement], threshold: int, window: Span, names: Mapping[str, str]
) -> Iterable[Signal]:
    for party, of in _grouped(rows, lambda row: row.party).items():
        if (count := _complaints(of)) >= threshold:
            said = (
                f"{names.get(party, party)} was late to acknowledge {_times(count, 'complaint', 'complaints')} "
                f"{window}: what holds it up?"
            )
            yield _signal(SignalKind.LATE, party, count, threshold, [(row.due, row.complaint) for row in of], said)


def _grouped(rows: Iterable[Row], by: Callable[[Row], str | None]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if (subject := by(row)) is not None:
            groups[subject].append(row)
    return groups


def _complaints(rows: Sequence[Breakdown] | Sequence[Acknowledgement]) -> int:
    return len({row.complaint for row in rows})


def _days(rows: Iterable[Breakdown]) -> list[tuple[date, int]]:
    return [(row.day, row.complaint) for row in rows]


def _signal(
    kind: SignalKind, subject: str, count: int, threshold: int, days: Sequence[tuple[date, int]], sentence: str
) -> Signal:
    return Signal(
        kind=kind, subject=subject, count=count, threshold=threshold, first_day=min(day for day, _ in days),
        last_day=max(day for day, _ in days), complaints=tuple(sorted({number for _, number in days})),
        sentence=sentence,
    )  # fmt: skip


def _times(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
