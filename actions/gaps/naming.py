"""Which proposals name which gaps: those that were merged hand what they answer to the one that stands."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from actions.versions import lineage
from models.gap import ProposalAnswer
from models.lists import one_of
from models.protocol import Version
from models.review import ACCEPTED, Decision, Proposal, Review
from rules.review import ENDED


def answers_of(session: Session, proposal: Proposal) -> list[str]:
    """What the proposal answers, that of the merged ones included: `gap:3`, `feedback:9`; as they were named."""
    statement = _named_by(proposal).order_by(col(ProposalAnswer.id))
    return list(dict.fromkeys(answer.answers for answer in session.exec(statement)))


def answers_of_each(session: Session, proposals: Collection[int]) -> dict[int, list[str]]:
    """The same of many proposals, by their ids."""
    statement = (
        select(NAMED.id, NAMED.merged_into_id, ProposalAnswer.answers)
        .join(NAMED, col(NAMED.id) == ProposalAnswer.proposal_id)
        .where(or_(one_of(session, NAMED.id, proposals), one_of(session, NAMED.merged_into_id, proposals)))
    )
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for number, into, answers in session.exec(statement.order_by(col(ProposalAnswer.id))):
        for each in (number, into):
            found[each or 0][answers] = None
    return {number: list(answers) for number, answers in found.items()}


def gaps_answered_by(session: Session, proposal: Proposal) -> list[int]:
    statement = _named_by(proposal).where(col(ProposalAnswer.gap_id).is_not(None))
    return sorted({answer.gap_id for answer in session.exec(statement) if answer.gap_id is not None})


def _named_by(proposal: Proposal) -> SelectOfScalar[ProposalAnswer]:
    return (
        select(ProposalAnswer)
        .join(Proposal, col(Proposal.id) == ProposalAnswer.proposal_id)
        .where(or_(Proposal.id == proposal.id, Proposal.merged_into_id == proposal.id))
    )


def gaps_named_in(session: Session, review: Review) -> list[int]:
    """By any proposal of the review, whatever became of it."""
    statement = (
        select(ProposalAnswer.gap_id)
        .join(Proposal, col(Proposal.id) == ProposalAnswer.proposal_id)
        .where(Proposal.review_id == review.id, col(ProposalAnswer.gap_id).is_not(None))
    )
    return sorted({gap_id for gap_id in session.exec(statement) if gap_id is not None})


def gaps_accepted_until(session: Session, version: Version) -> set[int]:
    """Those that the wording accepted for this version answers, or for one that it was made from."""
    earlier = [each.review_id for each in lineage(session, version) if each.review_id is not None]
    statement = _standing().where(col(Review.id).in_(earlier), col(Decision.outcome).in_(ACCEPTED))
    return set(_by_gap(session.exec(statement).all()))


def gaps_accepted_in(session: Session, review: Review) -> dict[int, list[int]]:
    """By gap the accepted proposals of the review that answer it."""
    statement = _standing().where(Proposal.review_id == review.id, col(Decision.outcome).in_(ACCEPTED))
    return _by_gap(session.exec(statement).all())


def proposals_answering(session: Session, gaps: Collection[int | None]) -> dict[int, list[int]]:
    """By gap the proposals that answer it now: on the table of a review that goes on, undecided or accepted."""
    statement = _standing().where(
        among(col(ProposalAnswer.gap_id), gaps), col(Review.stage).not_in(ENDED), col(Proposal.withdrawn_why).is_(None),
        or_(col(Decision.id).is_(None), col(Decision.outcome).in_(ACCEPTED)),
    )  # fmt: skip
    return _by_gap(session.exec(statement).all())


def among(column: Any, numbers: Collection[int | None]) -> Any:
    """Only of these; of all, where they are many: a database takes so many in a question, and the caller picks."""
    return column.in_(numbers) if len(numbers) <= MANY else sa.true()


NAMED = aliased(Proposal)
MANY = 500


def _standing() -> Any:
    """Gap and proposal: `Proposal` is the one that stands for whichever named the gap."""
    return (
        select(ProposalAnswer.gap_id, Proposal.id)
        .join(NAMED, col(NAMED.id) == ProposalAnswer.proposal_id)
        .join(Proposal, col(Proposal.id) == func.coalesce(col(NAMED.merged_into_id), col(NAMED.id)))
        .join(Review, col(Review.id) == Proposal.review_id)
        .outerjoin(Decision, col(Decision.proposal_id) == Proposal.id)
        .where(col(ProposalAnswer.gap_id).is_not(None))
    )


def _by_gap(rows: Sequence[tuple[int | None, int | None]]) -> dict[int, list[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for gap_id, proposal_id in rows:
        if gap_id is not None and proposal_id is not None:
            found[gap_id].add(proposal_id)
    return {gap_id: sorted(found[gap_id]) for gap_id in sorted(found)}
