"""The clock without Prefect: one complete sweep, and when the next one has anything to do.

For `concordat sweep`, the rehearsal and the tests. The flow in `flows/sweep.py` takes the same steps.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from actions.clockwork import clock_of, next_step, reviews_due, take_clock_step
from actions.reminding import remind_batch
from actions.watching import SWEEP, begin_beat, end_beat, report_stuck_reviews
from models.obligation import Obligation
from models.review import Review
from models.store import reading, transaction
from rules.errors import Refused
from rules.review import next_instant


@dataclass
class Swept:
    """What a sweep did: `steps` of reviews, obligations `looked_at`; `refused`: a sentence by the review's id."""

    steps: int = 0
    looked_at: int = 0
    refused: dict[int, str] = field(default_factory=dict)


def run_clock(engine: sa.Engine, now: datetime) -> Swept:
    """Take everything that is due, each step and each batch in its own transaction, until all is quiet.

    A review whose step is refused holds up no other: it becomes work for the secretary, and is tried again.
    """
    swept = Swept()
    with transaction(engine) as session:
        begin_beat(session, now, SWEEP)
    while due := [number for number in _due(engine, now) if number not in swept.refused]:
        for review_id in due:
            _advance(engine, now, review_id, swept)
    while looked_at := _remind(engine, now):
        swept.looked_at += looked_at
    with transaction(engine) as session:
        end_beat(session, now, SWEEP)
        report_stuck_reviews(session, now, sorted(swept.refused))
    return swept


def _due(engine: sa.Engine, now: datetime) -> list[int]:
    with reading(engine) as session:
        return reviews_due(session, now)


def _advance(engine: sa.Engine, now: datetime, review_id: int, swept: Swept) -> None:
    try:
        while _take_step(engine, now, review_id):
            swept.steps += 1
    except Refused as refusal:
        swept.refused[review_id] = str(refusal)


def _take_step(engine: sa.Engine, now: datetime, review_id: int) -> bool:
    with transaction(engine) as session:
        step = next_step(session, now, review_id)
        return step is not None and take_clock_step(session, now, review_id, step)


def _remind(engine: sa.Engine, now: datetime) -> int:
    with transaction(engine) as session:
        return remind_batch(session, now)


def next_clock_instant(session: Session, after: datetime | None = None) -> datetime | None:
    """The next moment at which the clock has anything to do; None while everything waits for people.

    In the past where something is due and not taken. With `after`, the first moment later than that: whoever
    has just swept passes over what could not be taken. A review that only waits to be adopted has no moment of
    its own: the next sweep takes it.
    """
    duties = select(func.min(Obligation.next_at)).where(col(Obligation.outcome).is_(None))
    if after is not None:
        duties = duties.where(col(Obligation.next_at) > after)
    instants = [*_review_instants(session), session.exec(duties).one()]
    return min((at for at in instants if at is not None and (after is None or at > after)), default=None)


def _review_instants(session: Session) -> Iterator[datetime | None]:
    for review in session.exec(select(Review).where(col(Review.ended_at).is_(None))):
        yield next_instant(clock_of(session, review))
