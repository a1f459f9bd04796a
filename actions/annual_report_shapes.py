"""What a year looked like, as plain values: numbers, bodies, references. Dissent alone is in people's words."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

Counts = tuple[tuple[str, int], ...]


class Kept(StrEnum):
    """How a deadline of the year was kept, by what is known when the report is made."""

    IN_TIME = "in time"
    LATE = "late"  # done after its limit, or still owed after it
    NEVER = "not done"  # its limit passed, and then nobody waited for it any more
    RUNNING = "still running"
    NOT_NEEDED = "waived or not needed"


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """One thing that was owed. `reference` is how people name its case; `late_by` is elapsed time, in words."""

    kind: str
    case: str
    reference: str
    who: str
    due_at: datetime
    due_on: date | None  # the last day on which it was in time; None where hours were counted
    done_at: datetime | None
    kept: Kept
    late_by: str

    @property
    def of(self) -> str:
        """“breach”, “complaint”, “review”."""
        return self.case.partition(":")[0]


@dataclass(frozen=True, kw_only=True)
class KeptLine:
    kind: str
    due: int
    counts: Counts  # by Kept, in its order


@dataclass(frozen=True, kw_only=True)
class Dissent:
    proposal: int
    clause: str
    words: str


@dataclass(frozen=True, kw_only=True)
class ReviewYear:
    """A review that went on in the year. `confirmations`: answered, still owed, with something not yet in place."""

    number: int
    kind: str
    stage: str
    review_on: date
    asked: int
    standings: Counts
    answers: tuple[tuple[str, str], ...]  # party, how it stands
    silent: tuple[str, ...]  # whoever was reached and let its day pass in this year; a bounced address is not silence
    proposals: int
    decisions: Counts
    dissents: tuple[Dissent, ...]
    version: str | None
    signatures: Counts
    confirmations: Counts


@dataclass(frozen=True, kw_only=True)
class BreachYear:
    """Breaches reported in the year. Merged ones are counted with the one they were merged into, and what was found to
    be no breach is in `outcomes` alone. `by_cause`: a breach once, by the first lesson learnt from it."""

    reported: int
    outcomes: Counts
    by_severity: Counts
    by_cause: tuple[tuple[str, Counts], ...]
    regulator: Counts
    partners: Counts


@dataclass(frozen=True, kw_only=True)
class ComplaintYear:
    received: int
    by_kind: Counts
    determined: Counts
    by_clause: tuple[tuple[str, str, Counts], ...]  # id, heading
    acknowledged: Counts


@dataclass(frozen=True, kw_only=True)
class GapLine:
    number: int
    clause: str | None
    words: str
    stage: str
    opened_on: date
    closed_on: date | None


@dataclass(frozen=True, kw_only=True)
class GapYear:
    """`waiting`: open at the end of the year, or today."""

    opened: int
    resolved: int
    closed: int
    waiting: int
    lines: tuple[GapLine, ...]


@dataclass(frozen=True, kw_only=True)
class LawLine:
    act: str
    section: str | None
    in_force_from: date
    clauses: tuple[str, ...]
    review: int | None


@dataclass(frozen=True, kw_only=True)
class SilentParty:
    name: str
    reviews: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class YearReport:
    """Of a year that goes on (`is_over` false) as far as it has gone."""

    protocol: str
    name: str
    year: int
    written_on: date
    is_over: bool
    parties: int
    version: str | None
    reviews: tuple[ReviewYear, ...]
    signed_by_month: tuple[tuple[date, int], ...]
    breaches: BreachYear
    complaints: ComplaintYear
    gaps: GapYear
    law: tuple[LawLine, ...]
    deadlines: tuple[KeptLine, ...]
    late: tuple[Deadline, ...]
    silent: tuple[SilentParty, ...]
