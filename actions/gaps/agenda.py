"""The gaps on a review's agenda, and what its version answered and did not."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from actions.cast import known_id
from actions.gaps.keeping import GapView, gap_views, open_gaps
from actions.gaps.naming import gaps_accepted_in
from models.gap import Gap
from models.history import History
from models.protocol import Protocol, Version
from models.review import Review
from rules.gap import WAITING
from rules.review import JOINABLE, Stage

MAKES_A_VERSION = (Stage.SIGNING.value, Stage.ADOPTED.value)


def agenda(session: Session, review: Review) -> list[GapView]:
    """Whatever waits, while the review's text is not settled; nobody has to put it there."""
    if review.stage not in JOINABLE:
        return []
    return gap_views(session, open_gaps(session, session.get_one(Protocol, review.protocol_id)))


def answered_by(session: Session, version: Version) -> list[Gap]:
    """The gaps that the wording accepted for this version answers; resolved once it is adopted."""
    if version.review_id is None:
        return []
    numbers = gaps_accepted_in(session, session.get_one(Review, version.review_id))
    return list(session.exec(select(Gap).where(col(Gap.id).in_(numbers)).order_by(col(Gap.id))))


def unanswered_by(session: Session, version: Version) -> list[Gap]:
    """The gaps that waited when the version was made, and that it does not answer; as a review takes them."""
    made_at = _made_at(session, version)
    if made_at is None:
        return []  # of before Concordat
    answered = {gap.id for gap in answered_by(session, version)}
    statement = select(Gap).where(Gap.protocol_id == version.protocol_id, col(Gap.opened_at) <= made_at)
    gaps = session.exec(statement.order_by(col(Gap.urgent).desc(), col(Gap.id))).all()
    waited = _waiting_at(session, [gap for gap in gaps if gap.id not in answered], made_at)
    return [gap for gap in gaps if gap.id in waited]


def _made_at(session: Session, version: Version) -> datetime | None:
    """When its review went on to signing, or announced it."""
    statement = (
        select(History.at)
        .where(History.case == f"review:{version.review_id}", col(History.moved_to).in_(MAKES_A_VERSION))
        .order_by(col(History.seq))
    )
    return session.exec(statement).first() if version.review_id is not None else None


def _waiting_at(session: Session, gaps: Sequence[Gap], at: datetime) -> set[int]:
    statement = (
        select(History.case, History.moved_to)
        .where(col(History.case).in_([gap.case for gap in gaps]), col(History.moved_to).is_not(None), History.at <= at)
        .order_by(col(History.case), col(History.seq))
    )
    stood = dict(session.exec(statement).all())
    return {known_id(gap) for gap in gaps if stood.get(gap.case) in WAITING}
