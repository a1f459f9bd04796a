"""The one writer of a review's stage, and the order in which everybody takes their locks.

First the protocol, then the case (`history.hold`), then rows: whoever keeps to it never waits for somebody
who waits for them.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.cast import NotThere
from models import history
from models.locking import hold_row, lock
from models.protocol import Protocol
from models.review import Review
from rules.review import ENDED, Stage, Step, stage_after


def protocol_locked(session: Session, protocol: Protocol) -> None:
    """Whoever opens, joins or ends a review, or changes who is a party, holds the protocol: two at once would
    open two. The row is read anew, as it is now that nobody else can change it."""
    lock(session, f"protocol:{protocol.slug}")
    hold_row(session, protocol, locked=True)


def hold_cases(session: Session, cases: Iterable[str]) -> None:
    """Several at once, in the order in which everybody takes them."""
    history.hold(session, *cases)


def review_locked(session: Session, review_id: int) -> Review:
    """The review as it is now, held with its protocol, so that no two people take a step at once."""
    review = session.get(Review, review_id)
    if review is None:
        raise NotThere(f"There is no review {review_id}: see `concordat status`.")
    protocol_locked(session, session.get_one(Protocol, review.protocol_id))
    history.hold(session, review.case)
    hold_row(session, review)
    return review


def reviews_at(session: Session, protocol: Protocol, *stages: Stage) -> list[Review]:
    """As they are now, the oldest first."""
    statement = select(Review).where(Review.protocol_id == protocol.id, col(Review.stage).in_(stages))
    return list(session.exec(statement.order_by(col(Review.id)).execution_options(populate_existing=True)))


def review_of(session: Session, case: str) -> Review | None:
    """The review that a case is, as it is now; None for any other case. The case is held by the caller."""
    kind, _, number = case.partition(":")
    return session.get(Review, int(number), populate_existing=True) if kind == "review" else None


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
    moved = (before.value, review.stage.value)
    history.write(session, review.case, now, by, step.value, moved=moved, why=why, **details)


def review_in(session: Session, protocol: Protocol, *stages: Stage) -> Review | None:
    """The newest review of the protocol in one of these stages, as it is now."""
    statement = select(Review).where(Review.protocol_id == protocol.id, col(Review.stage).in_(stages))
    newest = statement.order_by(col(Review.id).desc()).limit(1).execution_options(populate_existing=True)
    return session.exec(newest).first()
