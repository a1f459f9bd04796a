"""Whether a version is in force, was, may be yet, or never will be: in the words that people read. Reads only."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from actions.signatures import version_of
from actions.versions import came_to_nothing
from models.protocol import Version
from models.review import Review
from rules.review import Stage

NOT_IN_FORCE = "ended, not in force"  # a review whose version was to be adopted; it may be signed late


def standing_of(session: Session, version: Version, current: Version | None) -> str:
    if current is not None and version.id == current.id:
        return "In force now"
    if version.in_force_from is not None:
        return "Was in force"
    if version.review_id is None:
        return "A draft: never in force"
    return "Never in force" if came_to_nothing(session, version) else "Waits for signatures"


def never_in_force(session: Session, versions: Collection[Version]) -> set[int | None]:
    """Those that were not, and for which nobody waits any more: a draft of before Concordat, what nobody has signed, or
    what a later one has taken the place of."""
    waiting = (each for each in versions if each.in_force_from is None)
    return {each.id for each in waiting if each.review_id is None or came_to_nothing(session, each)}


def ended_in_nothing(session: Session, protocol_id: int | None = None) -> set[int | None]:
    """Reviews whose signing has ended without a text in force. A few questions, unless there are many such."""
    made = (
        select(Review)
        .join(Version, col(Version.review_id) == Review.id)
        .where(Review.stage == Stage.ADOPTED, col(Version.in_force_from).is_(None))
    )
    if protocol_id is not None:
        made = made.where(Review.protocol_id == protocol_id)
    adopted = ((review.id, version_of(session, review)) for review in session.exec(made).all())
    return {number for number, version in adopted if version.in_force_from is None}
