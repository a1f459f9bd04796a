"""The round of feedback ends: silence is recorded, extensions stay open, the secretary sees what came in."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from actions.cast import known_id, secretary_of
from actions.moving import review_locked, take_step
from actions.owing import discharge, open_obligation, owed
from actions.policy import due_after
from actions.proposals import carry_deferred, standing_proposals
from actions.telling import tell
from models import history
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Contact, Party, Protocol
from models.review import Feedback, Review
from notifications.messages import FeedbackClosedUnanswered, FeedbackSummary
from rules.review import Step


def close_feedback(session: Session, now: datetime, review_id: int, by: str) -> None:
    """Taken by the clock at the end of the last day, or by a person before it. Raises StepNotAllowed."""
    review = review_locked(session, review_id)
    protocol = session.get_one(Protocol, review.protocol_id)
    take_step(session, now, review, Step.CLOSE_FEEDBACK, by)
    carry_deferred(session, now, protocol, review, by)
    overdue = [duty for duty in owed(session, review.case, ObligationKind.FEEDBACK) if duty.due_at <= now]
    discharge(session, now, overdue, Outcome.LAPSED, by)
    silent, unreachable = _tell_the_silent(session, now, protocol, review, overdue)
    if overdue:
        history.write(
            session,
            review.case,
            now,
            by,
            "no answer recorded",
            silent=sorted(silent),
            unreachable=sorted(unreachable),
        )
    _hand_to_secretary(session, now, protocol, review, silent, unreachable)


def _tell_the_silent(
    session: Session, now: datetime, protocol: Protocol, review: Review, overdue: Sequence[Obligation]
) -> tuple[list[str], list[str]]:
    """The closing note. A party whose address bounced was never reached: it is not counted as silent."""
    silent: list[str] = []
    unreachable: list[str] = []
    for duty in overdue:
        contact, party = session.get_one(Contact, duty.contact_id), session.get_one(Party, duty.party_id)
        (silent if contact.bounced_at is None else unreachable).append(party.name)
        tell(
            session, now, protocol, contact, review.case, f"{duty.key}:closed",
            lambda h: FeedbackClosedUnanswered(**h, due_on=review.due_on), about=[duty],
        )  # fmt: skip
    return silent, unreachable


def _hand_to_secretary(
    session: Session,
    now: datetime,
    protocol: Protocol,
    review: Review,
    silent: Sequence[str],
    unreachable: Sequence[str],
) -> None:
    secretary = secretary_of(session, known_id(protocol))
    due_on = due_after(protocol, "drafting", now)
    duty = open_obligation(
        session, now, protocol, key=f"{review.case}:drafting:round-{review.round}", case=review.case,
        kind=ObligationKind.DRAFTING, contact=secretary, due_on=due_on,
    )  # fmt: skip
    proposals = len(standing_proposals(session, review))
    tell(
        session, now, protocol, secretary, review.case, f"{review.case}:summary:round-{review.round}",
        lambda h: FeedbackSummary(
            **h, answered=tuple(answered_parties(session, review)), silent=tuple(silent),
            unreachable=tuple(unreachable), proposals=proposals, next_commands=_next_commands(review, proposals),
        ),
        about=[duty] if duty else [],
    )  # fmt: skip


def _next_commands(review: Review, proposals: int) -> tuple[str, ...]:
    if not proposals:
        return (f"concordat review show {review.id}", f"concordat review conclude {review.id}")
    return (
        f"concordat review show {review.id}",
        "concordat proposal classify NUMBER minor|major --because WHY",
        f"concordat review seek-advice {review.id}",
        f"concordat review begin-deciding {review.id}",
    )


def answered_parties(session: Session, review: Review) -> list[str]:
    """Names of the parties that have answered in this round."""
    statement = select(Party.name).join(Feedback, col(Feedback.party_id) == Party.id)
    statement = statement.where(Feedback.review_id == review.id, Feedback.round == review.round)
    return sorted(set(session.exec(statement)))
