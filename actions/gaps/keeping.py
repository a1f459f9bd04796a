"""Gaps: where the protocol itself is wanting. One gap may have many origins; the next review has them on its agenda."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from actions.cast import NotThere, known_id
from models.gap import Gap, GapOrigin
from models.protocol import Clause, Protocol
from models.store import insert_unless_there
from rules.errors import Refused
from rules.texts import plain, shown

LONGEST_WORDS = 500  # characters, as a gap keeps them; a lesson keeps them whole


class GapIsClosed(Refused):
    def __init__(self, gap: Gap) -> None:
        super().__init__(f"Gap {gap.id} is closed ({gap.closed_because}): record a new one.")


class GapView(NamedTuple):
    """`origins` are cases: `breach:7`, the oldest first."""

    id: int
    clause: str | None
    words: str
    urgent: bool
    opened_at: datetime
    closed_at: datetime | None
    closed_because: str | None
    origins: tuple[str, ...]


def open_gaps(session: Session, protocol: Protocol) -> list[Gap]:
    """As a review takes them: the urgent ones first, then the oldest."""
    statement = select(Gap).where(Gap.protocol_id == protocol.id, col(Gap.closed_at).is_(None))
    return list(session.exec(statement.order_by(col(Gap.urgent).desc(), col(Gap.id))))


def gap_view(session: Session, gap: Gap) -> GapView:
    [view] = gap_views(session, [gap])
    return view


def gap_views(session: Session, gaps: Sequence[Gap]) -> list[GapView]:
    named = select(Clause.id, Clause.key).where(col(Clause.id).in_([gap.clause_id for gap in gaps]))
    clauses = dict(session.exec(named).all())
    rows = session.exec(
        select(GapOrigin).where(col(GapOrigin.gap_id).in_([gap.id for gap in gaps])).order_by(col(GapOrigin.id))
    ).all()
    return [
        GapView(
            known_id(gap), clauses.get(gap.clause_id), gap.words, gap.urgent, gap.opened_at, gap.closed_at,
            gap.closed_because, tuple(row.case for row in rows if row.gap_id == gap.id),
        )
        for gap in gaps
    ]  # fmt: skip


def joined_gap(session: Session, protocol: Protocol, gap_id: int) -> Gap:
    """The gap of that number, still open. Raises NotThere, GapIsClosed."""
    gap = session.exec(select(Gap).where(Gap.id == gap_id, Gap.protocol_id == protocol.id).with_for_update()).first()
    if gap is None:
        raise NotThere(f"There is no gap {gap_id} in {protocol.slug}: see `concordat gap list`.")
    if gap.closed_at is not None:
        raise GapIsClosed(gap)
    return gap


def same_gap(session: Session, now: datetime, protocol: Protocol, clause: str | None, words: str, by: str) -> Gap:
    """Opened, unless one that says just this of the clause is open already. The protocol is held by the caller.

    Raises NotThere for an unknown clause.
    """
    of, kept = _clause(session, protocol, clause), _shortened(plain(words))
    for gap in open_gaps(session, protocol):
        if (gap.clause_id, gap.words.casefold()) == (of.id if of else None, kept.casefold()):
            return gap
    gap = Gap(
        protocol_id=known_id(protocol), clause_id=of.id if of else None, words=kept, opened_at=now, opened_by=by
    )  # fmt: skip
    session.add(gap)
    session.flush()
    return gap


def add_origin(session: Session, now: datetime, gap: Gap, case: str, by: str) -> bool:
    """False where the gap has come from that case before."""
    return insert_unless_there(session, GapOrigin(gap_id=known_id(gap), case=case, added_at=now, added_by=by))


def _clause(session: Session, protocol: Protocol, key: str | None) -> Clause | None:
    if key is None:
        return None
    clauses = session.exec(select(Clause).where(Clause.protocol_id == protocol.id).order_by(col(Clause.position))).all()
    for clause in clauses:
        if clause.key == key:
            return clause
    known = ", ".join(clause.key for clause in clauses)
    raise NotThere(f"There is no clause “{shown(key)}” in {protocol.slug}: its clauses are {known}.")


def _shortened(words: str) -> str:
    return words if len(words) <= LONGEST_WORDS else f"{words[: LONGEST_WORDS - 1]}…"
