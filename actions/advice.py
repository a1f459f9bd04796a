"""Which proposals still wait for advice, and what is owed once none does."""

from datetime import datetime

from sqlmodel import Session, col, select

from actions.cast import known_id, secretary_of
from actions.duties import numbered_key, open_obligation, owed
from actions.policy import advice_is_asked, due_after
from actions.proposals import standing_proposals
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Protocol
from models.review import Advice, Magnitude, Proposal, Review
from rules.review import Stage


def go_on_if_advised(session: Session, now: datetime, review: Review) -> None:
    """After the last advice, given or waived, the decision is what is owed."""
    if review.stage is Stage.ADVISING and not unadvised(session, review):
        expect_decision(session, now, review)


def expect_decision(session: Session, now: datetime, review: Review) -> None:
    """The group's decision is owed from the moment nothing stands before it; asked for once."""
    if owed(session, review.case, ObligationKind.DECISION):
        return
    protocol = session.get_one(Protocol, review.protocol_id)
    open_obligation(
        session, now, protocol, key=numbered_key(session, review.case, ObligationKind.DECISION), case=review.case,
        kind=ObligationKind.DECISION, contact=secretary_of(session, known_id(protocol)),
        due_on=due_after(protocol, "decision", now),
    )  # fmt: skip


def unadvised(session: Session, review: Review) -> list[Proposal]:
    """Major proposals without advice and without a waiver, where the protocol wants advice."""
    if not advice_is_asked(session.get_one(Protocol, review.protocol_id)):
        return []
    of_review = select(Advice.proposal_id).join(Proposal, col(Proposal.id) == Advice.proposal_id)
    advised = set(session.exec(of_review.where(Proposal.review_id == review.id)))
    waived = set(
        session.exec(
            select(Obligation.subject)
            .where(Obligation.case == review.case, Obligation.kind == ObligationKind.ADVICE)
            .where(Obligation.outcome == Outcome.WAIVED)
        )
    )
    return [
        proposal
        for proposal in standing_proposals(session, review)
        if proposal.magnitude is Magnitude.MAJOR
        and proposal.id not in advised
        and advice_subject(proposal) not in waived
    ]


def advice_subject(proposal: Proposal) -> str:
    return f"proposal:{proposal.id}"
