"""The store: one engine, one way to open a transaction, on SQLite and PostgreSQL alike."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, create_engine

from models.fail_points import reached
from models.remembering import remember
from settings import settings

READ_ONLY = {"concordat_read_only": True}
# Otherwise every question sees another moment, and `verify` beside a sweep finds what is not so.
SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
LOCK_WAIT_SECONDS = 30
ASK_AGAIN_SECONDS = 0.001
LEAST_GIVEN_SECONDS = 0.02  # people's short transactions come by the dozen, and each finds its turn
# A message's html is packed: PostgreSQL's own way takes it as long as all else that it does with one. Not every server
# has the other.
QUICKLY_PACKED = """
    SELECT set_config('default_toast_compression', 'lz4', false) FROM pg_settings
    WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)
"""
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
        sa.event.listen(made, "connect", _prepare_postgres)
        sa.event.listen(made, "handle_error", _leave_out_the_row)
        remember(made)
        return made
    path = sa.make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    waits = {"timeout": LOCK_WAIT_SECONDS, "check_same_thread": False}
    created = create_engine(url, connect_args=waits, hide_parameters=True, **POOL)
    sa.event.listen(created, "connect", _prepare_sqlite)
    sa.event.listen(created, "begin", _begin_sqlite)
    remember(created)
    return created


def _leave_out_the_row(context: sa.engine.ExceptionContext) -> None:
    """PostgreSQL shows the whole row that breaks a constraint, in the lines after the first."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\n")[0], *error.args[1:])


def _prepare_postgres(connection: Any, _record: ConnectionPoolEntry) -> None:
    from psycopg.types.array import ListBinaryDumper

    connection.adapters.register_dumper(list, ListBinaryDumper)  # as text a list takes the driver five times as long
    connection.execute(QUICKLY_PACKED)
    connection.commit()


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


def is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def data_folder_of(url: str) -> Path | None:
    """Where a SQLite store's file lies; None for a server."""
    path = sa.make_url(url).database if url.startswith("sqlite") else None
    return Path(path).parent if path and os.path.sep in path else None
