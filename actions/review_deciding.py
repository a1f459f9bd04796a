"""Deciding: what the group decided on each proposal, by which rule, and who dissented in which words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from actions.advice import unadvised
from actions.cast import active_parties, known_id
from actions.gaps.answering import gaps_of_proposal_settled
from actions.policy import decision_policy_of, today_of, zone_of
from actions.proposals import (
    AlreadyDecided,
    decision_on,
    proposal_locked,
    require_standing,
)
from actions.reasons import reason
from actions.review_advising import AdviceMissing
from actions.review_concluding import StillUndecided, cancel, conclude
from actions.versions import NoDifference, accepted_in, base_text
from models import history
from models.history import Narrative
from models.protocol import Clause, Protocol
from models.review import ACCEPTED, Decision, DecisionOutcome, Proposal, Review
from rules.decisions import Vote, check_accepting, check_voters
from rules.errors import Refused
from rules.instants import local_day
from rules.review import Stage, as_state
from rules.texts import plain

__all__ = ["AlreadyDecided", "NoDifference", "StillUndecided", "cancel", "conclude", "decide"]

NO_RULE = "Not accepted: no rule of decision applies."


class NotBeingDecided(Refused):
    def __init__(self, review: Review) -> None:
        super().__init__(
            f"Proposals are decided while their review is at it: review {review.id} is {as_state(review.stage)}."
        )


class WordingNeeded(Refused):
    def __init__(self) -> None:
        super().__init__("“Accepted with changes” needs the wording that was accepted (`--wording`).")


class WordingNotExpected(Refused):
    def __init__(self, outcome: DecisionOutcome) -> None:
        super().__init__(f"“{str(outcome).capitalize()}” has no wording of its own: record “accepted with changes”.")


class DecidedInTheFuture(Refused):
    def __init__(self) -> None:
        super().__init__("A decision is recorded once it has been taken: its day lies ahead.")


class DecidedBeforeItWasRaised(Refused):
    def __init__(self, proposal: Proposal) -> None:
        super().__init__(f"That day is before the one on which proposal {proposal.id} was put on the table.")


class TwoWordings(Refused):
    def __init__(self, clause: str, accepted: int) -> None:
        super().__init__(
            f"Clause {clause} has an accepted wording already, that of proposal {accepted}: one clause has one wording."
        )


@dataclass(frozen=True, kw_only=True)
class _Ruling:
    """A decision as it was reported, tidied; dissent stays as it was written."""

    outcome: DecisionOutcome
    because: str
    wording: str | None
    dissent: str | None
    votes: Mapping[str, Vote]
    decided_on: date | None
    decided_by: str

    @property
    def accepts(self) -> bool:
        return self.outcome in ACCEPTED

    def says_again(self, session: Session, earlier: Decision) -> bool:
        """Whether it is the one recorded before; a day or votes that are not given do not differ."""
        votes = {party: vote.value for party, vote in self.votes.items()}
        return (
            (self.outcome, self.wording) == (earlier.outcome, earlier.wording)
            and self.because == _words(session, earlier.reason_id)
            and self.dissent == _words(session, earlier.dissent_id)
            and self.decided_on in (None, earlier.decided_on)
            and (not votes or votes == earlier.votes)
        )


def _words(session: Session, narrative_id: int | None) -> str | None:
    return session.get_one(Narrative, narrative_id).text if narrative_id else None


def decide(
    session: Session, now: datetime, proposal_id: int, outcome: DecisionOutcome, by: str, *,
    because: str, wording: str | None = None, dissent: str | None = None,
    votes: Mapping[str, Vote] | None = None, decided_on: date | None = None, decided_by: str = "steering group",
) -> Decision:  # fmt: skip
    """Record the group's decision. The same one recorded twice is one; another one is refused."""
    ruling = _Ruling(
        outcome=outcome, because=reason(because, "a decision"), wording=plain(wording or "") or None,
        dissent=dissent if dissent and dissent.strip() else None, votes=votes or {},
        decided_on=decided_on, decided_by=decided_by,
    )  # fmt: skip
    proposal, review = proposal_locked(session, proposal_id)
    if (earlier := decision_on(session, proposal)) is not None:
        if ruling.says_again(session, earlier):
            return earlier
        raise AlreadyDecided(proposal, earlier)
    protocol = session.get_one(Protocol, review.protocol_id)
    _check(session, now, protocol, review, proposal, ruling)
    return _record(session, now, protocol, review, proposal, ruling, by)


def _record(
    session: Session, now: datetime, protocol: Protocol, review: Review, proposal: Proposal, ruling: _Ruling, by: str
) -> Decision:
    day = ruling.decided_on or today_of(protocol, now)
    rule = _rule_applied(session, protocol, ruling, day)
    decision = Decision(
        proposal_id=known_id(proposal), outcome=ruling.outcome, wording=ruling.wording, rule=rule,
        reason_id=history.narrate(session, ruling.because),
        votes={party: vote.value for party, vote in ruling.votes.items()},
        dissent_id=history.narrate(session, ruling.dissent) if ruling.dissent else None,
        decided_on=day, recorded_at=now, recorded_by=by,
    )  # fmt: skip
    session.add(decision)
    history.write(
        session, review.case, now, by, f"proposal {ruling.outcome}", why=ruling.because, proposal=proposal.id,
        rule=rule, decided_on=day.isoformat(), dissent=ruling.dissent is not None,
    )  # fmt: skip
    gaps_of_proposal_settled(session, now, proposal, by)
    return decision


def _rule_applied(session: Session, protocol: Protocol, ruling: _Ruling, day: date) -> str:
    """Raises RuleNotMet."""
    parties = [party.slug for party in active_parties(session, protocol, day)]
    check_voters(ruling.votes, parties)
    if not ruling.accepts:
        return NO_RULE
    return check_accepting(decision_policy_of(protocol), ruling.votes, parties, ruling.decided_by)


def _check(
    session: Session, now: datetime, protocol: Protocol, review: Review, proposal: Proposal, ruling: _Ruling
) -> None:
    if review.stage is not Stage.DECIDING:
        raise NotBeingDecided(review)
    require_standing(proposal)
    if any(waiting.id == proposal.id for waiting in unadvised(session, review)):
        raise AdviceMissing([proposal])
    if ruling.outcome is DecisionOutcome.ACCEPTED_WITH_CHANGES and not ruling.wording:
        raise WordingNeeded
    if ruling.outcome is not DecisionOutcome.ACCEPTED_WITH_CHANGES and ruling.wording:
        raise WordingNotExpected(ruling.outcome)
    if ruling.decided_on is not None:
        _check_day(now, protocol, proposal, ruling.decided_on)
    if ruling.accepts:
        _check_wording(session, protocol, review, proposal, ruling.wording or proposal.wording)


def _check_day(now: datetime, protocol: Protocol, proposal: Proposal, decided_on: date) -> None:
    if decided_on > today_of(protocol, now):
        raise DecidedInTheFuture
    if decided_on < local_day(proposal.raised_at, zone_of(protocol)):
        raise DecidedBeforeItWasRaised(proposal)


def _check_wording(session: Session, protocol: Protocol, review: Review, proposal: Proposal, wording: str) -> None:
    """One clause gets one wording, and one that differs from what is there."""
    clause = session.get_one(Clause, proposal.clause_id)
    for accepted, _ in accepted_in(session, review):
        if accepted.clause_id == proposal.clause_id:
            raise TwoWordings(clause.key, known_id(accepted))
    if base_text(session, protocol).get(clause.key, ("", ""))[1] == wording:
        raise NoDifference(clause.key)
