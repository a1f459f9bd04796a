"""An urgent gap asks for a review at once: on the secretary's list, until there is one or the gap has ended."""

from datetime import datetime

from sqlmodel import Session, col, select

from actions.cast import known_id
from actions.gaps.moving import gap_locked, require_waiting
from actions.matters import close_matter, open_matter
from actions.moving import reviews_at
from actions.review_opening import open_extraordinary
from models import history
from models.gap import Gap
from models.protocol import Clause, Matter, MatterKind, Protocol
from models.review import ReasonKind, Review, ReviewReason
from rules.gap import Stage
from rules.review import ENDED, JOINABLE


def ask_for_review(session: Session, now: datetime, gap_id: int, by: str) -> Review:
    """An extraordinary review at once, or the one that is open gets one reason more. Twice does nothing.

    Raises NotThere, GapIsClosed.
    """
    gap = gap_locked(session, gap_id)
    require_waiting(session, gap)
    protocol, words = session.get_one(Protocol, gap.protocol_id), _words(session, gap)
    review = _asked_before(session, gap, words)
    if review is None:
        review = open_extraordinary(session, now, protocol, by, words, ReasonKind.GAP)
        history.write(session, gap.case, now, by, "review asked for", review=review.id)
    close_matter_of(session, now, gap, f"review {review.id} has it on its agenda")
    return review


def _words(session: Session, gap: Gap) -> str:
    """Names the gap and its clause, not its words: the reason is sent to every party."""
    clause = session.get(Clause, gap.clause_id) if gap.clause_id else None
    where = f"clause {clause.key}" if clause else "no clause so far"
    return f"Gap {gap.id} ({where}) cannot wait for the next annual review."


def _asked_before(session: Session, gap: Gap, words: str) -> Review | None:
    """The review that goes on with it: once its text is settled, only if that text answers the gap."""
    statement = (
        select(Review)
        .join(ReviewReason, col(ReviewReason.review_id) == Review.id)
        .where(Review.protocol_id == gap.protocol_id, ReviewReason.kind == ReasonKind.GAP, ReviewReason.words == words)
        .where(col(Review.stage).not_in(ENDED))
        .order_by(col(Review.id).desc())
    )
    going_on = session.exec(statement).all()
    return next((r for r in going_on if r.stage in JOINABLE or gap.stage is Stage.PROPOSED), None)


def is_asked_for(session: Session, gap: Gap) -> bool:
    """Some review goes on with it."""
    return gap.stage is Stage.PROPOSED or _asked_before(session, gap, _words(session, gap)) is not None


def list_urgent_again(session: Session, now: datetime, protocol: Protocol, review: Review) -> None:
    """The review has ended, or its text is settled: what cannot wait and is not answered is the secretary's again."""
    if reviews_at(session, protocol, *JOINABLE):
        return  # it has them on its agenda
    urgent = select(Gap).where(Gap.protocol_id == protocol.id, Gap.stage == Stage.OPEN, col(Gap.urgent).is_(True))
    for gap in session.exec(urgent.order_by(col(Gap.id))).all():
        sentence = f"Gap {gap.id} is urgent, and review {review.id}, which had it on its agenda, does not answer it."
        matter_of_urgency(session, now, gap, sentence)


def matter_of_urgency(session: Session, now: datetime, gap: Gap, sentence: str | None = None) -> None:
    """Once for each time that it becomes urgent, is reopened as an urgent one, or is not answered by its review."""
    matters = _matters_of(session, gap)
    if any(matter.closed_at is None for matter in matters):
        return
    open_matter(
        session, now, session.get_one(Protocol, gap.protocol_id), MatterKind.GAP,
        f"{gap.case}:urgent:{len(matters) + 1}", sentence or f"Gap {gap.id} is urgent.",
        f"Open an extraordinary review: `concordat gap review {gap.id}`.",
    )  # fmt: skip


def close_matter_of(session: Session, now: datetime, gap: Gap, outcome: str) -> None:
    for matter in _matters_of(session, gap):
        close_matter(session, now, matter, outcome)


def _matters_of(session: Session, gap: Gap) -> list[Matter]:
    protocol = session.get_one(Protocol, gap.protocol_id)
    ours = col(Matter.key).startswith(f"{protocol.slug}:gap:{known_id(gap)}:urgent:", autoescape=True)
    return list(session.exec(select(Matter).where(Matter.protocol_id == gap.protocol_id, ours)))
