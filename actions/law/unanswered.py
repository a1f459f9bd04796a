"""A change of the law whose review is over and has left a marked clause as it was: the secretary's again."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from actions.law.acts import bearing_on, part_of
from actions.law.marks import after_review, close_if_answered
from actions.matters import open_matter
from models.protocol import LegislationChange, MatterKind, Protocol
from models.review import Review


def list_unanswered_changes(session: Session, now: datetime, protocol: Protocol, review: Review) -> None:
    """Of the changes that opened or joined it, those whose marks stand; once for each review. What its version has
    answered of earlier ones is off the list."""
    recorded = select(LegislationChange).where(LegislationChange.protocol_id == protocol.id)
    for change in session.exec(recorded.order_by(col(LegislationChange.id))).all():
        standing = close_if_answered(session, now, protocol, change)
        if standing and change.review_id == review.id:
            _list(session, now, protocol, review, change, standing)


def _list(
    session: Session, now: datetime, protocol: Protocol, review: Review, change: LegislationChange,
    clauses: Sequence[str],
) -> None:  # fmt: skip
    reads = "reads" if len(clauses) == 1 else "read"
    open_matter(
        session, now, protocol, MatterKind.LEGISLATION, f"{after_review(change)}{review.id}",
        f"Review {review.id} is over, and {bearing_on(list(clauses))} {reads} as before: change {change.id} of the law "
        f"({part_of(change.act, change.section)}) is not answered.",
        f"Ask everybody again: `concordat review open {protocol.slug} --legislation --because TEXT`. Where nothing has "
        f"to change: `concordat legislation settled {change.id} --all --protocol {protocol.slug} --because TEXT`.",
        change.source,
    )  # fmt: skip
