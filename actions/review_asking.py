"""Everybody is asked for feedback, once a round (protocol §14: "all parties … will be asked")."""

from datetime import datetime

from sqlmodel import Session, col, select

from actions.cast import active_parties, lead_of
from actions.clauses import clause_headings
from actions.owing import discharge, open_obligation, owed
from actions.policy import zone_of
from actions.telling import tell
from models import history
from models.obligation import ObligationKind, Outcome
from models.protocol import Party, Protocol
from models.review import Review, ReviewReason
from notifications.messages import FeedbackInvited
from rules.instants import local_day
from rules.review import ReviewKind
from rules.review_dates import ReviewDates


def ask_everybody(session: Session, now: datetime, protocol: Protocol, review: Review) -> None:
    """Every party of that day owes feedback and is asked for it. Run again, it asks nobody twice."""
    for party in active_parties(session, protocol, local_day(now, zone_of(protocol))):
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
    reasons = session.exec(
        select(ReviewReason.words).where(ReviewReason.review_id == review.id).order_by(col(ReviewReason.id))
    ).all()
    clauses = clause_headings(session, protocol)
    tell(
        session, now, protocol, contact, review.case, f"{key}:invite",
        lambda h: FeedbackInvited(
            **h, review_on=review.review_on, due_on=review.due_on, reasons=tuple(reasons), clauses=clauses,
            extraordinary=review.kind is ReviewKind.EXTRAORDINARY,
        ),
        about=[duty], only_while_owed=True,
    )  # fmt: skip


def ask_again(session: Session, now: datetime, protocol: Protocol, review: Review, dates: ReviewDates) -> None:
    """A new round: the old requests are superseded by one that names every reason."""
    for kind in (
        ObligationKind.FEEDBACK,
        ObligationKind.DRAFTING,
        ObligationKind.ADVICE,
        ObligationKind.DECISION,
    ):
        discharge(session, now, owed(session, review.case, kind), Outcome.SUPERSEDED, history.CLOCK)
    review.round += 1
    review.due_on, review.due_at = dates.due_on, dates.due_at
    session.add(review)
    ask_everybody(session, now, protocol, review)
