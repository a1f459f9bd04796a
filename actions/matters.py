"""The secretary's list: matters opened, and closed when they are done."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from actions.cast import known_id
from models.inserting import insert_unless_there
from models.protocol import Matter, MatterKind, Protocol


def open_matter(
    session: Session,
    now: datetime,
    protocol: Protocol,
    kind: MatterKind,
    key: str,
    sentence: str,
    todo: str,
    source: str | None = None,
) -> bool:
    """False when that matter has been on the list before."""
    matter = Matter(
        key=f"{protocol.slug}:{key}",
        protocol_id=known_id(protocol),
        kind=kind,
        sentence=_shortened(sentence, 500),
        todo=_shortened(todo, 500),
        source=_shortened(source, 300) if source else None,
        opened_at=now,
    )
    return insert_unless_there(session, matter)


def _shortened(text: str, longest: int) -> str:
    """What the clock finds goes on the list, however long the names in it are."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def open_matters(session: Session, protocol: Protocol, *where: ColumnElement[bool]) -> list[Matter]:
    """Thousands may be open: whoever looks for a few says which."""
    statement = select(Matter).where(Matter.protocol_id == protocol.id, col(Matter.closed_at).is_(None), *where)
    return list(session.exec(statement.order_by(col(Matter.id))))


def keyed(protocol: Protocol, key: str) -> ColumnElement[bool]:
    return col(Matter.key) == f"{protocol.slug}:{key}"


def keyed_from(protocol: Protocol, beginning: str) -> ColumnElement[bool]:
    return col(Matter.key).startswith(f"{protocol.slug}:{beginning}", autoescape=True)


def close_matters(session: Session, now: datetime, protocol: Protocol, kind: MatterKind, outcome: str) -> None:
    for matter in session.exec(_OPEN, params={"of": protocol.id, "kind": kind}).all():
        close_matter(session, now, matter, outcome)


_OPEN = (
    select(Matter)
    .where(
        Matter.protocol_id == sa.bindparam("of"),
        col(Matter.closed_at).is_(None),
        col(Matter.kind) == sa.bindparam("kind"),
    )
    .order_by(col(Matter.id))
)


def close_matter(session: Session, now: datetime, matter: Matter, outcome: str) -> None:
    if matter.closed_at is None:
        matter.closed_at, matter.outcome = now, outcome
        session.add(matter)


def reopen_matter(session: Session, matter: Matter) -> None:
    """What had ended it was taken back."""
    matter.closed_at, matter.outcome = None, None
    session.add(matter)
