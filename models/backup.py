"""Backup and restore: a copy that is whole, and under its name at once or not at all."""

import errno
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from alembic.script import ScriptDirectory

from models.backup_postgres import dump, dump_revision, restore_dump
from models.fail_points import reached
from models.upgrading import MIGRATIONS, State, StoreIsNewer, state_of
from rules.errors import Refused

UP_LOCK = "up.lock"  # held by `concordat up` for as long as it runs


class NothingToBackUp(Refused):
    def __init__(self, path: Path) -> None:
        super().__init__(f"There is no database at {path} yet: nothing to back up.")


class OnItself(Refused):
    def __init__(self) -> None:
        super().__init__("That file is the database itself: name another one.")


class NotABackup(Refused):
    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} is not a backup of Concordat: {why}. Nothing has been changed.")


class CopyDamaged(Refused):
    def __init__(self, what: str) -> None:
        super().__init__(f"The copy does not pass SQLite's integrity check ({what}); it was not kept.")


class StillRunning(Refused):
    def __init__(self, why: str) -> None:
        super().__init__(f"{why} Stop it first; nothing has been changed.")


@dataclass(frozen=True, kw_only=True)
class Restored:
    """`kept` is where the database that was replaced lies now; None where there was none."""

    kept: Path | None
    state: State


def backup(url: str, to: Path) -> int:
    """Copy the store at `url` into a file, replacing it whole. Answers its size in bytes."""
    to = to.absolute()
    if not to.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(to.parent))
    partial = to.with_name(f".{to.name}.{os.getpid()}.partial")
    try:
        if url.startswith("sqlite"):
            _copy_live(_file_of(url), to, partial)
        else:
            dump(url, partial)
        reached("before a backup has its name")
        _publish(partial, to)
        reached("after a backup has its name")
    finally:
        partial.unlink(missing_ok=True)
    return to.stat().st_size


def restore(url: str, source: Path, data: Path, now: datetime) -> Restored:
    """Put a backup in the store's place; what stood there is kept beside it. `data` is the data folder.

    Raises NotABackup, StoreIsNewer, StillRunning; then nothing has changed.
    """
    source = source.absolute()
    if not source.is_file():
        raise NotABackup(source, "there is no such file")
    with _nobody_up(data):
        if url.startswith("sqlite"):
            return _restore_sqlite(_file_of(url), source, now)
        return _restore_postgres(url, source, data, now)


def _restore_postgres(url: str, source: Path, data: Path, now: datetime) -> Restored:
    revision = dump_revision(source)
    if revision is None:
        raise NotABackup(source, "it holds none of its tables")
    scripts = ScriptDirectory(str(MIGRATIONS))
    if revision not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreIsNewer(revision)
    kept = _free_name(data.absolute() / f"concordat.replaced-{now:%Y%m%dT%H%M%SZ}")
    dump(url, kept)
    restore_dump(url, source)
    return Restored(kept=kept, state=State.CURRENT if revision == scripts.get_current_head() else State.OLD)


def _copy_live(live: Path, to: Path, partial: Path) -> None:
    if not live.exists():
        raise NothingToBackUp(live)
    if to.exists() and to.samefile(live):
        raise OnItself
    _copy(live, partial, "rw")


def _restore_sqlite(live: Path, source: Path, now: datetime) -> Restored:
    if live.exists() and source.samefile(live):
        raise OnItself
    live.parent.mkdir(parents=True, exist_ok=True)
    partial = live.with_name(f".{live.name}.{os.getpid()}.partial")
    try:
        try:
            _copy(source, partial, "ro")
        except sqlite3.DatabaseError as error:
            if _is_about_the_file(error):
                raise NotABackup(source, f"SQLite says “{error}”") from None
            raise
        state = _state_of_file(partial, source)
        kept = _set_aside(live, now)
        _publish(partial, live)
        return Restored(kept=kept, state=state)
    finally:
        partial.unlink(missing_ok=True)


def _copy(source: Path, target: Path, mode: str) -> None:
    """SQLite's own way of copying a database that is in use; the copy needs no other file beside it."""
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode={mode}", uri=True)) as reading,
        closing(sqlite3.connect(target)) as writing,
    ):
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=DELETE").fetchall()
        found = writing.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            raise CopyDamaged(found)


def _state_of_file(copy: Path, source: Path) -> State:
    engine = sa.create_engine(f"sqlite:///{copy}", poolclass=sa.NullPool)
    if not {"history", "obligation", "protocol"} <= set(sa.inspect(engine).get_table_names()):
        raise NotABackup(source, "it holds none of its tables")
    return state_of(engine)


def _set_aside(live: Path, now: datetime) -> Path | None:
    """The database under a second name, complete in one file. Raises StillRunning while anybody has it open."""
    if not live.exists():
        return None
    kept = _free_name(live.with_name(f"{live.name}.replaced-{now:%Y%m%dT%H%M%SZ}"))
    try:
        # Leaving WAL needs the file for oneself, and folds what was not in it yet into it.
        with closing(sqlite3.connect(live, timeout=2)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE").fetchall()
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise
        raise StillRunning("Another program has the database open.") from None
    except sqlite3.DatabaseError as error:
        if not _is_about_the_file(error):
            raise
        _set_aside_unread(live, kept)  # damaged: that is why it is being replaced
    try:
        os.link(live, kept)
    except OSError:
        shutil.copyfile(live, kept)  # a file system without links
    return kept


def _free_name(path: Path) -> Path:
    """What was kept before is not overwritten."""
    names = (path, *(path.with_name(f"{path.name}-{number}") for number in range(2, 1000)))
    return next(name for name in names if not name.exists())


def _set_aside_unread(live: Path, kept: Path) -> None:
    for suffix in ("-wal", "-shm"):
        beside = live.with_name(live.name + suffix)
        if beside.exists():
            beside.rename(kept.with_name(kept.name + suffix))


def _is_about_the_file(error: sqlite3.DatabaseError) -> bool:
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def _publish(partial: Path, to: Path) -> None:
    """Under its name at once; on the disk before anybody relies on it."""
    _sync(partial, os.O_RDWR)
    partial.replace(to)
    _sync(to.parent, os.O_RDONLY)


def _sync(path: Path, flags: int) -> None:
    opened = os.open(path, flags)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _file_of(url: str) -> Path:
    return Path(sa.make_url(url).database or "").absolute()


@contextmanager
def _nobody_up(data: Path) -> Iterator[None]:
    """Hold the lock of `concordat up`, so that it neither runs nor starts meanwhile."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / UP_LOCK).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StillRunning("`concordat up` is running on this data.") from None
        yield
