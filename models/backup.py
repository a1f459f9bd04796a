"""Backup: a copy that is whole, and under its name at once or not at all."""

import errno
import fcntl
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from glob import escape
from pathlib import Path

import sqlalchemy as sa

from models.backup_postgres import dump
from models.fail_points import reached
from rules.errors import Refused


class NothingToBackUp(Refused):
    def __init__(self, path: Path) -> None:
        super().__init__(f"There is no database at {path} yet: nothing to back up.")


class OnItself(Refused):
    def __init__(self) -> None:
        super().__init__("That file is the database itself: name another one.")


class CopyDamaged(Refused):
    def __init__(self, what: str) -> None:
        super().__init__(f"The copy does not pass SQLite's integrity check ({what}); it was not kept.")


def backup(url: str, to: Path) -> int:
    """Copy the store at `url` into a file, replacing it whole. Answers its size in bytes."""
    to = to.absolute()
    if not to.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(to.parent))
    with partial_of(to) as partial:
        if url.startswith("sqlite"):
            _copy_live(file_of(url), to, partial)
        else:
            dump(url, partial)
        reached("before a backup has its name")
        publish(partial, to)
        reached("after a backup has its name")
    return to.stat().st_size


@contextmanager
def partial_of(to: Path) -> Iterator[Path]:
    """A file beside it, under a name of its own that nobody takes for the whole, and gone afterwards. What others have
    left that were killed goes too: while one lives, a lock beside its file is held."""
    for lock in to.parent.glob(f".{escape(to.name)}.*.lock"):
        with suppress(OSError), lock.open("r+b") as file:  # some shares have no locks: there it stays
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _clear_away(lock)
    lock = to.with_name(f".{to.name}.{secrets.token_hex(4)}.lock")
    try:
        with lock.open("xb") as file:
            with suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield lock.with_suffix(".partial")
    finally:
        _clear_away(lock)


def _clear_away(lock: Path) -> None:
    """And the file it stands for, with whatever SQLite keeps beside that."""
    for left in lock.parent.glob(f"{escape(lock.stem)}.*"):
        left.unlink(missing_ok=True)


def _copy_live(live: Path, to: Path, partial: Path) -> None:
    if not live.exists():
        raise NothingToBackUp(live)
    if to.exists() and to.samefile(live):
        raise OnItself
    copy_whole(live, partial, "rw")


def copy_whole(source: Path, target: Path, mode: str) -> None:
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


def publish(partial: Path, to: Path) -> None:
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


def file_of(url: str) -> Path:
    return Path(sa.make_url(url).database or "").absolute()
