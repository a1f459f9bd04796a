"""Proof: the chains of history hold, and what must always be true is true. Reads only."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import String
from sqlmodel import Session, cast, col, literal, or_, select

from actions.breaches.verifying import INVARIANTS as BREACH_INVARIANTS
from actions.cast import active_parties
from actions.complaints.verifying import INVARIANTS as COMPLAINT_INVARIANTS
from actions.gaps.verifying import INVARIANTS as GAP_INVARIANTS
from actions.lifecycles import off_the_lifecycle
from actions.policy import zone_of
from actions.threads.verifying import INVARIANTS as THREAD_INVARIANTS
from actions.verifying_sums import INVARIANTS as SUMS
from actions.versions import text_of
from models.history import broken_links, fingerprint
from models.obligation import Obligation, ObligationKind, Reminder, RungOutcome
from models.outbox import Delivery, Message
from models.protocol import Party, Protocol, Version
from models.review import Feedback, Review
from rules.instants import local_day
from rules.review import ENDED, MOVES, Stage
from rules.versions import text_hash

GRACE = timedelta(minutes=15)
LEFT_OPEN_BY_A_REVIEW = (ObligationKind.SIGNATURE, ObligationKind.CONFIRMATION, ObligationKind.IMPLEMENTATION)


@dataclass
class VerifyReport:
    """`checked` counts the invariants asked; `broken` has one sentence for each place where one does not hold."""

    checked: int = 0
    broken: list[str] = field(default_factory=list)
    fingerprint: str = ""  # of all history; see models.history.fingerprint


def verify(session: Session, now: datetime) -> VerifyReport:
    """Ask every invariant."""
    report = VerifyReport()
    for invariant in INVARIANTS:
        report.checked += 1
        report.broken.extend(invariant(session, now))
    report.fingerprint = fingerprint(session)
    return report


def history_is_unaltered(session: Session, _now: datetime) -> Iterator[str]:
    yield from broken_links(session)


def every_review_took_a_path_of_the_lifecycle(session: Session, _now: datetime) -> Iterator[str]:
    stages = {review.case: review.stage for review in session.exec(select(Review))}
    yield from off_the_lifecycle(session, "review", MOVES, stages)


def every_party_is_asked(session: Session, now: datetime) -> Iterator[str]:
    """A review that collects has one duty of feedback for every party, in its round."""
    for review in session.exec(select(Review).where(Review.stage == Stage.COLLECTING)):
        protocol = session.get_one(Protocol, review.protocol_id)
        asked = set(
            session.exec(
                select(Obligation.party_id).where(
                    Obligation.case == review.case, Obligation.kind == ObligationKind.FEEDBACK
                )
            )
        )
        for party in active_parties(session, protocol, local_day(now, zone_of(protocol))):
            if party.id not in asked:
                yield f"{review.case}: {party.slug} has not been asked for feedback"


def ended_reviews_leave_no_work(session: Session, _now: datetime) -> Iterator[str]:
    cases = {review.case for review in session.exec(select(Review).where(col(Review.stage).in_(ENDED)))}
    statement = select(Obligation).where(
        col(Obligation.outcome).is_(None), col(Obligation.kind).not_in(LEFT_OPEN_BY_A_REVIEW)
    )
    for duty in session.exec(statement):
        if duty.case in cases:
            yield f"{duty.key}: still owed, although its review has ended"


def nobody_owes_after_leaving(session: Session, now: datetime) -> Iterator[str]:
    statement = (
        select(Obligation, Party)
        .join(Party, col(Party.id) == Obligation.party_id)
        .where(col(Obligation.outcome).is_(None), col(Party.left_on).is_not(None))
    )
    for duty, party in session.exec(statement):
        if party.left_on and local_day(now, zone_of(session.get_one(Protocol, duty.protocol_id))) >= party.left_on:
            yield f"{duty.key}: still owed, although {party.slug} has left"


def answers_end_their_duty(session: Session, _now: datetime) -> Iterator[str]:
    """Whoever has given feedback in a round does not owe it any more."""
    statement = (
        select(Obligation.key)
        .join(Feedback, col(Feedback.party_id) == Obligation.party_id)
        .join(Review, col(Review.id) == Feedback.review_id)
        .where(Obligation.kind == ObligationKind.FEEDBACK, col(Obligation.outcome).is_(None))
        .where(Feedback.round == Review.round, Feedback.given_at >= Obligation.opened_at)
        .where(col(Obligation.case) == literal("review:") + cast(col(Review.id), String))
    )
    for key in session.exec(statement):
        yield f"{key}: still owed, although it was answered"


def sent_reminders_have_their_message(session: Session, _now: datetime) -> Iterator[str]:
    statement = select(Reminder.id).where(Reminder.outcome == RungOutcome.SENT, col(Reminder.message_id).is_(None))
    for number in session.exec(statement):
        yield f"reminder {number}: counted as sent without a message"


def no_lease_is_past_its_grace(session: Session, now: datetime) -> Iterator[str]:
    statement = select(Message.key).where(
        col(Message.state).in_((Delivery.CLAIMED, Delivery.SENDING)), col(Message.lease_until) < now - GRACE
    )
    for key in session.exec(statement):
        yield f"message {key}: claimed by a worker that is gone, and not recovered"


def settled_messages_say_when(session: Session, _now: datetime) -> Iterator[str]:
    settled = (Delivery.ACCEPTED, Delivery.FAILED, Delivery.WITHDRAWN)
    statement = select(Message.key).where(
        or_(
            col(Message.state).in_(settled) & col(Message.settled_at).is_(None),
            (col(Message.state) == Delivery.QUEUED) & col(Message.settled_at).is_not(None),
        )
    )
    for key in session.exec(statement):
        yield f"message {key}: its state and the instant it was settled do not agree"


def versions_have_their_hash(session: Session, _now: datetime) -> Iterator[str]:
    for version in session.exec(select(Version).where(col(Version.sha256).is_not(None))):
        if text_hash(version.label, text_of(session, version)) != version.sha256:
            yield f"version {version.label}: its text is not the one its hash was taken from"


INVARIANTS: tuple[Callable[[Session, datetime], Iterator[str]], ...] = (
    history_is_unaltered,
    every_review_took_a_path_of_the_lifecycle,
    every_party_is_asked,
    ended_reviews_leave_no_work,
    nobody_owes_after_leaving,
    answers_end_their_duty,
    sent_reminders_have_their_message,
    no_lease_is_past_its_grace,
    settled_messages_say_when,
    versions_have_their_hash,
    *SUMS,
    *BREACH_INVARIANTS,
    *COMPLAINT_INVARIANTS,
    *GAP_INVARIANTS,
    *THREAD_INVARIANTS,
)
