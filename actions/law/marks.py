"""Clauses marked by a change of the law, until a later version changes them or a person says that they need no change.

A mark is no row of its own: it follows from what is recorded, and from what has happened since.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from actions.cast import NotThere, known_id
from actions.law.changing import MATTER
from actions.law.said import SETTLED, Said, settled_marks, withdrawn_changes
from actions.matters import close_matter, keyed_from, open_matters
from actions.moving import protocol_locked
from actions.reasons import reason
from actions.versions import bases_of, came_to_nothing, said_bases
from models import history
from models.protocol import Clause, LegislationChange, Protocol, Version, VersionClause
from models.review import Review
from rules.errors import Refused
from rules.review import Stage
from rules.sentences import listed
from rules.texts import shown


@dataclass(frozen=True, kw_only=True)
class Mark:
    """`version` is the adopted one that changed the clause since; `settled`: a person has said that the clause needs
    no change; `withdrawn`: the change was recorded by mistake. Where none of these is, it stands."""

    change: int
    clause: str
    act: str
    section: str | None
    version: str | None
    settled: Said | None
    withdrawn: Said | None

    @property
    def stands(self) -> bool:
        return self.version is None and self.settled is None and self.withdrawn is None


class NotMarked(Refused):
    def __init__(self, clause: str, change: LegislationChange) -> None:
        super().__init__(
            f"Change {change.id} does not touch clause “{shown(clause)}”: it touches {listed(change.clauses)}."
        )


class MarkHasEnded(Refused):
    def __init__(self, mark: Mark) -> None:
        why = f"Version {mark.version} has changed clause {mark.clause} since"
        if mark.withdrawn is not None:
            why = f"Change {mark.change} was withdrawn"
        super().__init__(f"{why}: there is nothing to settle.")


def changes_recorded(session: Session, protocol: Protocol) -> list[LegislationChange]:
    """The oldest first."""
    statement = select(LegislationChange).where(LegislationChange.protocol_id == protocol.id)
    return list(session.exec(statement.order_by(col(LegislationChange.id))))


def change_numbered(session: Session, protocol: Protocol, number: int) -> LegislationChange:
    """Raises NotThere."""
    found = session.get(LegislationChange, number)
    if found is None or found.protocol_id != protocol.id:
        raise NotThere(
            f"There is no recorded change {number} of the law in {protocol.slug}: see `concordat legislation list`."
        )
    return found


def standing_marks(session: Session, protocol: Protocol) -> list[Mark]:
    """Which clauses are marked, by which change; neither a version nor a person has answered since."""
    return [mark for mark in marks_of(session, protocol, changes_recorded(session, protocol)) if mark.stands]


def marks_of(session: Session, protocol: Protocol, changes: Sequence[LegislationChange]) -> list[Mark]:
    """Every mark there is or was, change by change."""
    if not changes:
        return []
    settled, withdrawn = settled_marks(session, protocol), withdrawn_changes(session, protocol)
    texts = _Texts(session, protocol, changes)
    return [
        Mark(
            change=known_id(change), clause=clause, act=change.act, section=change.section,
            version=texts.answered_in(change, clause), settled=settled.get((known_id(change), clause)),
            withdrawn=withdrawn.get(known_id(change)),
        )
        for change in changes
        for clause in change.clauses
    ]  # fmt: skip


def settle_mark(
    session: Session, now: datetime, protocol: Protocol, change_id: int, clause: str, by: str, because: str
) -> Mark:
    """The clause needs no change, and why. Said twice, it stays as it was said.

    Raises NotThere, NotMarked, MarkHasEnded, ReasonNeeded, NotText.
    """
    why = reason(because, "leaving a clause as it is after a change of the law")
    protocol_locked(session, protocol)
    case = f"protocol:{protocol.slug}"
    history.hold(session, case)
    change = change_numbered(session, protocol, change_id)
    mark = _mark(session, protocol, change, clause)
    if mark.settled is not None:
        return mark
    if not mark.stands:
        raise MarkHasEnded(mark)
    history.write(session, case, now, by, SETTLED, why=why, change=change_id, clause=mark.clause)
    close_if_answered(session, now, protocol, change)
    return _mark(session, protocol, change, clause)


def settle_marks(
    session: Session, now: datetime, protocol: Protocol, change_id: int, by: str, because: str
) -> list[Mark]:
    """Every clause that the change marks still needs no change, for the one reason. Answers those that it settled.

    Raises NotThere, ReasonNeeded, NotText.
    """
    why = reason(because, "leaving clauses as they are after a change of the law")
    protocol_locked(session, protocol)
    case = f"protocol:{protocol.slug}"
    history.hold(session, case)
    change = change_numbered(session, protocol, change_id)
    standing = [mark.clause for mark in marks_of(session, protocol, [change]) if mark.stands]
    for clause in standing:
        history.write(session, case, now, by, SETTLED, why=why, change=change_id, clause=clause)
    close_if_answered(session, now, protocol, change)
    return [mark for mark in marks_of(session, protocol, [change]) if mark.clause in standing]


def close_if_answered(session: Session, now: datetime, protocol: Protocol, change: LegislationChange) -> list[str]:
    """The clauses that it marks still; where it marks none, what its reviews left to the secretary is done."""
    standing = [mark.clause for mark in marks_of(session, protocol, [change]) if mark.stands]
    if not standing:
        for matter in open_matters(session, protocol, keyed_from(protocol, after_review(change))):
            close_matter(session, now, matter, f"change {change.id} of the law marks nothing any more")
    return standing


def after_review(change: LegislationChange) -> str:
    """Of the matter that a review, whose number follows, has left the change unanswered."""
    return f"{MATTER}{change.id}:review-"


def _mark(session: Session, protocol: Protocol, change: LegislationChange, clause: str) -> Mark:
    for mark in marks_of(session, protocol, [change]):
        if mark.clause == clause.strip():
            return mark
    raise NotMarked(clause, change)


class _Texts:
    """The marked clauses in every adopted version, and in the text each change was recorded beside."""

    def __init__(self, session: Session, protocol: Protocol, changes: Sequence[LegislationChange]) -> None:
        self.versions = {known_id(version): version for version in _texts_of(session, protocol)}
        self.adopted = [version for version in self.versions.values() if _is_adopted(session, version)]
        self.beside = self._beside(session, protocol, {change.version_id for change in changes})
        marked = {clause for change in changes for clause in change.clauses}
        rows = session.exec(
            select(VersionClause.version_id, Clause.key, VersionClause.text)
            .join(Clause, col(Clause.id) == VersionClause.clause_id)
            .where(Clause.protocol_id == protocol.id, col(Clause.key).in_(marked))
        )
        self.words = {(version, key): text for version, key, text in rows}

    def _beside(
        self, session: Session, protocol: Protocol, numbers: Collection[int | None]
    ) -> dict[int | None, Version | None]:
        """The text of that number; where it came to nothing, the one that it was made from."""
        bases, kept = bases_of(self.versions.values(), said_bases(session, known_id(protocol))), set[int | None]()
        for adopted in self.adopted:
            each: Version | None = adopted
            while each is not None and each.id not in kept:
                kept.add(each.id)
                each = bases[each.id]
        found: dict[int | None, Version | None] = {}
        for number in numbers:
            text = self.versions.get(number or 0)
            while text is not None and text.id not in kept and came_to_nothing(session, text):
                text = bases[text.id]
            found[number] = text
        return found

    def answered_in(self, change: LegislationChange, clause: str) -> str | None:
        """The first adopted version since in which the clause reads otherwise."""
        before = self.beside.get(change.version_id)
        reads = self.words.get((known_id(before), clause), "") if before else ""
        for version in self.adopted:
            later = before is None or (version.major, version.minor) > (before.major, before.minor)
            if later and self.words.get((known_id(version), clause), "") != reads:
                return version.label
        return None


def _texts_of(session: Session, protocol: Protocol) -> list[Version]:
    """Versions whose text is held, the oldest first."""
    statement = select(Version).where(
        Version.protocol_id == protocol.id, col(Version.id).in_(select(VersionClause.version_id))
    )
    return list(session.exec(statement.order_by(col(Version.major), col(Version.minor))))


def _is_adopted(session: Session, version: Version) -> bool:
    """One in force while it is still being signed may yet come to nothing; one whose signing has ended without a
    signature that was to bring it into force has."""
    if version.in_force_from is None or version.review_id is None:
        return version.in_force_from is not None
    return session.get_one(Review, version.review_id).stage is Stage.ADOPTED
