"""Which complaints were behind a version: directly, by a gap that came from them, or by the breach that they led to."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import String
from sqlalchemy.orm import aliased
from sqlmodel import cast, col, func, literal, or_, select

from models.breach import Breach
from models.complaint import Complaint, ComplaintEffect, Recheck
from models.gap import Gap, GapOrigin, ProposalAnswer
from models.protocol import Version
from models.review import ACCEPTED, Decision, Proposal


def behind() -> Any:
    """Rows of `complaint_id` and `version_id`: a version in force, later than the complaint's own, that has answered
    its case, and about which nobody was asked yet. A row may come twice."""
    cases, answered = _cases().subquery(), _answered().subquery()
    asked = select(Recheck.id).where(
        Recheck.complaint_id == cases.c.complaint_id, Recheck.version_id == answered.c.version_id
    )
    return (
        select(cases.c.complaint_id, answered.c.version_id)
        .select_from(answered)
        .join(cases, cases.c.case == answered.c.case)
        .join(Version, col(Version.id) == answered.c.version_id)
        .join(Complaint, col(Complaint.id) == cases.c.complaint_id)
        .where(col(Version.in_force_from).is_not(None), ~asked.exists())
        .where(or_(col(Complaint.version_id).is_(None), col(Version.id) > col(Complaint.version_id)))
        .subquery("behind")
    )


def _cases() -> Any:
    """By complaint its own case, and that of every breach it led to, wherever that was merged into."""
    led_to = (
        select(col(ComplaintEffect.complaint_id).label("complaint_id"), col(ComplaintEffect.breach_id).label("breach"))
        .where(col(ComplaintEffect.breach_id).is_not(None))
        .cte("led_to", recursive=True)
    )
    merged = select(led_to.c.complaint_id, col(Breach.merged_into_id)).join(Breach, col(Breach.id) == led_to.c.breach)
    led_to = led_to.union(merged.where(col(Breach.merged_into_id).is_not(None)))
    own: Any = select(col(Complaint.id).label("complaint_id"), _case("complaint", col(Complaint.id)).label("case"))
    return own.union_all(select(led_to.c.complaint_id, _case("breach", led_to.c.breach)))


def _case(kind: str, number: Any) -> sa.ColumnElement[str]:
    return literal(f"{kind}:") + cast(number, String)


def _answered() -> Any:
    """Cases by the version that has answered them: where a gap of theirs is resolved in it, and where an accepted
    proposal of its review, or one merged into that, names them."""
    gaps: Any = select(col(GapOrigin.case).label("case"), col(Gap.resolved_in_id).label("version_id")).join(
        Gap, col(Gap.id) == GapOrigin.gap_id
    )
    named = aliased(Proposal)
    proposals = (
        select(col(ProposalAnswer.answers), col(Version.id))
        .join(named, col(named.id) == ProposalAnswer.proposal_id)
        .join(Proposal, col(Proposal.id) == func.coalesce(col(named.merged_into_id), col(named.id)))
        .join(Decision, col(Decision.proposal_id) == Proposal.id)
        .join(Version, col(Version.review_id) == Proposal.review_id)
        .where(col(Decision.outcome).in_(ACCEPTED))
    )
    return gaps.where(col(Gap.resolved_in_id).is_not(None)).union_all(proposals)
