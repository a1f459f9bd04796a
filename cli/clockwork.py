"""The clock without Prefect: one complete sweep, and when the next one has anything to do.

For `concordat sweep`, the rehearsal and the tests. The flow in `flows/sweep.py` takes the same steps.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from actions.breaches.settling import breaches_due, next_breach_step, take_breach_step
from actions.clockwork import clock_of, next_step, reviews_due, take_clock_step
from actions.complaints.settling import complaints_due, next_complaint_step, take_complaint_step
from actions.watching import SWEEP, begin_beat, end_beat
from models.away import is_away
from models.breach import Breach
from models.history import History
from models.obligation import Obligation
from models.protocol import Contact, Protocol
from models.review import Review
from models.store import reading, transaction
from rules.breach import Stage
from rules.errors import Refused
from rules.instants import end_of_day, zone_named
from rules.review import next_instant
from tasks.absences import look_for_absences, take_absences
from tasks.reminders import remind
from tasks.stuck import report_stuck_cases

LOG = logging.getLogger(__name__)
# One case's step may bring another's. Where people report faster than this goes round, reminders have their turn.
ROUNDS = 20


class Clock(NamedTuple):
    """What the clock does with one kind of case."""

    due: Callable[[Session, datetime], list[int]]
    next_step: Callable[[Session, datetime, int], Any]
    take: Callable[[Session, datetime, int, Any], bool]


# Breaches first: their clocks are short.
CLOCKS = {
    "breach": Clock(breaches_due, next_breach_step, take_breach_step),
    "complaint": Clock(complaints_due, next_complaint_step, take_complaint_step),
    "review": Clock(reviews_due, next_step, take_clock_step),
}


@dataclass
class Swept:
    """What a sweep did: `steps` of cases, obligations `looked_at`; `refused`: why one could not go on, by the case."""

    steps: int = 0
    looked_at: int = 0
    refused: dict[str, str] = field(default_factory=dict)

    def could_not_go_on(self, case: str, why: Exception) -> None:
        self.refused.setdefault(case, why_not(case, why))


def why_not(case: str, why: Exception) -> str:
    """A rule's sentence says all. What nobody foresaw has its traceback on standard error, and nowhere else."""
    if isinstance(why, Refused):
        return str(why)
    LOG.error("%s could not go on", case, exc_info=why)
    return f"{type(why).__name__}, which nobody foresaw: standard error has the rest."


def run_clock(engine: sa.Engine, now: datetime) -> Swept:
    """Take everything that is due, each step and each batch in its own transaction, until all is quiet.

    A case that cannot go on holds up no other: it becomes work for the secretary, and is tried again. Raises what
    says that the database is away.
    """
    swept = Swept()
    with transaction(engine) as session:
        begin_beat(session, now, SWEEP)
    for _ in range(ROUNDS):
        due = [case for case in _due(engine, now) if case not in swept.refused]
        for case in due:
            advance(engine, now, case, swept)
        if not due:
            break
    _see_to_absences(engine, now, swept)
    _remind(engine, now, swept)
    with transaction(engine) as session:
        end_beat(session, now, SWEEP)
    report_stuck_cases(now, sorted(swept.refused), engine)
    return swept


def _due(engine: sa.Engine, now: datetime) -> list[str]:
    with reading(engine) as session:
        return [f"{kind}:{number}" for kind, clock in CLOCKS.items() for number in clock.due(session, now)]


def advance(engine: sa.Engine, now: datetime, case: str, swept: Swept) -> None:
    """Every step that it is due."""
    try:
        while _take_step(engine, now, case):
            swept.steps += 1
    except Exception as failure:  # whoever it was, it holds up no other
        if is_away(failure):
            raise
        swept.could_not_go_on(case, failure)


def _take_step(engine: sa.Engine, now: datetime, case: str) -> bool:
    kind, _, number = case.partition(":")
    clock = CLOCKS[kind]
    with transaction(engine) as session:
        step = clock.next_step(session, now, int(number))
        return step is not None and clock.take(session, now, int(number), step)


def _see_to_absences(engine: sa.Engine, now: datetime, swept: Swept) -> None:
    due = look_for_absences(now, engine)
    for number, why in take_absences(due, now, engine).items():
        if is_away(why):
            raise why
        swept.could_not_go_on(due[number], why)


def _remind(engine: sa.Engine, now: datetime, swept: Swept) -> None:
    passed_over: set[int] = set()
    while any(done := remind(now, passed_over, engine)):
        swept.looked_at += done.looked_at
        passed_over |= done.stuck.keys()
        for case, why in done.stuck.values():
            swept.could_not_go_on(case, why)


def next_clock_instant(session: Session, after: datetime | None = None) -> datetime | None:
    """The next moment at which the clock has anything to do; None while everything waits for people.

    In the past where something is due and not taken. With `after`, the first moment later than that: whoever
    has just swept passes over what could not be taken. A review that only waits to be adopted has no moment of
    its own: the next sweep takes it.
    """
    duties = session.exec(_NEXT) if after is None else session.exec(_NEXT_AFTER, params={"after": after})
    instants = [
        *_review_instants(session), *_breach_instants(session, after), *_complaint_instants(session, after),
        duties.one(),
    ]  # fmt: skip
    return min((at for at in instants if at is not None and (after is None or at > after)), default=None)


# A simulated year asks these at every instant: to build them anew took longer than the databases did.
_NEXT = select(func.min(Obligation.next_at)).where(col(Obligation.outcome).is_(None))
_NEXT_AFTER = _NEXT.where(col(Obligation.next_at) > sa.bindparam("after"))
_GOING_ON = select(Review).where(col(Review.ended_at).is_(None))
_AWAY = (
    select(col(Contact.away_until), Protocol.zone)
    .join(Protocol, col(Protocol.id) == Contact.protocol_id)
    .where(col(Contact.away_until).is_not(None))
    .distinct()
)


def _review_instants(session: Session) -> Iterator[datetime | None]:
    for review in session.exec(_GOING_ON):
        yield next_instant(clock_of(session, review))


def _breach_instants(session: Session, after: datetime | None) -> Iterator[datetime]:
    """A step of the clock is due since something was last recorded in the case; or because somebody is back, who may
    stand in for another."""
    if after is None:
        yield from _due_since(session)
        return
    for until, zone in session.exec(_AWAY).all():
        if until is not None:
            yield end_of_day(until, zone_named(zone))


def _complaint_instants(session: Session, after: datetime | None) -> Iterator[datetime]:
    """Its step has been due since something was last recorded in the case, or since its version was adopted: before
    now, at any rate."""
    if after is None:
        for number in complaints_due(session, datetime.max.replace(tzinfo=UTC)):
            yield session.exec(select(func.max(History.at)).where(History.case == f"complaint:{number}")).one()


def _due_since(session: Session) -> Iterator[datetime]:
    statement = (
        select(Breach.id, func.max(History.at))
        .join(History, col(History.case) == sa.literal("breach:") + sa.cast(col(Breach.id), sa.String))
        .where(Breach.stage != Stage.CLOSED)
        .group_by(col(Breach.id))
    )
    for number, recorded in session.exec(statement).all():
        if number is not None and next_breach_step(session, recorded, number) is not None:
            yield recorded
