"""Gaps whose answer waits for signatures: a text that comes to nothing answers none, and one that a late signature
brings into force answers what it was made for."""

from datetime import datetime
from itertools import takewhile

from sqlmodel import Session, col, select

from actions.cast import known_id
from actions.gaps.asking import close_matter_of, matter_of_urgency
from actions.gaps.living import wait_again
from actions.gaps.moving import held, hold_gaps, settle_gaps, take_step
from actions.gaps.naming import gaps_accepted_in
from actions.moving import reviews_at
from actions.versions import bases_of, came_to_nothing, lineage, said_bases
from models.gap import Gap
from models.protocol import Protocol, Version
from models.review import Review
from rules.gap import WAITING, Stage, Step
from rules.review import JOINABLE


def answered_by_nothing(session: Session) -> list[tuple[Gap, Version]]:
    """Gaps that are resolved in a text that never came into force, and that no text was made from which is in force or
    still waits for a signature."""
    resolved = (
        select(Gap, Version)
        .join(Version, col(Version.id) == Gap.resolved_in_id)
        .where(Gap.stage == Stage.RESOLVED, col(Version.in_force_from).is_(None), col(Version.review_id).is_not(None))
        .order_by(col(Gap.id))
    )
    found = session.exec(resolved).all()
    stand = {number: _standing(session, number) for number in {gap.protocol_id for gap, _ in found}}
    return [(gap, version) for gap, version in found if version.id not in stand[gap.protocol_id]]


def _standing(session: Session, protocol_id: int) -> set[int | None]:
    """The versions made here whose words are in force, or may yet be: their own, or in one that was made from them."""
    versions = session.exec(select(Version).where(Version.protocol_id == protocol_id)).all()
    bases, stand = bases_of(versions, said_bases(session, protocol_id)), set[int | None]()
    for version in versions:
        each: Version | None = version if not came_to_nothing(session, version) else None
        while each is not None and each.review_id is not None and each.id not in stand:
            stand.add(each.id)
            each = bases[each.id]
    return stand


def reopen_unanswered(session: Session, now: datetime, protocol: Protocol, by: str) -> int:
    """Nobody waits for a text any more, it seems: the gaps that it was to answer wait for the next review. Answers how
    many; the protocol is held by the caller."""
    session.flush()
    found = [(gap, version) for gap, version in answered_by_nothing(session) if gap.protocol_id == protocol.id]
    hold_gaps(session, [gap.id for gap, _ in found])
    on_an_agenda = bool(found) and bool(reviews_at(session, protocol, *JOINABLE))
    for gap, version in found:
        why = f"Version {version.label}, which answered it, never came into force."
        wait_again(session, now, held(session, gap), by, why)
        if gap.urgent and not on_an_agenda:
            matter_of_urgency(session, now, gap, f"Gap {gap.id} is urgent. {why}")
    settle_gaps(session, now, [known_id(gap) for gap, _ in found], by)
    return len(found)


def resolve_late(session: Session, now: datetime, version: Version, by: str) -> None:
    """It comes into force after its review has ended, which left its gaps waiting; and so do the words of whatever it
    was made from and had never been in force. The protocol is held by the caller."""
    answered = _answered_by_its_own(session, version)
    hold_gaps(session, answered)
    for number, (text, proposals) in sorted(answered.items()):
        gap = held(session, session.get_one(Gap, number))
        if gap.stage not in WAITING:
            continue  # somebody's reason has ended it meanwhile
        if gap.stage is Stage.OPEN:
            take_step(session, now, gap, Step.PROPOSE, by, proposals=proposals)
        gap.resolved_in_id, gap.closed_at = known_id(text), now
        take_step(session, now, gap, Step.RESOLVE, by, version=text.label, proposals=proposals)
        close_matter_of(session, now, gap, f"resolved in version {text.label}")


def _answered_by_its_own(session: Session, version: Version) -> dict[int, tuple[Version, list[int]]]:
    """By gap the text that answers it, the newest of its line, and the accepted proposals that do."""
    before = takewhile(lambda each: each.in_force_from is None, lineage(session, version)[1:])
    found: dict[int, tuple[Version, list[int]]] = {}
    for each in (version, *before):
        text = version if each.major == version.major else each
        of = gaps_accepted_in(session, session.get_one(Review, each.review_id)) if each.review_id is not None else {}
        found = {number: (text, proposals) for number, proposals in of.items()} | found
    return found
