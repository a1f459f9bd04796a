"""The round of feedback ends: silence is recorded, extensions stay open, the secretary sees what came in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from actions.cast import known_id, secretary_of
from actions.duties import discharge, open_obligation, owed
from actions.gaps.answering import carry_answers
from actions.gaps.keeping import open_gaps
from actions.moving import review_locked, take_step
from actions.policy import due_after
from actions.proposals import carry_deferred, standing_proposals
from actions.telling import Told, tell, tell_many
from actions.waiving import asked_of, waive_many
from models import history
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Party, Protocol
from models.review import Feedback, Review
from notifications.messages import FeedbackClosedUnanswered, FeedbackSummary
from rules.review import Step

Names = tuple[str, ...]


class Unanswered(NamedTuple):
    """Names of the parties from which nothing came in a round. Those that answered before were not silent."""

    silent: Names
    unreachable: Names
    before: Names


def close_feedback(session: Session, now: datetime, review_id: int, by: str) -> None:
    """Taken by the clock at the end of the last day, or by a person before it. Raises StepNotAllowed.

    Whoever has more time, or still has some because a person closes early, may answer while it is drafted.
    """
    review = review_locked(session, review_id)
    protocol = session.get_one(Protocol, review.protocol_id)
    take_step(session, now, review, Step.CLOSE_FEEDBACK, by)
    carry_deferred(session, now, protocol, review, by)
    carry_answers(session, now, review, by)
    overdue = [duty for duty in owed(session, review.case, ObligationKind.FEEDBACK) if duty.is_overdue(now)]
    unanswered = record_silence(session, now, protocol, review, overdue, by)
    _hand_to_secretary(session, now, protocol, review, unanswered)


def record_silence(
    session: Session, now: datetime, protocol: Protocol, review: Review, duties: Sequence[Obligation], by: str
) -> Unanswered:
    """These parties did not answer, and are told so. One whose address bounced was never reached: it was not silent;
    nor was one that answered before feedback was asked for again."""
    discharge(session, now, duties, Outcome.LAPSED, by)
    before, who = answered_parties(session, review, before=True), asked_of(session, duties)
    found: dict[str, list[str]] = {"silent": [], "unreachable": [], "before": []}
    for contact, party in who.values():
        answered = party.name in before
        found["before" if answered else "silent" if contact.bounced_at is None else "unreachable"].append(party.name)
    tell_many(session, now, [
        Told(
            protocol=protocol, to=who[known_id(duty)][0], case=review.case, key=f"{duty.key}:closed",
            say=lambda h, due_on=duty.due_on: FeedbackClosedUnanswered(  # type: ignore[misc]
                **h, due_on=due_on, answered_before=h["party"] in before
            ),
            about=[duty],
        )
        for duty in duties
    ])  # fmt: skip
    unanswered = Unanswered(**{what: tuple(sorted(names)) for what, names in found.items()})
    if duties:
        before_this: dict[str, Any] = {"answered_before": list(unanswered.before)} if unanswered.before else {}
        history.write(
            session, review.case, now, by, "no answer recorded", silent=list(unanswered.silent),
            unreachable=list(unanswered.unreachable), **before_this,
        )  # fmt: skip
    return unanswered


def end_feedback(session: Session, now: datetime, protocol: Protocol, review: Review, by: str) -> None:
    """The review goes on: nothing more could be considered, so nothing more is owed. Whoever still had time is told."""
    duties = owed(session, review.case, ObligationKind.FEEDBACK)
    record_silence(session, now, protocol, review, [duty for duty in duties if duty.is_overdue(now)], by)
    in_time = [duty for duty in duties if not duty.is_overdue(now)]
    waive_many(session, now, protocol, review.case, in_time, by, "The review has gone on before that day.")


def ask_for_drafting(
    session: Session, now: datetime, protocol: Protocol, review: Review, key: str
) -> Obligation | None:
    return open_obligation(
        session, now, protocol, key=key, case=review.case, kind=ObligationKind.DRAFTING,
        contact=secretary_of(session, known_id(protocol)), due_on=due_after(protocol, "drafting", now),
    )  # fmt: skip


def _hand_to_secretary(
    session: Session, now: datetime, protocol: Protocol, review: Review, unanswered: Unanswered
) -> None:
    duty = ask_for_drafting(session, now, protocol, review, f"{review.case}:drafting:round-{review.round}")
    due_on = duty.due_on if duty else due_after(protocol, "drafting", now)
    secretary, proposals = secretary_of(session, known_id(protocol)), len(standing_proposals(session, review))
    gaps = len(open_gaps(session, protocol))
    waiting = [duty.party_id for duty in owed(session, review.case, ObligationKind.FEEDBACK)]
    still_open = tuple(sorted(session.exec(select(Party.name).where(col(Party.id).in_(waiting)))))
    tell(
        session, now, protocol, secretary, review.case, f"{review.case}:summary:round-{review.round}",
        lambda h: FeedbackSummary(
            **h, answered=tuple(answered_parties(session, review)), silent=unanswered.silent,
            unreachable=unanswered.unreachable, before=unanswered.before, still_open=still_open,
            proposals=proposals, due_on=due_on, next_commands=_next_commands(review, proposals), gaps=gaps,
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


def answered_parties(session: Session, review: Review, *, before: bool = False) -> list[str]:
    """Names of the parties that have answered in this round; or `before` it."""
    in_round = Feedback.round < review.round if before else Feedback.round == review.round
    statement = select(Party.name).join(Feedback, col(Feedback.party_id) == Party.id)
    return sorted(set(session.exec(statement.where(Feedback.review_id == review.id, in_round))))
