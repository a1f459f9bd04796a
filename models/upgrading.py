"""Bring a store to this release's tables; refuse one that a newer release has written."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from models.fail_points import reached
from models.store import LOCK_WAIT_SECONDS, READ_ONLY
from rules.errors import Refused

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


class State(StrEnum):
    EMPTY = "empty"
    OLD = "old"
    CURRENT = "current"


class StoreIsNewer(Refused):
    def __init__(self, revision: str) -> None:
        super().__init__(
            f"This database was written by a newer Concordat (its revision is {revision}). "
            "Install that release or a later one; nothing has been changed."
        )


class StoreIsOld(Refused):
    def __init__(self) -> None:
        super().__init__(
            "This database was written by an older Concordat. Run `concordat up`, or `concordat upgrade`: "
            "it keeps a backup and brings the database up to date."
        )


def state_of(on: sa.Engine | sa.Connection) -> State:
    """Raises StoreIsNewer for a revision this release does not know."""
    if isinstance(on, sa.Connection):
        return _state(on)
    with on.connect().execution_options(**READ_ONLY) as connection:  # every command asks: nobody waits for a writer
        return _state(connection)


def _state(connection: sa.Connection) -> State:
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        return State.EMPTY
    scripts = _scripts()
    if revision == scripts.get_current_head():
        return State.CURRENT
    if revision not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreIsNewer(revision)
    return State.OLD


@cache
def _scripts() -> ScriptDirectory:
    """Alembic compiles every revision anew whenever it looks at their folder."""
    return ScriptDirectory(str(MIGRATIONS))


class LooseEnds(RuntimeError):
    """A migration that left a row pointing nowhere: undone, as a mistake of ours."""


def upgrade(on: sa.Engine, to: str = "head", *, keep: Callable[[], None] | None = None) -> State:
    """Run the migrations that are missing, in one transaction; answers what the store was.

    Of several processes that upgrade at once the first does it, and the others find it done. `keep` is called
    before an older release's rows are touched, when nobody else can upgrade them any more.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with on.connect() as connection, _foreign_keys_checked_at_the_end(connection), connection.begin():
        _wait_for_others(connection)
        found = state_of(connection)
        if found is State.OLD and keep is not None:
            keep()
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        _require_no_loose_ends(connection)
        reached("before an upgrade's commit")
    reached("after an upgrade's commit")
    return found


def _wait_for_others(connection: sa.Connection) -> None:
    """SQLite has one writer, and BEGIN IMMEDIATE has made us it. On PostgreSQL the second of two would find tables
    in its way; and a lock that a worker never gives back would hold up every other worker behind us."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_WAIT_SECONDS}s'")
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended('concordat upgrade', 0))")


@contextmanager
def _foreign_keys_checked_at_the_end(connection: sa.Connection) -> Iterator[None]:
    """SQLite changes a table by copying it and dropping the old one, which foreign keys would not let it do; it
    switches them only outside a transaction."""
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite":
        driver.execute("PRAGMA foreign_keys=OFF").close()
    try:
        yield
    finally:
        if connection.dialect.name == "sqlite":
            driver.execute("PRAGMA foreign_keys=ON").close()


def _require_no_loose_ends(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        loose = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if loose:
            raise LooseEnds(f"{len(loose)} rows point nowhere, the first in the table {loose[0][0]}")


def require_current(on: sa.Engine) -> None:
    """Make the tables of an empty store; refuse one that needs an upgrade or a newer release."""
    match state_of(on):
        case State.EMPTY:
            upgrade(on)
        case State.OLD:
            raise StoreIsOld
        case State.CURRENT:
            pass
