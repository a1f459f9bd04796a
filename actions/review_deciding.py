"""Deciding: what the group decided on each proposal, and what follows once all are decided."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.cast import active_parties, known_id, lead_of
from actions.moving import protocol_locked, review_locked, take_step
from actions.owing import ReasonNeeded, discharge, owed
from actions.policy import decision_policy_of, policies_of, zone_of
from actions.proposals import standing_proposals
from actions.review_drafting import AdviceMissing, proposal_locked, unadvised
from actions.review_opening import schedule_next
from actions.review_signing import announce, ask_for_signatures
from actions.telling import tell
from actions.versions import accepted_in, make_version
from models import history
from models.obligation import ObligationKind, Outcome
from models.protocol import Protocol
from models.review import Decision, DecisionOutcome, Proposal, Review
from notifications.messages import ReviewCancelled, ReviewConcludedUnchanged
from rules.decisions import Vote, check_accepting
from rules.errors import Refused
from rules.instants import local_day
from rules.review import Stage, Step
from rules.sentences import listed


class NotBeingDecided(Refused):
    def __init__(self, review: Review) -> None:
        super().__init__(f"Review {review.id} is {review.stage}: proposals are decided while it is being decided.")


class AlreadyDecided(Refused):
    def __init__(self, proposal: Proposal, decision: Decision) -> None:
        super().__init__(f"Proposal {proposal.id} was decided on {decision.decided_on}: {decision.outcome}.")


class StillUndecided(Refused):
    def __init__(self, numbers: list[str]) -> None:
        super().__init__(f"Decide every proposal first: {listed(numbers)} still to go.")


class WordingNeeded(Refused):
    def __init__(self) -> None:
        super().__init__("“Accepted with changes” needs the wording that was accepted (`--wording`).")


class DecidedInTheFuture(Refused):
    def __init__(self) -> None:
        super().__init__("A decision is recorded once it has been taken: its day lies ahead.")


class TwoWordings(Refused):
    def __init__(self, clause: str) -> None:
        super().__init__(f"Two accepted proposals change clause {clause}: merge them, or accept one wording only.")


def decide(
    session: Session, now: datetime, proposal_id: int, outcome: DecisionOutcome, by: str, *,
    because: str, wording: str | None = None, dissent: str | None = None,
    votes: Mapping[str, Vote] | None = None, decided_on: date | None = None, decided_by: str = "steering group",
) -> Decision:  # fmt: skip
    """Record the group's decision. The same one recorded twice is one; another one is refused."""
    proposal, review = proposal_locked(session, proposal_id)
    protocol = session.get_one(Protocol, review.protocol_id)
    earlier = session.exec(select(Decision).where(Decision.proposal_id == proposal_id)).first()
    if earlier is not None:
        if earlier.outcome is outcome:
            return earlier
        raise AlreadyDecided(proposal, earlier)
    _check_decision(session, now, protocol, review, proposal, outcome, because, wording, decided_on)
    today = local_day(now, zone_of(protocol))
    parties = [party.slug for party in active_parties(session, protocol, decided_on or today)]
    rule = "Not accepted: no rule of decision applies."
    if outcome in (DecisionOutcome.ACCEPTED, DecisionOutcome.ACCEPTED_WITH_CHANGES):
        rule = check_accepting(decision_policy_of(protocol), votes or {}, parties, decided_by)
    decision = Decision(
        proposal_id=proposal_id, outcome=outcome, wording=wording, rule=rule,
        reason_id=history.narrate(session, because), votes={party: vote.value for party, vote in (votes or {}).items()},
        dissent_id=history.narrate(session, dissent) if dissent else None,
        decided_on=decided_on or today, recorded_at=now, recorded_by=by,
    )  # fmt: skip
    session.add(decision)
    history.write(
        session, review.case, now, by, f"proposal {outcome}", why=because, proposal=proposal_id, rule=rule,
        decided_on=decision.decided_on.isoformat(), dissent=bool(dissent),
    )  # fmt: skip
    return decision


def _check_decision(
    session: Session, now: datetime, protocol: Protocol, review: Review, proposal: Proposal,
    outcome: DecisionOutcome, because: str, wording: str | None, decided_on: date | None,
) -> None:  # fmt: skip
    if review.stage is not Stage.DECIDING:
        raise NotBeingDecided(review)
    if proposal not in standing_proposals(session, review):
        raise NotBeingDecided(review)
    if not because.strip():
        raise ReasonNeeded("a decision")
    if any(waiting.id == proposal.id for waiting in unadvised(session, review)):
        raise AdviceMissing([known_id(proposal)])
    if outcome is DecisionOutcome.ACCEPTED_WITH_CHANGES and not (wording or "").strip():
        raise WordingNeeded
    if decided_on is not None and decided_on > local_day(now, zone_of(protocol)):
        raise DecidedInTheFuture
    accepting = outcome in (DecisionOutcome.ACCEPTED, DecisionOutcome.ACCEPTED_WITH_CHANGES)
    same_clause = [p for p, _ in accepted_in(session, review) if p.clause_id == proposal.clause_id]
    if accepting and same_clause:
        raise TwoWordings(str(proposal.clause_id))


def conclude(session: Session, now: datetime, review_id: int, by: str) -> Stage:
    """Everything is decided: the new version is signed or announced, or the review ends with no change."""
    review = review_locked(session, review_id)
    protocol = session.get_one(Protocol, review.protocol_id)
    protocol_locked(session, protocol)
    undecided = _undecided(session, review)
    if undecided and review.stage in (Stage.DRAFTING, Stage.DECIDING):
        raise StillUndecided([str(proposal.id) for proposal in undecided])
    for kind in (ObligationKind.DRAFTING, ObligationKind.DECISION):
        discharge(session, now, owed(session, review.case, kind), Outcome.ANSWERED, by)
    discharge(session, now, owed(session, review.case, ObligationKind.FEEDBACK), Outcome.LAPSED, by)
    if not accepted_in(session, review):
        take_step(session, now, review, Step.CONCLUDE_UNCHANGED, by)
        _tell_unchanged(session, now, protocol, review, by)
        return review.stage
    _publish(session, now, protocol, review, by)
    return review.stage


def _publish(session: Session, now: datetime, protocol: Protocol, review: Review, by: str) -> None:
    sign_minor = policies_of(protocol).changes.minor_version == "sign"
    if review.stage is not Stage.DECIDING:
        raise NotBeingDecided(review)
    version, major = make_version(session, now, protocol, review)
    if major or sign_minor:
        take_step(session, now, review, Step.OPEN_SIGNING, by, version=version.label, sha256=version.sha256)
        ask_for_signatures(session, now, protocol, review, version)
        return
    take_step(session, now, review, Step.ANNOUNCE, by, version=version.label, sha256=version.sha256)
    announce(session, now, protocol, review, version)
    schedule_next(session, now, protocol, by)


def _undecided(session: Session, review: Review) -> list[Proposal]:
    decided = set(
        session.exec(
            select(Decision.proposal_id)
            .join(Proposal, col(Proposal.id) == Decision.proposal_id)
            .where(Proposal.review_id == review.id)
        )
    )
    return [proposal for proposal in standing_proposals(session, review) if proposal.id not in decided]


def _tell_unchanged(session: Session, now: datetime, protocol: Protocol, review: Review, by: str) -> None:
    following = schedule_next(session, now, protocol, by)
    next_on = following.review_on if following else None
    for party in active_parties(session, protocol, local_day(now, zone_of(protocol))):
        tell(
            session, now, protocol, lead_of(session, party), review.case, f"{review.case}:unchanged:{party.slug}",
            lambda h: ReviewConcludedUnchanged(**h, review_on=review.review_on, next_review_on=next_on),
        )  # fmt: skip


def cancel(session: Session, now: datetime, review_id: int, by: str, because: str) -> None:
    """A review that will not be held, and why. Whoever had been asked is told."""
    review = review_locked(session, review_id)
    protocol = session.get_one(Protocol, review.protocol_id)
    protocol_locked(session, protocol)
    if not because.strip():
        raise ReasonNeeded("cancelling a review")
    if review.stage is Stage.CANCELLED:
        return
    had_opened = review.stage is not Stage.SCHEDULED
    take_step(session, now, review, Step.CANCEL, by, why=because)
    for kind in ObligationKind:
        discharge(session, now, owed(session, review.case, kind), Outcome.SUPERSEDED, by, because)
    schedule_next(session, now, protocol, by)
    if had_opened:
        _tell_cancelled(session, now, protocol, review, because)


def _tell_cancelled(session: Session, now: datetime, protocol: Protocol, review: Review, because: str) -> None:
    for party in active_parties(session, protocol, local_day(now, zone_of(protocol))):
        tell(
            session, now, protocol, lead_of(session, party), review.case, f"{review.case}:cancelled:{party.slug}",
            lambda h: ReviewCancelled(**h, because=because),
        )  # fmt: skip
