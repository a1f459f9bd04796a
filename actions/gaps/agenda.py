"""The gaps on a review's agenda, and what its version answered and did not."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from actions.gaps.keeping import GapView, gap_views, open_gaps
from actions.gaps.naming import gaps_accepted_in, gaps_accepted_until
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
    """As `left_open` says, the urgent ones first."""
    moves = _moves(session, version)
    answered = gaps_accepted_until(session, version)
    statement = select(Gap).where(Gap.protocol_id == version.protocol_id)
    gaps = session.exec(statement.order_by(col(Gap.urgent).desc(), col(Gap.id))).all()
    return left_open(gaps, answered, moves, f"review:{version.review_id}")


def left_open(
    gaps: Sequence[Gap], answered: Collection[int | None], moves: Mapping[str, Sequence[History]], review: str
) -> list[Gap]:
    """Those that waited when the review made its version, and are `answered` neither by it nor by one before it:
    wording that is still being signed answers as well."""
    made_at = next((move.at for move in moves.get(review, ()) if move.moved_to in MAKES_A_VERSION), None)
    if made_at is None:
        return []  # of before Concordat
    return [
        gap for gap in gaps if gap.id not in answered and _stage_at(moves.get(gap.case, ()), made_at) in WAITING
    ]  # fmt: skip


def _stage_at(moves: Sequence[History], at: datetime) -> str | None:
    """The one that a move had led to by then."""
    return next((move.moved_to for move in reversed(moves) if move.at <= at), None)


def _moves(session: Session, version: Version) -> dict[str, list[History]]:
    """Of the version's review and of every gap of its protocol, by case."""
    gaps = select(sa.literal("gap:") + sa.cast(col(Gap.id), sa.String)).where(Gap.protocol_id == version.protocol_id)
    statement = (
        select(History)
        .where(or_(col(History.case).in_(gaps), History.case == f"review:{version.review_id}"))
        .where(col(History.moved_to).is_not(None))
        .order_by(col(History.case), col(History.seq))
    )
    found: dict[str, list[History]] = defaultdict(list)
    for row in session.exec(statement):
        found[row.case].append(row)
    return found
