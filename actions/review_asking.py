"""Everybody is asked for feedback, once a round (protocol §14: "all parties … will be asked")."""

from datetime import datetime

from sqlmodel import Session, col, select

from actions.cast import active_parties, lead_of
from actions.clauses import clause_headings
from actions.duties import discharge, open_obligation, owed
from actions.policy import today_of
from actions.telling import tell
from models.obligation import ObligationKind, Outcome
from models.protocol import Party, Protocol
from models.review import Review, ReviewReason
from notifications.messages import FeedbackInvited
from rules.review import ReviewKind
from rules.review_dates import ReviewDates

WORK_OF_A_ROUND = (
    ObligationKind.FEEDBACK, ObligationKind.DRAFTING, ObligationKind.ADVICE, ObligationKind.DECISION
)  # fmt: skip


def ask_everybody(session: Session, now: datetime, protocol: Protocol, review: Review) -> None:
    """Every party of that day owes feedback and is asked for it. Run again, it asks nobody twice."""
    for party in active_parties(session, protocol, today_of(protocol, now)):
        ask(session, now, protocol, review, party)


def ask(session: Session, now: datetime, protocol: Protocol, review: Review, party: Party) -> None:
    """One party owes feedback, with whatever time is left."""
    contact = lead_of(session, party)
    key = f"{review.case}:feedback:{party.slug}" + (f":round-{review.round}" if review.round > 1 else "")
    duty = open_obligation(
        session, now, protocol, key=key, case=review.case, kind=ObligationKind.FEEDBACK,
        contact=contact, party=party, due_on=review.due_on,
    )  # fmt: skip
    if duty is None:
        return
    reasons = tuple(reason.words for reason in reasons_of(session, review))
    clauses = clause_headings(session, protocol)
    tell(
        session, now, protocol, contact, review.case, f"{key}:invite",
        lambda h: FeedbackInvited(
            **h, review_on=review.review_on, due_on=review.due_on, reasons=reasons, clauses=clauses,
            extraordinary=review.kind is ReviewKind.EXTRAORDINARY,
        ),
        about=[duty], only_while_owed=True,
    )  # fmt: skip


def ask_again(
    session: Session, now: datetime, protocol: Protocol, review: Review, dates: ReviewDates, by: str, why: str
) -> None:
    """A new round: what was owed in the old one is superseded by one request that names every reason."""
    discharge(session, now, owed(session, review.case, *WORK_OF_A_ROUND), Outcome.SUPERSEDED, by, why)
    review.round += 1
    review.due_on, review.due_at = dates.due_on, dates.due_at
    session.add(review)
    ask_everybody(session, now, protocol, review)


def reasons_of(session: Session, review: Review) -> list[ReviewReason]:
    """Why the review is held, the first reason first."""
    statement = select(ReviewReason).where(ReviewReason.review_id == review.id)
    return list(session.exec(statement.order_by(col(ReviewReason.id))))
