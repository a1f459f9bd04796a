"""Names and rows that are held until the transaction ends."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from models.lists import each_of
from models.remembering import not_yet_held
from models.store import is_postgres


def lock(session: Session, name: str) -> None:
    """Hold `name` until the transaction ends. SQLite has one writer at a time anyway."""
    lock_all(session, [name])


def lock_all(session: Session, names: Sequence[str]) -> None:
    """Hold each of them until the transaction ends, taken in that order, in one statement."""
    if is_postgres(session) and (wanted := not_yet_held(session, names)):
        session.execute(_HOLDING, {"names": wanted}).all()


def _lock_number(name: sa.ColumnElement[str]) -> sa.ColumnElement[int]:
    return sa.func.hashtextextended(name, sa.literal_column("0"))


_HOLDING = sa.select(sa.func.pg_advisory_xact_lock(_lock_number(each_of(on_postgres=True).c.value)))


def held_at_once(name: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """For a query on PostgreSQL: takes the lock of that name where nobody else has it, and says whether it did."""
    return sa.func.pg_try_advisory_xact_lock(_lock_number(name))


def hold_row(session: Session, row: SQLModel, *, locked: bool = False) -> None:
    """Hold the row until the transaction ends, and read it anew, as it is now that nobody else can change it;
    `locked`: whoever changes it holds a name of its own. On SQLite nobody could since it was read."""
    if is_postgres(session):
        session.refresh(row, with_for_update=None if locked else True)
