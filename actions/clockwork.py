"""What the clock does with reviews: which are due, and taking the step that is due after asking the rule again."""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

import sqlalchemy as sa
from sqlmodel import Session, and_, col, func, or_, select

from actions.cast import known_id
from actions.moving import review_locked
from actions.policy import zone_of
from actions.review_adopting import adopt
from actions.review_asking import ask_newcomers, unasked
from actions.review_closing import close_feedback
from actions.review_opening import open_scheduled
from actions.signatures import carried_by
from models.fail_points import reached
from models.history import CLOCK
from models.obligation import Obligation, ObligationKind
from models.protocol import Protocol
from models.review import Review
from rules.review import ClockStep, ReviewClock, Stage, Step, due_step, first_newcomer


def reviews_due(session: Session, now: datetime) -> list[int]:
    """Reviews for which the clock has a step to take."""
    reviews = session.exec(_MAY_BE_DUE, params={"now": now})
    return [review.id for review in reviews if review.id and due_step(clock_of(session, review), now)]


_MAY_BE_DUE = (
    select(Review)
    .where(
        or_(
            and_(col(Review.stage) == Stage.SCHEDULED, col(Review.opens_at) <= sa.bindparam("now")),
            col(Review.stage).in_((Stage.COLLECTING, Stage.SIGNING)),
        )
    )
    .order_by(col(Review.id))
)


def next_step(session: Session, now: datetime, review_id: int) -> ClockStep | None:
    return due_step(clock_of(session, session.get_one(Review, review_id)), now)


def take_clock_step(session: Session, now: datetime, review_id: int, step: ClockStep) -> bool:
    """Take it if it is still due; False where another worker was here first."""
    review = review_locked(session, review_id)
    if due_step(clock_of(session, review), now) is not step:
        return False
    match step:
        case Step.INVITE_FEEDBACK:
            _invite(session, now, review)
        case Step.CLOSE_FEEDBACK:
            close_feedback(session, now, review_id, CLOCK)
        case Step.ADOPT:
            adopt(session, now, review_id, CLOCK)
        case _:
            assert_never(step)
    reached("review step taken")
    return True


def _invite(session: Session, now: datetime, review: Review) -> None:
    if review.stage is Stage.SCHEDULED:
        open_scheduled(session, now, known_id(review), CLOCK)
    else:
        ask_newcomers(session, now, session.get_one(Protocol, review.protocol_id), review, CLOCK)


def clock_of(session: Session, review: Review) -> ReviewClock:
    """The review as the rules see it."""
    bare = ReviewClock(stage=review.stage, opens_at=review.opens_at, due_at=review.due_at)
    match review.stage:
        case Stage.COLLECTING:
            return replace(bare, newcomer_at=_newcomer_at(session, review))
        case Stage.SIGNING:
            owing = _signatures_owed(session, review)
            return replace(bare, signatures_owed=owing, signed=0 if owing else len(carried_by(session, review)))
        case _:
            return bare


def _signatures_owed(session: Session, review: Review) -> int:
    return session.exec(_OWING, params={"case": review.case}).one()


_OWING = select(func.count()).where(
    Obligation.case == sa.bindparam("case"), Obligation.kind == ObligationKind.SIGNATURE,
    col(Obligation.outcome).is_(None),
)  # fmt: skip


def _newcomer_at(session: Session, review: Review) -> datetime | None:
    protocol = session.get_one(Protocol, review.protocol_id)
    days = [party.joined_on for party in unasked(session, protocol, review, review.due_on)]
    return first_newcomer(days, review.opens_at, zone_of(protocol))
