"""Drafting: proposals raised, merged, classified, withdrawn (protocol §14)."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from actions.advice import unadvised
from actions.cast import known_id
from actions.clauses import clause_named
from actions.gaps.answering import gaps_of_proposal_settled, name_answers
from actions.moving import review_locked
from actions.proposals import (
    Proposed,
    proposal_locked,
    raise_proposal,
    require_standing,
    require_undecided,
)
from actions.reasons import reason, reason_if_any
from actions.review_advising import (
    AdviceMissing,
    NotBeingDrafted,
    begin_deciding,
    give_advice,
    return_to_drafting,
    seek_advice,
)
from models import history
from models.protocol import Clause, Protocol
from models.review import Magnitude, Proposal, Review
from rules.errors import Refused
from rules.review import Stage

__all__ = [
    "AdviceMissing", "NotBeingDrafted", "begin_deciding", "classify", "give_advice", "merge", "proposal_locked",
    "propose", "return_to_drafting", "seek_advice", "unadvised", "withdraw",
]  # fmt: skip


class NotOneClause(Refused):
    def __init__(self) -> None:
        super().__init__("Only proposals to the same clause of the same review can be merged.")


class OneAndTheSame(Refused):
    def __init__(self, proposal: Proposal) -> None:
        super().__init__(f"Proposal {proposal.id} cannot be merged into itself.")


def propose(
    session: Session, now: datetime, review_id: int, proposed: Proposed, by: str, answers: Sequence[str] = ()
) -> Proposal | None:
    """The steering group's own proposal, while feedback comes in or is drafted; None where it lies there already.

    `answers` as in `name_answers`, also for the one that lies there already.
    """
    review = review_locked(session, review_id)
    if review.stage not in (Stage.COLLECTING, Stage.DRAFTING):
        raise NotBeingDrafted(review)
    protocol, tidied = session.get_one(Protocol, review.protocol_id), proposed.tidied()
    clause = clause_named(session, protocol, tidied.clause)
    raised = raise_proposal(session, now, review, clause, tidied, by)
    if raised is not None:
        history.write(session, review.case, now, by, "proposal raised", proposal=raised.id, clause=clause.key)
    if answers:
        number = known_id(raised or _the_same(session, review, clause, tidied))
        name_answers(session, now, number, answers, by)
    return raised


def _the_same(session: Session, review: Review, clause: Clause, proposed: Proposed) -> Proposal:
    """The group's own that lies there already."""
    statement = select(Proposal).where(
        Proposal.review_id == review.id, Proposal.clause_id == clause.id, Proposal.wording == proposed.wording,
        col(Proposal.party_id).is_(None), col(Proposal.feedback_id).is_(None), col(Proposal.carried_from_id).is_(None),
    )  # fmt: skip
    return session.exec(statement).one()


def merge(session: Session, now: datetime, proposal_id: int, into_id: int, by: str, because: str) -> None:
    """Two that say the same become one; the origins stay linked, and what either answers is answered by the one."""
    proposal, review = proposal_locked(session, proposal_id)
    target, _ = proposal_locked(session, into_id)
    why = reason_if_any(because or None, "merging")
    _require_drafting(review)
    if proposal.merged_into_id == target.id:
        return
    _require_mergeable(session, proposal, target)
    proposal.merged_into_id = target.id
    for earlier in session.exec(select(Proposal).where(Proposal.merged_into_id == proposal.id)):
        earlier.merged_into_id = target.id
        session.add(earlier)
    session.add(proposal)
    history.write(session, review.case, now, by, "proposals merged", why=why, merged=proposal.id, into=target.id)


def _require_mergeable(session: Session, proposal: Proposal, target: Proposal) -> None:
    for each in (proposal, target):
        require_standing(each)
        require_undecided(session, each)
    if target.id == proposal.id:
        raise OneAndTheSame(proposal)
    if (target.clause_id, target.review_id) != (proposal.clause_id, proposal.review_id):
        raise NotOneClause


def classify(session: Session, now: datetime, proposal_id: int, magnitude: Magnitude, by: str, because: str) -> None:
    """Minor or major, with the reason: it decides whether advice and signatures are needed."""
    why = reason(because, "minor or major")
    proposal, review = _sortable(session, proposal_id)
    require_standing(proposal)
    if (proposal.magnitude, proposal.magnitude_why) == (magnitude, why):
        return
    require_undecided(session, proposal)
    proposal.magnitude, proposal.magnitude_why = magnitude, why
    session.add(proposal)
    history.write(session, review.case, now, by, f"proposal marked {magnitude}", why=why, proposal=proposal.id)


def withdraw(session: Session, now: datetime, proposal_id: int, by: str, because: str) -> None:
    why = reason(because, "a withdrawal")
    proposal, review = _sortable(session, proposal_id)
    if proposal.withdrawn_why is not None:
        return
    require_standing(proposal)
    require_undecided(session, proposal)
    proposal.withdrawn_why = why
    session.add(proposal)
    history.write(session, review.case, now, by, "proposal withdrawn", why=why, proposal=proposal.id)
    gaps_of_proposal_settled(session, now, proposal, by)


def _sortable(session: Session, proposal_id: int) -> tuple[Proposal, Review]:
    proposal, review = proposal_locked(session, proposal_id)
    _require_drafting(review)
    return proposal, review


def _require_drafting(review: Review) -> None:
    if review.stage is not Stage.DRAFTING:
        raise NotBeingDrafted(review)
