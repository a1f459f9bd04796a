"""A party's own breach procedure: roles, steps, limits and conditions, as plain values.

What a step waits for and whether it is needed is asked in `rules.procedure_steps`, by when it has to be done in
`rules.procedure_limits`. A condition on something that nobody knows yet is neither true nor false: the step waits
for the fact.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rules.periods import Period

SHARING_PARTNERS = "sharing partners"  # whom a step may inform beside the roles: the other parties concerned


class Standing(StrEnum):
    OWN = "own"
    MODEL = "model"  # for a kind of body, to be replaced by the party's own
    DEFAULT = "default"  # where there is no procedure at all


class Moment(StrEnum):
    """From which instant a limit counts. `step` names another step: from its being done."""

    OCCURRED = "occurred"
    SUSPECTED = "suspected"  # by anybody, as the strictest procedures have it
    DETECTED = "detected"
    REPORTED = "reported"  # the report reached Concordat
    NOTIFIED = "notified"  # the party was told: its follow-up was opened
    AWARE = "aware"
    OPENED = "opened"  # the step itself became due to be done
    STEP = "step"


class Clock(StrEnum):
    ELAPSED = "elapsed"
    WORKING_HOURS = "working hours"
    DAYS = "days"  # of the calendar, or working days: until the end of that day
    UNSPECIFIED = "unspecified"  # hours of which the text does not say which: counted as elapsed, and marked


class Urgency(StrEnum):
    """The words that stand where a figure could: no hour is invented for them."""

    IMMEDIATELY = "immediately"
    UNDUE_DELAY = "without undue delay"
    DELAY = "without delay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Either words without a figure (`urgency`), or a figure and the instant it counts from."""

    urgency: Urgency | None = None
    period: Period | None = None  # minutes, days, months or working days
    working_minutes: int | None = None
    clock: Clock = Clock.ELAPSED
    moment: Moment = Moment.OPENED
    step: str | None = None  # with Moment.STEP


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison. `subject` is a fact's name, or `severity` (a band) or `risk` (a person's conclusion)."""

    __test__ = False  # pytest

    subject: str
    verb: str  # "at least", "more than", "at most", "is", "any of"
    value: Any


@dataclass(frozen=True, slots=True)
class Every:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Some:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Negation:
    part: "Condition"


Condition = Test | Every | Some | Negation


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureRole:
    """`contact` is the value of `models.protocol.Role` it is reached as; None for one without an address here."""

    id: str
    name: str
    contact: str | None = None
    fallback: tuple[str, ...] = ()
    only: bool = False  # nobody else may do it, and no deputy


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """To another role, when that much elapsed time has gone by since the step was due."""

    after: Period
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Asked again that long after it was done, until another step has ended (or the follow-up does)."""

    every: Period
    until: str | None = None  # files name one always: what nobody ends would keep a case open


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureStep:
    id: str
    do: str  # completes "please …": "contain the breach"
    by: str
    after: tuple[str, ...] = ()
    when: Condition | None = None
    limit: Limit | None = None
    note: str | None = None
    evidence: str | None = None  # what has to show that it was done
    advised_by: tuple[str, ...] = ()
    inform: tuple[str, ...] = ()  # roles, or "sharing partners"
    duty: str | None = None  # a value of rules.breach_duties.DutyKind: the step restates that statutory duty
    escalate: tuple[Escalation, ...] = ()
    final: Limit | None = None  # after a provisional answer, which it counts from; the final one is owed within this
    may_be_provisional: bool = False
    repeat: Repeat | None = None


def roles_named(procedure: "Procedure", roles: Iterable[str]) -> tuple[str, ...]:
    """By their names; “sharing partners” stays as it is."""
    return tuple(procedure.roles[role].name if role in procedure.roles else role for role in roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    every: Period
    what: tuple[str, ...]
    to: str  # a role


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    id: str
    title: str
    version: int
    standing: Standing
    kinds: tuple[str, ...]  # of party it is a model for
    parties: tuple[str, ...]  # short names of the parties that follow it; several may share one
    covers: tuple[str, ...]  # kinds of event
    roles: Mapping[str, ProcedureRole]
    steps: Mapping[str, ProcedureStep]
    statistics: Statistics | None = None
    multi_agency: bool = False
    sources: tuple[str, ...] = ()
