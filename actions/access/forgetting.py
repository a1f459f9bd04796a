"""What need not be remembered for ever: answers that nobody asks for a second time."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, delete

from models.access import AnsweredRequest

ASKED_AGAIN_WITHIN = timedelta(days=7)  # a program that could not reach us over a long weekend tries again


def forget_old_answers(session: Session, now: datetime) -> int:
    """How many. The same key is free again afterwards."""
    old = delete(AnsweredRequest).where(col(AnsweredRequest.answered_at) <= now - ASKED_AGAIN_WITHIN)
    forgotten: int = session.execute(old).rowcount  # type: ignore[attr-defined]
    return forgotten
