"""What every face shows of one party's follow-up, as plain values. A party sees its own and no other's."""

from dataclasses import dataclass
from datetime import date, datetime

from actions.breaches.duties import DutyView


@dataclass(frozen=True, kw_only=True)
class ClockLine:
    """Something that is owed. `due_at` is the limit: the end of `due_on`, or where `exact` the instant itself, and
    then `left` says how far that is. `statutory`: the law's own 72 hours, which nobody can extend. With `asked_at` it
    has no deadline: it has been asked for since then, and `due_at` is when Concordat asks again.
    """

    number: int
    key: str
    kind: str
    what: str
    step: str | None
    role: str
    address: str
    reachable: bool
    due_on: date
    due_at: datetime
    exact: bool
    statutory: bool
    left: str
    overdue: bool
    asked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ProcedureLine:
    """`standing`: the party's own, a model for its kind, or the default."""

    key: str
    version: int
    title: str
    standing: str


@dataclass(frozen=True, kw_only=True)
class AwarenessLine:
    aware_at: datetime
    who: str
    why: str
    recorded_at: datetime
    recorded_by: str
    corrected: int


@dataclass(frozen=True, kw_only=True)
class ConclusionLine:
    risk: str
    why: str
    severity: str | None
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True)
class StepLine:
    """`limit` is the procedure's own words; `clock` what is owed of it now, also where the procedure has no figure."""

    step: str
    do: str
    who: str
    state: str
    limit: str | None
    needed_if: str | None
    waits_for: tuple[str, ...]
    missing: tuple[str, ...]
    duty: str | None
    advised_by: tuple[str, ...]
    inform: tuple[str, ...]
    note: str | None
    asks_evidence: str | None
    clock: ClockLine | None
    ended_at: datetime | None
    ended_by: str | None
    outcome: str | None
    evidence: str | None
    provisional: bool


@dataclass(frozen=True, kw_only=True)
class NoticeLine:
    to: str
    number: int
    kind: str
    given_at: datetime
    recorded_by: str
    regulator_reference: str | None
    missing: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FollowUpView:
    """`differs`: what the record says otherwise today than the last notice did. `to_do`: before it can be finished."""

    party: str
    name: str
    opened_at: datetime
    ended_at: datetime | None
    end: str | None
    end_why: str | None
    procedure: ProcedureLine
    regime: str
    capacity: str
    awareness: AwarenessLine | None
    conclusion: ConclusionLine | None
    duties: tuple[DutyView, ...]
    clocks: tuple[ClockLine, ...]
    steps: tuple[StepLine, ...]
    notices: tuple[NoticeLine, ...]
    differs: tuple[str, ...]
    to_do: tuple[str, ...]
