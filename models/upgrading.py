"""Bring a store to this release's tables; refuse one that a newer release has written."""

from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

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


def state_of(on: sa.Engine) -> State:
    """Raises StoreIsNewer for a revision this release does not know."""
    with on.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        return State.EMPTY
    scripts = ScriptDirectory(str(MIGRATIONS))
    if revision == scripts.get_current_head():
        return State.CURRENT
    if revision not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreIsNewer(revision)
    return State.OLD


def upgrade(on: sa.Engine) -> None:
    """Run the migrations that are missing, in one transaction."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with on.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def require_current(on: sa.Engine) -> None:
    """Make the tables of an empty store; refuse one that needs an upgrade or a newer release."""
    match state_of(on):
        case State.EMPTY:
            upgrade(on)
        case State.OLD:
            raise StoreIsOld
        case State.CURRENT:
            pass
