"""From an error to a sentence that a person can act on. What is not here is a bug and keeps its traceback."""

import errno
import sqlite3
from typing import TYPE_CHECKING

from rules.errors import Refused

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

UNCHANGED = "Nothing has been changed."
ENOUGH_BYTES = 1024 * 1024

_SQLITE = {
    sqlite3.SQLITE_BUSY: "The database is in use: another program has been writing to it for half a minute. Try again.",
    sqlite3.SQLITE_FULL: "The disk is full: the database cannot grow. Free some space and try again.",
    sqlite3.SQLITE_READONLY: "The database cannot be written: see who owns its file and folder.",
    sqlite3.SQLITE_CANTOPEN: "The database cannot be opened: see that its folder exists and may be written.",
    sqlite3.SQLITE_IOERR: "The disk refused to read or write the database.",
    sqlite3.SQLITE_CORRUPT: "The database file is damaged: `concordat restore` brings a backup back.",
    sqlite3.SQLITE_NOTADB: "The database file is not a database.",
}
_OS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would be larger than is allowed",
    errno.EACCES: "this user may not read or write it",
    errno.EPERM: "this user may not do that",
    errno.EROFS: "the disk is read-only",
    errno.ENOENT: "there is no such file or folder",
    errno.ENOTDIR: "a part of the path is not a folder",
    errno.EEXIST: "it exists already",
    errno.EISDIR: "it is a folder",
}


def sentence_for(error: Exception) -> str | None:
    """What to say about it; None for an error nobody foresaw."""
    match error:
        case Refused():
            return str(error)
        case UnicodeError():
            return f"A text is not valid UTF-8. {UNCHANGED}"
        case sqlite3.Error():
            return f"{_of_sqlite(error)} {UNCHANGED}"
        case OSError():
            return _of_the_system(error)
    return _of_the_database(error)


def _of_the_system(error: OSError) -> str:
    what = _OS.get(error.errno or 0) or (error.strerror or str(error)).lower()
    where = f"“{error.filename}”: " if error.filename else ""
    sentence = f"{where}{what}. {UNCHANGED}"
    return sentence[0].upper() + sentence[1:]


def _of_the_database(error: Exception) -> str | None:
    from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, NoSuchModuleError

    match error:
        case DataError():
            return f"The database does not take a value, because it is too long or too large. {UNCHANGED}"
        case DBAPIError():
            return _of_the_driver(error)
        case ArgumentError() | NoSuchModuleError():
            return "CONCORDAT_DATABASE_URL is not an address of a database such as postgresql://user@host/name."
        case _:
            return None


def _of_the_driver(error: "DBAPIError") -> str | None:
    """Trouble with the database itself; a broken constraint or a wrong statement is a bug."""
    from sqlalchemy.exc import OperationalError

    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        known = _code(cause) in _SQLITE
        return f"{_of_sqlite(cause)} {UNCHANGED}" if known or isinstance(error, OperationalError) else None
    if isinstance(error, OperationalError):
        words = str(cause).strip().splitlines()
        return f"The database server cannot be reached or refused: {words[0] if words else 'no answer'}. {UNCHANGED}"
    return None


def _of_sqlite(error: sqlite3.Error) -> str:
    code = _code(error)
    if code == sqlite3.SQLITE_IOERR and _disk_is_full():
        code = sqlite3.SQLITE_FULL  # which it is only called where the database itself was to grow
    return _SQLITE.get(code) or f"The database refused: {error}."


def _disk_is_full() -> bool:
    import shutil

    from settings import settings

    return shutil.disk_usage(settings().data).free < ENOUGH_BYTES


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary code; the extended ones hold it in their lowest byte."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
