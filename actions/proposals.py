"""Proposals on a review's table: raised, carried over from an earlier review, standing, decided."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from actions.cast import NotThere, known_id
from actions.moving import review_locked
from models import history
from models.history import Narrative
from models.protocol import Clause, Party, Protocol
from models.review import Decision, DecisionOutcome, Feedback, Proposal, Review
from rules.errors import Refused
from rules.review import Stage
from rules.texts import fingerprint, plain


class WordingMissing(Refused):
    def __init__(self, clause: str) -> None:
        super().__init__(f"Say how clause {clause} should read: a proposal is a wording.")


class NotStanding(Refused):
    def __init__(self, proposal: Proposal) -> None:
        merged = f"merged into {proposal.merged_into_id}" if proposal.merged_into_id else "withdrawn"
        super().__init__(f"Proposal {proposal.id} was {merged}.")


class AlreadyDecided(Refused):
    def __init__(self, proposal: Proposal, decision: Decision) -> None:
        super().__init__(f"Proposal {proposal.id} was decided on {decision.decided_on}: {decision.outcome}.")


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """A change to one clause, as a party puts it forward."""

    clause: str
    wording: str
    problem: str = ""

    def tidied(self) -> "Proposed":
        """Without space around the words. Raises WordingMissing, NotText."""
        tidy = Proposed(clause=plain(self.clause), wording=plain(self.wording), problem=plain(self.problem))
        if not tidy.wording:
            raise WordingMissing(tidy.clause)
        return tidy


def raise_proposal(
    session: Session, now: datetime, review: Review, clause: Clause, proposed: Proposed, by: str, *,
    party: Party | None = None, feedback: Feedback | None = None, carried_from: Proposal | None = None, number: int = 1,
) -> Proposal | None:  # fmt: skip
    """Put a tidied proposal on the review's table; None when the very same one lies there already."""
    origin, words = _origin(feedback, carried_from, number), fingerprint(proposed.wording)
    key = f"{review.case}:proposal:{origin}:{clause.id}:{words}"
    if session.exec(select(Proposal.id).where(Proposal.key == key)).first() is not None:
        return None
    proposal = Proposal(
        key=key, review_id=known_id(review), clause_id=known_id(clause),
        party_id=party.id if party else None, feedback_id=feedback.id if feedback else None,
        carried_from_id=carried_from.id if carried_from else None,
        problem_id=history.narrate(session, proposed.problem) if proposed.problem else None,
        wording=proposed.wording, raised_at=now, raised_by=by,
    )  # fmt: skip
    session.add(proposal)
    session.flush()
    return proposal


def _origin(feedback: Feedback | None, carried_from: Proposal | None, number: int) -> str:
    if feedback is not None:
        return f"feedback-{feedback.id}-{number}"
    return f"carried-{carried_from.id}" if carried_from is not None else "group"


def proposal_locked(session: Session, proposal_id: int) -> tuple[Proposal, Review]:
    """The proposal as it is now and its review, which nobody else can act in meanwhile."""
    found = session.get(Proposal, proposal_id)
    if found is None:
        raise NotThere(f"There is no proposal {proposal_id}: see `concordat review show`.")
    review = review_locked(session, found.review_id)
    session.refresh(found)
    return found, review


def standing_proposals(session: Session, review: Review) -> list[Proposal]:
    """Those to be decided: neither merged into another nor withdrawn."""
    statement = select(Proposal).where(
        Proposal.review_id == review.id,
        col(Proposal.merged_into_id).is_(None),
        col(Proposal.withdrawn_why).is_(None),
    )
    return list(session.exec(statement.order_by(col(Proposal.clause_id), col(Proposal.id))))


def require_standing(proposal: Proposal) -> None:
    if proposal.merged_into_id is not None or proposal.withdrawn_why is not None:
        raise NotStanding(proposal)


def decision_on(session: Session, proposal: Proposal) -> Decision | None:
    return session.exec(select(Decision).where(Decision.proposal_id == proposal.id)).first()


def require_undecided(session: Session, proposal: Proposal) -> None:
    """A decision is never changed, so neither is what was decided on."""
    if (decision := decision_on(session, proposal)) is not None:
        raise AlreadyDecided(proposal, decision)


def carry_deferred(session: Session, now: datetime, protocol: Protocol, review: Review, by: str) -> None:
    """What an earlier review put off is on this one's table, with its origin; once, unless that came to nothing."""
    carried = (
        select(Proposal.carried_from_id)
        .join(Review, col(Review.id) == Proposal.review_id)
        .where(col(Proposal.carried_from_id).is_not(None), Review.stage != Stage.CANCELLED)
    )
    deferred = session.exec(
        select(Proposal, Clause)
        .join(Decision, col(Decision.proposal_id) == Proposal.id)
        .join(Review, col(Review.id) == Proposal.review_id)
        .join(Clause, col(Clause.id) == Proposal.clause_id)
        .where(Review.protocol_id == protocol.id, Review.id != review.id)
        .where(Decision.outcome == DecisionOutcome.DEFERRED, col(Proposal.id).not_in(carried))
        .where(or_(Review.stage != Stage.CANCELLED, col(Proposal.carried_from_id).is_(None)))
        .order_by(col(Proposal.id))
    ).all()
    for proposal, clause in deferred:
        party = session.get(Party, proposal.party_id) if proposal.party_id else None
        problem = session.get(Narrative, proposal.problem_id) if proposal.problem_id else None
        words = problem.text if problem and problem.text else ""  # retention may have emptied it
        proposed = Proposed(clause=clause.key, wording=proposal.wording, problem=words)
        raise_proposal(session, now, review, clause, proposed, by, party=party, carried_from=proposal)
