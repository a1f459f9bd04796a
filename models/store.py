"""The store: one engine, one way to open a transaction, on SQLite and PostgreSQL alike."""

import os
import sqlite3
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, SQLModel, create_engine

from models import fitting
from models.fail_points import reached
from settings import settings

READ_ONLY = {"concordat_read_only": True}
# Otherwise every question sees another moment, and `verify` beside a sweep finds what is not so.
SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
LOCK_WAIT_SECONDS = 30
ASK_AGAIN_SECONDS = 0.001
LEAST_GIVEN_SECONDS = 0.02  # people's short transactions come by the dozen, and each finds its turn
LEAST_GIVEN_SECONDS = 0.02  # people's short transactions come by the dozen, and each finds its turn
# As many as the pages have threads: whoever waits for the one writer must not keep others from reading.
POOL: dict[str, Any] = {"pool_size": 10, "max_overflow": 40}


@cache
def engine(url: str | None = None) -> sa.Engine:
    """The engine of this process; `url` only where several stores are open at once (rehearsal, tests).

    An error names its statement without the values: it may end in a log, or in Prefect's database.
    """
    url = url or settings().store_url
    if not url.startswith("sqlite"):
        made = create_engine(url, pool_pre_ping=True, hide_parameters=True, **POOL)
        sa.event.listen(made, "handle_error", _leave_out_the_row)
        return made
    path = sa.make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    waits = {"timeout": LOCK_WAIT_SECONDS, "check_same_thread": False}
    created = create_engine(url, connect_args=waits, hide_parameters=True, **POOL)
    sa.event.listen(created, "connect", _prepare_sqlite)
    sa.event.listen(created, "begin", _begin_sqlite)
    return created


def _leave_out_the_row(context: sa.engine.ExceptionContext) -> None:
    """PostgreSQL shows the whole row that breaks a constraint, in the lines after the first."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\n")[0], *error.args[1:])


def _prepare_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # this module says BEGIN itself
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}").fetchall()


def _begin_sqlite(connection: sa.Connection) -> None:
    """A writer takes the write lock at once: upgrading a read lock later is how SQLite deadlocks."""
    if connection.get_execution_options().get("concordat_read_only", False):
        connection.exec_driver_sql("BEGIN")
        return
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA busy_timeout=0")
    try:
        if not _begun(driver):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # says what is wrong, as SQLAlchemy says it
    finally:
        driver.execute(f"PRAGMA busy_timeout={LOCK_WAIT_SECONDS * 1000}")


def _begun(driver: sqlite3.Connection) -> bool:
    """SQLite itself asks again after up to 100 ms: beside a sweep, whose pauses are short, it meets none of them."""
    until = time.monotonic() + LOCK_WAIT_SECONDS
    while time.monotonic() < until:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:  # in its low byte, whatever made it busy
                return False
            time.sleep(ASK_AGAIN_SECONDS)
        else:
            return True
    return False


@sa.event.listens_for(Session, "loaded_as_persistent")
def _keep(session: Session, instance: Any) -> None:
    """A session forgets what nobody holds, and would ask for the protocol a hundred times in one action. Only what
    says so is kept: a sweep's thousands are let go."""
    if getattr(instance, "KEPT", False):
        session.info.setdefault("kept", []).append(instance)


@contextmanager
def transaction(on: sa.Engine | None = None) -> Iterator[Session]:
    """One unit of work: committed when the block ends, rolled back when it raises."""
    of = on or engine()
    with _turn(of):
        with Session(of, expire_on_commit=False) as session, session.begin():
            yield session
            reached("before a commit")
        reached("after a commit")


@contextmanager
def _turn(of: sa.Engine) -> Iterator[None]:
    """SQLite has one writer. Threads that wait for it inside SQLite wait in steps of up to 100 ms, wake all at once,
    and some wait for ever: a hundred reports at once came to nothing. Here they stand in line.

    Whoever has waited as long as SQLite would lets SQLite say what is wrong.
    """
    if of.dialect.name != "sqlite":
        yield
        return
    taken, began = (line := _line(of)).acquire(timeout=LOCK_WAIT_SECONDS), time.monotonic()
    try:
        yield
    finally:
        if taken:
            line.release()
        if _GIVES_WAY.get():
            time.sleep(max(time.monotonic() - began, LEAST_GIVEN_SECONDS))


@cache
def _line(_of: sa.Engine) -> threading.Lock:
    return threading.Lock()


_GIVES_WAY: ContextVar[bool] = ContextVar("gives way", default=False)


@contextmanager
def giving_way() -> Iterator[None]:
    """The clock's work on SQLite: after each transaction the one writer is left to people for as long again, and
    for a moment at least."""
    token = _GIVES_WAY.set(True)
    try:
        yield
    finally:
        _GIVES_WAY.reset(token)


@contextmanager
def reading(on: sa.Engine | None = None) -> Iterator[Session]:
    """A consistent look at the store, as of its first question: it never waits for a writer and never writes."""
    of = on or engine()
    connection = of.connect().execution_options(**(SNAPSHOT if of.dialect.name == "postgresql" else READ_ONLY))
    with connection, Session(connection, expire_on_commit=False, autoflush=False) as session:
        yield session
        session.rollback()


def insert_unless_there(session: Session, row: Any) -> bool:
    """Insert the row unless its unique key is taken: "done is a row", without a race. True when inserted."""
    fitting.check(row)
    table = type(row).__table__
    values = {c.key: getattr(row, c.key) for c in table.columns if not (c.primary_key and row.id is None)}
    on = session.connection()
    inserted = on.execute(_insert_or_not(table, tuple(values), on.dialect), values).scalar_one_or_none()
    if inserted is None:
        return False
    row.id = inserted
    return True


_COMPILED: dict[tuple[sa.Table, tuple[str, ...], str], sa.Compiled] = {}


def _insert_or_not(table: sa.Table, columns: tuple[str, ...], dialect: sa.Dialect) -> Any:
    """Compiled once: SQLAlchemy keeps no statement with ON CONFLICT, and compiling it for every row cost a tenth of a
    sweep and of a report."""
    known = (table, columns, dialect.name)
    if known not in _COMPILED:
        insert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
        statement = insert(table).on_conflict_do_nothing().returning(table.c.id)
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
    if is_postgres(session):
        inserted = session.execute(_insert_columns(table, tuple(rows[0]), answers=True), _by_column(rows))
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
        session.execute(_insert_columns(table, tuple(rows[0]), answers=False), _by_column(rows))
    else:
        session.execute(sa.insert(table), list(rows))


@cache
def _insert_columns(table: sa.Table, names: tuple[str, ...], *, answers: bool) -> sa.Executable:
    """On PostgreSQL the rows go as an array for each column: row by row it begins a statement for each of them, and of
    one statement with thousands of values the reading takes it three times as long. `answers`: those whose key is
    taken are left as they are, and what was inserted is answered."""
    columns = [table.c[name] for name in names]
    arrays = (sa.bindparam(c.key, type_=postgresql.ARRAY(c.type, dimensions=1)) for c in columns)
    given = sa.func.unnest(*arrays).table_valued(*(sa.column(c.key, c.type) for c in columns), name="given")
    insert = postgresql.insert(table).from_select(columns, sa.select(*given.render_derived().c))
    return insert.on_conflict_do_nothing().returning(table.c.id, table.c.key) if answers else insert


def _by_column(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def lock(session: Session, name: str) -> None:
    """Hold `name` until the transaction ends. SQLite has one writer at a time anyway."""
    lock_all(session, [name])


def lock_all(session: Session, names: Sequence[str]) -> None:
    """Hold each of them until the transaction ends, taken in that order, in one statement."""
    if is_postgres(session):
        session.execute(_HOLDING, {"names": names}).all()


def each_of(on_postgres: bool) -> sa.TableValuedAlias:
    """What is given as `names`, a list, as rows with a column `value`, in their order: one statement for any number."""
    value = sa.column("value", sa.Text)
    if on_postgres:
        listed = sa.func.unnest(sa.bindparam("names", type_=postgresql.ARRAY(sa.Text)))
        return listed.table_valued(value, name="each").render_derived()
    return sa.func.json_each(sa.bindparam("names", type_=sa.JSON)).table_valued(value, name="each")


def one_of(session: Session, column: Any, values: Collection[Any]) -> sa.ColumnElement[bool]:
    """The column holds one of them: `IN`, with one parameter for any number of values, and so without a limit."""
    if is_postgres(session):
        return sa.type_coerce(column == sa.any_(sa.cast(list(values), postgresql.ARRAY(column.type))), sa.Boolean)
    each = sa.func.json_each(sa.type_coerce(list(values), sa.JSON)).table_valued("value")
    return sa.type_coerce(column.in_(sa.select(each.c.value)), sa.Boolean)


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


def is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def data_folder_of(url: str) -> Path | None:
    """Where a SQLite store's file lies; None for a server."""
    path = sa.make_url(url).database if url.startswith("sqlite") else None
    return Path(path).parent if path and os.path.sep in path else None
