"""What the clock does with reviews: which are due, and taking the step that is due after asking the rule again."""

from datetime import datetime
from typing import assert_never

from sqlmodel import Session, and_, col, func, or_, select

from actions.moving import review_locked
from actions.review_adopting import adopt
from actions.review_closing import close_feedback
from actions.review_opening import open_scheduled
from models.history import CLOCK
from models.obligation import Obligation, ObligationKind
from models.review import Review
from rules.review import ClockStep, ReviewClock, Stage, Step, due_step


def reviews_due(session: Session, now: datetime) -> list[int]:
    """Reviews for which the clock has a step to take."""
    statement = select(Review).where(
        or_(
            and_(col(Review.stage) == Stage.SCHEDULED, col(Review.opens_at) <= now),
            and_(col(Review.stage) == Stage.COLLECTING, col(Review.due_at) <= now),
            col(Review.stage) == Stage.SIGNING,
        )
    )
    reviews = session.exec(statement.order_by(col(Review.id)))
    return [review.id for review in reviews if review.id and due_step(_clock_of(session, review), now)]


def next_step(session: Session, now: datetime, review_id: int) -> ClockStep | None:
    return due_step(_clock_of(session, session.get_one(Review, review_id)), now)


def take_clock_step(session: Session, now: datetime, review_id: int, step: ClockStep) -> bool:
    """Take it if it is still due; False where another worker was here first."""
    review = review_locked(session, review_id)
    if due_step(_clock_of(session, review), now) is not step:
        return False
    match step:
        case Step.INVITE_FEEDBACK:
            open_scheduled(session, now, review_id, CLOCK)
        case Step.CLOSE_FEEDBACK:
            close_feedback(session, now, review_id, CLOCK)
        case Step.ADOPT:
            adopt(session, now, review_id, CLOCK)
        case _:
            assert_never(step)
    return True


def _clock_of(session: Session, review: Review) -> ReviewClock:
    owed = 0
    if review.stage is Stage.SIGNING:
        owed = session.exec(
            select(func.count()).where(
                Obligation.case == review.case,
                Obligation.kind == ObligationKind.SIGNATURE,
                col(Obligation.outcome).is_(None),
            )
        ).one()
    return ReviewClock(stage=review.stage, opens_at=review.opens_at, due_at=review.due_at, signatures_owed=owed)
