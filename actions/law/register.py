"""The register of the law a protocol rests on (appendix 3), with what has been recorded of each Act. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.cast import NotThere, known_id
from actions.law.acts import register_rows, same_title
from actions.law.marks import Mark, changes_recorded, marks_of
from actions.law.said import Said, withdrawn_changes
from models.history import Narrative
from models.protocol import Legislation, LegislationChange, Protocol
from rules.texts import shown

NOT_LISTED = "not listed"  # an Act that somebody has recorded a change of, and that the document does not cite


@dataclass(frozen=True, kw_only=True)
class RecordedChange:
    """`what` is None once retention has emptied it; `review`: which it opened, or joined."""

    number: int
    section: str | None
    in_force_from: date
    what: str | None
    source: str | None
    review: int | None
    recorded_at: datetime
    recorded_by: str
    withdrawn: Said | None
    marks: tuple[Mark, ...]


@dataclass(frozen=True, kw_only=True)
class RegisteredAct:
    """`clauses`: those that rest on it; `marked`: how many marks of its changes stand."""

    key: str | None
    title: str
    status: str
    since: date | None
    successor: str | None
    source: str | None
    clauses: tuple[str, ...]
    changes: tuple[RecordedChange, ...]
    marked: int


def register_of(session: Session, protocol: Protocol) -> list[RegisteredAct]:
    """In the document's order; after it Acts that it does not cite, of which a change is recorded."""
    changes = changes_recorded(session, protocol)
    recorded = _recorded(session, protocol, changes)
    rows = register_rows(session, protocol)
    acts = [_listed(row, recorded, [c for c in changes if c.legislation_id == row.id]) for row in rows]
    others: dict[str, list[LegislationChange]] = {}
    for change in changes:
        if change.legislation_id is None:
            others.setdefault(same_title(change.act), []).append(change)
    return acts + [_not_listed(of, recorded) for of in others.values()]


def act_in_register(session: Session, protocol: Protocol, name: str) -> RegisteredAct:
    """By its key or its title. Raises NotThere, naming the keys there are."""
    acts = register_of(session, protocol)
    for act in acts:
        if act.key == name.strip() or same_title(act.title) == same_title(name):
            return act
    known = ", ".join(act.key or f"“{act.title}”" for act in acts) or "nothing"
    raise NotThere(f"There is no “{shown(name)}” in the register of {protocol.slug}: it lists {known}.")


def _listed(
    row: Legislation, recorded: dict[int, RecordedChange], changes: Sequence[LegislationChange]
) -> RegisteredAct:
    found = tuple(recorded[known_id(change)] for change in changes)
    return RegisteredAct(
        key=row.key, title=row.title, status=row.status, since=row.since, successor=row.successor, source=row.source,
        clauses=tuple(row.clauses), changes=found, marked=_marked(found),
    )  # fmt: skip


def _not_listed(changes: Sequence[LegislationChange], recorded: dict[int, RecordedChange]) -> RegisteredAct:
    found = tuple(recorded[known_id(change)] for change in changes)
    return RegisteredAct(
        key=None, title=changes[0].act, status=NOT_LISTED, since=None, successor=None, source=None, clauses=(),
        changes=found, marked=_marked(found),
    )  # fmt: skip


def _marked(changes: Sequence[RecordedChange]) -> int:
    return sum(mark.stands for change in changes for mark in change.marks)


def _recorded(session: Session, protocol: Protocol, changes: Sequence[LegislationChange]) -> dict[int, RecordedChange]:
    ids = [change.words_id for change in changes]
    words = dict(session.exec(select(Narrative.id, Narrative.text).where(col(Narrative.id).in_(ids))).all())
    marks, withdrawn = marks_of(session, protocol, changes), withdrawn_changes(session, protocol)
    return {
        known_id(change): RecordedChange(
            number=known_id(change), section=change.section, in_force_from=change.in_force_from,
            what=words.get(change.words_id), source=change.source, review=change.review_id,
            recorded_at=change.recorded_at, recorded_by=change.recorded_by, withdrawn=withdrawn.get(known_id(change)),
            marks=tuple(mark for mark in marks if mark.change == change.id),
        )
        for change in changes
    }  # fmt: skip
