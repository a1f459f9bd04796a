"""Rows that are inserted as they are, many in one go: history, messages, duties. "Done is a row", without a race."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from models import fitting
from models.lists import rows_of_lists
from models.store import is_postgres


def insert_unless_there(session: Session, row: Any) -> bool:
    """Insert the row unless its unique key is taken: "done is a row", without a race. True when inserted."""
    fitting.check(row)
    table = type(row).__table__
    values = {c.key: getattr(row, c.key) for c in table.columns if not (c.primary_key and row.id is None)}
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
        inserted = _insert_lists(session, table, rows, or_not=True)
    else:
        inserted = session.execute(_insert_or_not_by_key(table), list(rows))
    return {key: number for number, key in inserted}


@cache
def _insert_or_not_by_key(table: sa.Table) -> sa.Executable:
    return sqlite.insert(table).on_conflict_do_nothing().returning(table.c.id, table.c.key)


def insert_all(session: Session, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Many rows, all with the same columns, in their order and in one go."""
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    fitting.check_values(table, rows)
    if not rows:
        return
    if is_postgres(session):
        _insert_lists(session, table, rows, or_not=False)
    else:
        session.execute(sa.insert(table), list(rows))


def _insert_lists(
    session: Session, table: sa.Table, rows: Sequence[Mapping[str, Any]], *, or_not: bool
) -> Iterable[Any]:
    """On PostgreSQL, whose server takes longer to read thousands of values, or thousands of rows one by one, than to
    write them: each column is one value, a list in the driver's binary form."""
    on, columns = session.connection(), tuple(rows[0])
    known = (table, columns, or_not)
    if known not in _LISTS:
        _LISTS[known] = _lists(table, columns, or_not=or_not).compile(dialect=on.dialect)
    done = on.execute(_LISTS[known], {name: [row[name] for row in rows] for name in columns})
    return done.all() if or_not else ()


_LISTS: dict[tuple[sa.Table, tuple[str, ...], bool], Any] = {}


def _lists(table: sa.Table, columns: Sequence[str], *, or_not: bool) -> sa.Insert:
    each = rows_of_lists({name: table.c[name].type for name in columns})
    insert = postgresql.insert(table).from_select(list(columns), sa.select(each))
    return insert.on_conflict_do_nothing().returning(table.c.id, table.c.key) if or_not else insert
