"""Rows that are inserted as they are, many in one go: history, messages, duties. "Done is a row", without a race."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from models import fitting
from models.lists import one_of
from models.store import is_postgres


def insert_unless_there(session: Session, row: Any) -> bool:
    """Insert the row unless its unique key is taken: "done is a row", without a race. True when inserted."""
    fitting.check(row)
    table = type(row).__table__
    values = {c.name: getattr(row, c.name) for c in table.columns if not (c.primary_key and row.id is None)}
    on = session.connection()
    inserted = on.execute(_insert(table, tuple(values), on.dialect, or_not=True), values).scalar_one_or_none()
    if inserted is None:
        return False
    row.id = inserted
    return True


def insert_one(session: Session, model: type[SQLModel], values: Mapping[str, Any]) -> int:
    """One row, with a value for each column that needs one. Answers its id. What nobody asks for again needs no object,
    which costs several times the row."""
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    fitting.check_values(table, [values])
    session.flush()
    on = session.connection()
    return int(on.execute(_insert(table, tuple(values), on.dialect, or_not=False), values).scalar_one())


_COMPILED: dict[tuple[sa.Table, tuple[str, ...], str, bool], sa.Compiled] = {}


def _insert(table: sa.Table, columns: tuple[str, ...], dialect: sa.Dialect, *, or_not: bool) -> Any:
    """Compiled once: SQLAlchemy keeps no statement with ON CONFLICT, and compiling it for every row cost a tenth of a
    sweep and of a report."""
    known = (table, columns, dialect.name, or_not)
    if known not in _COMPILED:
        insert = (postgresql.insert if dialect.name == "postgresql" else sqlite.insert)(table)
        statement = (insert.on_conflict_do_nothing() if or_not else insert).returning(table.c.id)
        _COMPILED[known] = statement.compile(dialect=dialect, column_keys=list(columns))
    return _COMPILED[known]


def insert_those_not_there(
    session: Session, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]
) -> dict[str, int]:
    """Many rows that have a `key`, all with the same columns, in their order; those whose unique key is taken are left
    as they are. Answers the ids of those that were inserted, by key."""
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    fitting.check_values(table, rows)
    if not rows:
        return {}
    if len(rows) == 1:
        on, [row] = session.connection(), rows
        number = on.execute(_insert(table, tuple(row), on.dialect, or_not=True), dict(row)).scalar_one_or_none()
        return {} if number is None else {row["key"]: number}
    if is_postgres(session):
        return _inserted_under_numbers(session, table, rows)
    inserted = session.execute(_insert_or_not_by_key(table), list(rows))
    return {key: number for number, key in inserted}


@cache
def _insert_or_not_by_key(table: sa.Table) -> sa.Executable:
    return sqlite.insert(table).on_conflict_do_nothing().returning(table.c.id, table.c.key)


def _inserted_under_numbers(session: Session, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Row by row without waiting for each, as the driver does it where nothing is answered: one statement of thousands
    of values takes it three times as long to read. So they are given their numbers first; one that then stands there
    is ours, and was the first of its key."""
    drawn = sa.select(sa.func.nextval(sa.func.pg_get_serial_sequence(table.name, "id")))
    numbers = session.execute(drawn.select_from(sa.func.generate_series(1, len(rows)).alias())).scalars().all()
    numbered = [{"id": number, **row} for number, row in zip(numbers, rows, strict=True)]
    session.execute(postgresql.insert(table).on_conflict_do_nothing(), numbered)
    there = session.execute(sa.select(table.c.id).where(one_of(session, table.c.id, numbers))).scalars().all()
    keys = {row["id"]: row["key"] for row in numbered}
    return {keys[number]: number for number in sorted(there)}


def insert_all(session: Session, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Many rows, all with the same columns, in their order and in one go."""
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    fitting.check_values(table, rows)
    if rows:
        session.execute(sa.insert(table), list(rows))
