"""Proposals on a review's table: raised, carried over from an earlier review, standing."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from actions.cast import known_id
from models import history
from models.protocol import Clause, Party, Protocol
from models.review import Decision, DecisionOutcome, Feedback, Proposal, Review
from models.store import insert_unless_there


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """A change to one clause, as a party puts it forward."""

    clause: str
    wording: str
    problem: str = ""


def raise_proposal(
    session: Session, now: datetime, review: Review, clause: Clause, proposed: Proposed, by: str, *,
    party: Party | None = None, feedback: Feedback | None = None, carried_from: Proposal | None = None, number: int = 1,
) -> Proposal | None:  # fmt: skip
    """Put a proposal on the review's table; None when the very same one lies there already."""
    origin = (
        f"feedback-{feedback.id}-{number}" if feedback else f"carried-{carried_from.id}" if carried_from else "group"
    )
    words = hashlib.sha256(f"{clause.key}\n{proposed.wording}".encode()).hexdigest()[:12]
    proposal = Proposal(
        key=f"{review.case}:proposal:{origin}:{words}", review_id=known_id(review), clause_id=known_id(clause),
        party_id=party.id if party else None, feedback_id=feedback.id if feedback else None,
        carried_from_id=carried_from.id if carried_from else None,
        problem_id=history.narrate(session, proposed.problem) if proposed.problem else None,
        wording=proposed.wording.strip(), raised_at=now, raised_by=by,
    )  # fmt: skip
    return proposal if insert_unless_there(session, proposal) else None


def standing_proposals(session: Session, review: Review) -> list[Proposal]:
    """Those to be decided: neither merged into another nor withdrawn."""
    statement = select(Proposal).where(
        Proposal.review_id == review.id,
        col(Proposal.merged_into_id).is_(None),
        col(Proposal.withdrawn_why).is_(None),
    )
    return list(session.exec(statement.order_by(col(Proposal.clause_id), col(Proposal.id))))


def carry_deferred(session: Session, now: datetime, protocol: Protocol, review: Review, by: str) -> None:
    """What an earlier review put off is on this one's table, with its origin."""
    carried = select(Proposal.carried_from_id).where(col(Proposal.carried_from_id).is_not(None))
    deferred = session.exec(
        select(Proposal)
        .join(Decision, col(Decision.proposal_id) == Proposal.id)
        .join(Review, col(Review.id) == Proposal.review_id)
        .where(Review.protocol_id == protocol.id, Review.id != review.id)
        .where(Decision.outcome == DecisionOutcome.DEFERRED, col(Proposal.id).not_in(carried))
    ).all()
    for proposal in deferred:
        clause = session.get_one(Clause, proposal.clause_id)
        party = session.get(Party, proposal.party_id) if proposal.party_id else None
        proposed = Proposed(clause=clause.key, wording=proposal.wording)
        raise_proposal(session, now, review, clause, proposed, by, party=party, carried_from=proposal)
