"""What need not be remembered for ever: answers that nobody asks for a second time, and visits, links and codes that
are long over."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, func, or_, select

from models.access import AnsweredRequest, SignIn, SigningCode, WebSession

ASKED_AGAIN_WITHIN = timedelta(days=7)  # a program that could not reach us over a long weekend tries again
KEPT_AFTER_THE_END = timedelta(days=30)  # long enough to look who came in by a link that went astray


def forget_what_is_over(session: Session, now: datetime) -> int:
    """How many answers under a sender's own key, visits, links and codes."""
    return forget_old_answers(session, now) + forget_old_visits(session, now)


def forget_old_answers(session: Session, now: datetime) -> int:
    """How many. The same key is free again afterwards."""
    old = delete(AnsweredRequest).where(col(AnsweredRequest.answered_at) <= now - ASKED_AGAIN_WITHIN)
    forgotten: int = session.execute(old).rowcount  # type: ignore[attr-defined]
    return forgotten


def forget_old_visits(session: Session, now: datetime) -> int:
    """Visits, sign-in links and signing codes that ended thirty days ago. How many.

    Each user's newest visit stays: it says that somebody has signed in before. So does the newest row of each table:
    a secret is made from its row's number, and SQLite would give the last number again.
    """
    before, visit = now - KEPT_AFTER_THE_END, WebSession
    newest = select(func.max(visit.id)).where(col(visit.user_id).is_not(None)).group_by(col(visit.user_id))
    visits = delete(visit).where(
        or_(col(visit.ended_at) <= before, col(visit.expires_at) <= before), col(visit.id).not_in(newest),
        col(visit.id) < select(func.max(visit.id)).scalar_subquery(),
    )  # fmt: skip
    secrets = [
        delete(kind).where(
            col(kind.expires_at) <= before, col(kind.id) < select(func.max(kind.id)).scalar_subquery()
        )
        for kind in (SignIn, SigningCode)
    ]  # fmt: skip
    return sum(session.execute(each).rowcount for each in (visits, *secrets))  # type: ignore[attr-defined]
