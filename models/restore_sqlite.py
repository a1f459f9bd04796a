"""Other contents for a SQLite store: written into its own file by SQLite, while nobody else comes in.

A file renamed into its place would not do: whoever opened the old one just before has its write-ahead log under the
store's name, and SQLite plays that into the new one.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from models.backup import partial_of, publish
from rules.errors import Refused

# In this order: nobody comes in between. The last folds what was not in the file yet into it; the first is for later,
# when what was done is to be on the disk before anybody relies on it.
TAKE_THE_LOCK = (
    "PRAGMA synchronous=EXTRA", "PRAGMA locking_mode=EXCLUSIVE", "BEGIN EXCLUSIVE", "COMMIT",
    "PRAGMA journal_mode=DELETE",
)  # fmt: skip
LET_GO_WITH_NEXT_COMMIT = "PRAGMA locking_mode=NORMAL"
ROLL_BACK = "PRAGMA schema_version"  # whoever reads does it first, where a writer has left its journal


class StillRunning(Refused):
    def __init__(self, why: str) -> None:
        super().__init__(f"{why} Stop it first; nothing has been changed.")


@contextmanager
def for_oneself(live: Path) -> Iterator[sqlite3.Connection | None]:
    """The database, which others can neither read nor write meanwhile: they wait. None where it is damaged and SQLite
    opens it for nobody. Raises StillRunning while anybody has it open."""
    with closing(sqlite3.connect(live, timeout=2, isolation_level=None)) as connection:
        if _locked(connection):
            yield connection
            return
    yield None


def _locked(connection: sqlite3.Connection) -> bool:
    try:
        for statement in TAKE_THE_LOCK:
            connection.execute(statement).fetchall()
    except UnicodeDecodeError:  # what SQLite says of a damaged schema quotes it
        return False
    except sqlite3.DatabaseError as error:
        if is_about_the_file(error):
            return False
        if "locked" in str(error):
            raise StillRunning("Another program has the database open.") from None
        raise
    return True


def is_about_the_file(error: sqlite3.DatabaseError) -> bool:
    """SQLITE_ERROR is what a schema of an unknown format comes to."""
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR)


def keep(live: Path, held: sqlite3.Connection | None, kept: Path) -> None:
    """A copy of its own, as it is. By SQLite: closing the file that is read otherwise would open its lock."""
    with partial_of(live.with_name(f"{live.name}.replaced")) as partial:
        if held:
            with closing(sqlite3.connect(partial)) as copy:
                held.backup(copy)
        else:
            _keep_unread(live, partial, kept)
        shutil.copymode(live, partial)
        publish(partial, kept)


def _keep_unread(live: Path, partial: Path, kept: Path) -> None:
    shutil.copyfile(live, partial)
    for suffix in ("-wal", "-shm"):
        beside = live.with_name(live.name + suffix)
        if beside.exists():
            beside.rename(kept.with_name(kept.name + suffix))


def put_in_place(partial: Path, live: Path, held: sqlite3.Connection | None, kept: Path | None) -> None:
    """In one transaction: whoever is killed in it leaves a journal, and the next to open the store rolls it back."""
    if held is None:
        publish(partial, live)
        return
    held.execute(LET_GO_WITH_NEXT_COMMIT).fetchall()
    try:
        with closing(sqlite3.connect(partial)) as new:
            new.backup(held)
    except sqlite3.DatabaseError:
        held.execute(ROLL_BACK).fetchall()
        if kept:  # a full disk is no place for a copy of what is still there
            kept.unlink()
        raise
