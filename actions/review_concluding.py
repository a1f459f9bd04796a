"""What follows when everything is decided: the next version, or no change; or a review that is not held."""

from datetime import datetime

from sqlmodel import Session

from actions.cast import active_parties
from actions.duties import discharge, owed
from actions.gaps.answering import gaps_of_review_settled, resolve_gaps
from actions.gaps.asking import list_urgent_again
from actions.gaps.moving import hold_gaps_of
from actions.law.unanswered import list_unanswered_changes
from actions.moving import review_locked, take_step
from actions.newcomers import ask_newcomers_to_adopt
from actions.policy import minor_versions_are_signed, today_of
from actions.proposals import decision_on, standing_proposals
from actions.reasons import reason
from actions.review_closing import end_feedback
from actions.review_not_held import list_the_year
from actions.review_scheduling import schedule_next
from actions.signature_requests import announce, ask_for_signatures
from actions.signatures import hold_what_is_signed
from actions.telling import tell_leads
from actions.versions import MADE_FROM, accepted_in, base_version, is_major, make_version
from models.obligation import ObligationKind, Outcome
from models.protocol import Protocol
from models.review import Proposal, Review
from notifications.messages import ReviewCancelled, ReviewConcludedUnchanged
from rules.errors import Refused
from rules.review import ENDED, Stage, Step, stage_after
from rules.sentences import listed


class StillUndecided(Refused):
    def __init__(self, undecided: list[Proposal]) -> None:
        numbers = listed([str(proposal.id) for proposal in undecided])
        super().__init__(f"Decide every proposal first: {numbers} still to go.")


def conclude(session: Session, now: datetime, review_id: int, by: str) -> Stage:
    """Everything is decided: the new version is signed or announced, or the review ends with no change."""
    review = _held_with_what_is_signed(session, review_id)
    protocol = session.get_one(Protocol, review.protocol_id)
    step = _concluding_step(session, protocol, review)
    stage_after(review.stage, step)
    if undecided := [p for p in standing_proposals(session, review) if decision_on(session, p) is None]:
        raise StillUndecided(undecided)
    hold_gaps_of(session, review)
    done = owed(session, review.case, ObligationKind.DRAFTING, ObligationKind.DECISION)
    discharge(session, now, done, Outcome.ANSWERED, by)
    end_feedback(session, now, protocol, review, by)
    if step is Step.CONCLUDE_UNCHANGED:
        take_step(session, now, review, step, by)
        gaps_of_review_settled(session, now, review, by)
        _tell_unchanged(session, now, protocol, review, by)
        ask_newcomers_to_adopt(session, now, protocol)
    else:
        _publish(session, now, protocol, review, step, by)
    _list_unanswered(session, now, protocol, review)
    return review.stage


def _list_unanswered(session: Session, now: datetime, protocol: Protocol, review: Review) -> None:
    """What had asked for the review, or could not wait for another, and is answered neither by its text nor by a
    person. Of the law only when the review is over: what is being signed answers nothing yet."""
    list_urgent_again(session, now, protocol, review)
    if review.stage in ENDED:
        list_unanswered_changes(session, now, protocol, review)


def _held_with_what_is_signed(session: Session, review_id: int) -> Review:
    if (review := session.get(Review, review_id)) is not None:
        hold_what_is_signed(session, session.get_one(Protocol, review.protocol_id), review)
    return review_locked(session, review_id)


def _concluding_step(session: Session, protocol: Protocol, review: Review) -> Step:
    if not accepted_in(session, review):
        return Step.CONCLUDE_UNCHANGED
    signed = is_major(session, review) or minor_versions_are_signed(protocol)
    return Step.OPEN_SIGNING if signed else Step.ANNOUNCE


def _publish(session: Session, now: datetime, protocol: Protocol, review: Review, step: Step, by: str) -> None:
    base = base_version(session, protocol)
    version = make_version(session, now, protocol, review, base, to_be_signed=step is Step.OPEN_SIGNING)
    made_from = {MADE_FROM: base.label} if base else {}
    take_step(session, now, review, step, by, version=version.label, sha256=version.sha256, **made_from)
    if step is Step.OPEN_SIGNING:
        ask_for_signatures(session, now, protocol, review, version)
    else:
        resolve_gaps(session, now, protocol, review, version, by)
        newcomers = ask_newcomers_to_adopt(session, now, protocol)
        announce(session, now, protocol, review, version, newcomers)


def _tell_unchanged(session: Session, now: datetime, protocol: Protocol, review: Review, by: str) -> None:
    following = schedule_next(session, now, protocol, by)
    next_on = following.review_on if following else None
    tell_leads(
        session, now, protocol, active_parties(session, protocol, today_of(protocol, now)), review.case, "unchanged",
        lambda h: ReviewConcludedUnchanged(**h, review_on=review.review_on, next_review_on=next_on),
    )  # fmt: skip


def cancel(session: Session, now: datetime, review_id: int, by: str, because: str) -> None:
    """A review that will not be held, and why. Whoever had been asked is told."""
    why = reason(because, "cancelling a review")
    review = _held_with_what_is_signed(session, review_id)
    protocol = session.get_one(Protocol, review.protocol_id)
    if review.stage is Stage.CANCELLED:
        return
    hold_gaps_of(session, review)
    had_opened = review.stage is not Stage.SCHEDULED
    take_step(session, now, review, Step.CANCEL, by, why=why)
    gaps_of_review_settled(session, now, review, by)
    discharge(session, now, owed(session, review.case, *ObligationKind), Outcome.SUPERSEDED, by, why)
    schedule_next(session, now, protocol, by)
    list_the_year(session, now, protocol, review)
    if had_opened:
        _tell_cancelled(session, now, protocol, review, why)
        _list_unanswered(session, now, protocol, review)
    ask_newcomers_to_adopt(session, now, protocol)


def _tell_cancelled(session: Session, now: datetime, protocol: Protocol, review: Review, why: str) -> None:
    tell_leads(
        session, now, protocol, active_parties(session, protocol, today_of(protocol, now)), review.case, "cancelled",
        lambda h: ReviewCancelled(**h, because=why),
    )  # fmt: skip
