"""The one writer of a review's stage."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.cast import NotThere
from models import history
from models.protocol import Protocol
from models.review import Review
from models.store import lock
from rules.review import ENDED, Stage, Step, stage_after


def review_locked(session: Session, review_id: int) -> Review:
    """The review, held until the transaction ends, so that no two people take a step at once."""
    review = session.get(Review, review_id, with_for_update=True, populate_existing=True)
    if review is None:
        raise NotThere(f"There is no review {review_id}: see `concordat status`.")
    return review


def protocol_locked(session: Session, protocol: Protocol) -> None:
    """Whoever opens, joins or ends a review holds its protocol: two at once would open two."""
    lock(session, f"protocol:{protocol.slug}")


def take_step(
    session: Session,
    now: datetime,
    review: Review,
    step: Step,
    by: str,
    why: str | None = None,
    **details: Any,
) -> None:
    """Raises StepNotAllowed. Writes the history row of the move."""
    before, review.stage = review.stage, stage_after(review.stage, step)
    if review.stage in ENDED:
        review.ended_at = now
    session.add(review)
    history.write(
        session,
        review.case,
        now,
        by,
        step.value,
        moved=(before.value, review.stage.value),
        why=why,
        **details,
    )


def review_in(session: Session, protocol: Protocol, *stages: Stage) -> Review | None:
    """The newest review of the protocol in one of these stages."""
    statement = select(Review).where(Review.protocol_id == protocol.id, col(Review.stage).in_(stages))
    return session.exec(statement.order_by(col(Review.id).desc())).first()
