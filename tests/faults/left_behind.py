"""What a story has left in its store, so that two ends can be compared; and what the mail server must have got."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select

from actions.verifying import verify
from models.breach import Breach, BreachDuty, FollowUp
from models.complaint import Complaint
from models.history import History
from models.obligation import Obligation, Reminder
from models.outbox import Delivery, Message
from models.protocol import Matter, MatterKind, Party, Protocol
from models.review import Review
from models.store import reading

Left = dict[str, list[str]]  # by table

# Without instants: a process that was killed goes on some minutes later.
COMPARED: dict[type[Any], tuple[str, ...]] = {
    Protocol: ("slug", "policies", "operating"),
    Party: ("slug", "joined_on", "left_on"),
    Review: ("review_on", "stage", "round", "due_on"),
    Breach: ("stage", "outcome"),
    FollowUp: ("party_id", "regime", "end"),
    BreachDuty: ("follow_up_id", "kind", "required"),
    Complaint: ("key", "kind", "stage", "outcome"),
    Obligation: ("key", "kind", "outcome", "due_on"),
    Reminder: ("obligation_id", "rung", "outcome"),
    Message: ("key", "kind", "address"),
    History: ("case", "seq", "what", "moved_from", "moved_to"),
}
# What a doubt leaves differs; a sign of life is overwritten.
NOT_COUNTED = ("matter", "heartbeat")


def left_behind(store: sa.Engine, now: datetime) -> Left:
    """Nothing in it is broken."""
    with reading(store) as session:
        assert verify(session, now).broken == []
        found = {
            table.__name__: sorted(map(repr, _columns(session, table, names))) for table, names in COMPARED.items()
        }
        matters = session.exec(select(Matter.kind, Matter.key).where(Matter.kind != MatterKind.IN_DOUBT))
        found["Matter"] = sorted(map(repr, matters))
        counted = (
            sa.select(sa.literal(t.name), sa.func.count()).select_from(t)
            for t in SQLModel.metadata.sorted_tables
            if t.name not in NOT_COUNTED
        )
        found["rows"] = sorted(map(repr, session.connection().execute(sa.union_all(*counted))))
    return found


def _columns(session: Session, table: type[Any], names: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    yield from map(tuple, session.connection().execute(sa.select(*(getattr(table, name) for name in names))))


def sent_before(store: sa.Engine) -> set[str]:
    """Message-IDs of which nothing more may be sent."""
    with reading(store) as session:
        return set(session.exec(select(Message.message_id).where(Message.state != Delivery.QUEUED)))


def count_on(store: sa.Engine) -> None:
    """PostgreSQL does not give again a number that was rolled back; here it does, so that all can be compared."""
    if store.dialect.name == "sqlite":
        return
    with store.begin() as connection:
        there = set(sa.inspect(connection).get_table_names())  # an old store has not all of them yet
        tables = [t.name for t in SQLModel.metadata.sorted_tables if t.name in there and "id" in t.columns]
        connection.exec_driver_sql("; ".join(map(_count_on_from_the_newest, tables)))


def _count_on_from_the_newest(table: str) -> str:
    newest = f'(SELECT max(id) FROM "{table}")'
    return f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), coalesce({newest}, 1), {newest} IS NOT NULL)"
