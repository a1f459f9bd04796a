"""Backup and restore of a PostgreSQL store, with PostgreSQL's own programs."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import NamedTemporaryFile

import sqlalchemy as sa
from sqlmodel import SQLModel

from rules.errors import Refused

UNOWNED = ("--no-owner", "--no-privileges")  # it may come back under another user
LOCK_WAIT = "-c lock_timeout=30s"  # a restore that waits for a worker gives up rather than stand for ever

# Programs from 17 on say this to whatever server; one up to 16 does not know it and would end the restore there.
NEWER_SETTING = b"\nSET transaction_timeout = 0;\n"
HEAD_OF_SCRIPT = 4096  # the settings stand before all else


class ProgramMissing(Refused):
    def __init__(self, program: str) -> None:
        super().__init__(
            f"This needs PostgreSQL's `{program}`: install its client programs (Debian: postgresql-client). "
            "Nothing has been changed."
        )


class ProgramFailed(Refused):
    def __init__(self, program: str, said: str) -> None:
        super().__init__(f"`{program}` says: {said or 'nothing'}. The database has not been changed.")


def dump(url: str, to: Path) -> None:
    """The whole database in one file, as it was at one instant."""
    try:
        _run("pg_dump", "--format=custom", *UNOWNED, f"--file={to}", _address(url), url=url)
        _run("pg_restore", "--list", str(to))
    except BaseException:
        to.unlink(missing_ok=True)
        raise


def dump_revision(source: Path) -> str | None:
    """The revision the dumped store was at; None where it holds no store of Concordat."""
    said = _run("pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(source))
    found = re.search(r"^COPY [^\n]*alembic_version[^\n]*\n(\S+)\n", said, re.MULTILINE)
    has_history = re.search(r" TABLE DATA \S+ history ", _run("pg_restore", "--list", str(source)))
    return found[1] if found and has_history and found[1] != r"\." else None


def others_connected(url: str) -> int:
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        return int(connection.exec_driver_sql(f"{asked} AND backend_type = 'client backend'").scalar() or 0)


def restore_dump(url: str, source: Path, afterwards: str) -> None:
    """In one transaction: tables that only the present store has go, the dumped ones take their place, and a last
    statement is run."""
    with NamedTemporaryFile(suffix=".sql") as script:  # readable by this user only
        _run("pg_restore", "--clean", "--if-exists", *UNOWNED, f"--file={script.name}", str(source))
        _leave_out_newer_setting(Path(script.name), url)
        whole = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
        parts = (f"--command={_drop_tables()}", f"--file={script.name}", f"--command={afterwards}")
        _run("psql", *whole, *parts, _address(url), url=url)


def _leave_out_newer_setting(script: Path, url: str) -> None:
    """As a comment, so that the script, which may be of gigabytes, stays where it is."""
    with script.open("r+b") as file:
        at = file.read(HEAD_OF_SCRIPT).partition(b"\nCOPY ")[0].find(NEWER_SETTING)
        if at >= 0 and not _knows_setting(url, "transaction_timeout"):
            file.seek(at + 1)
            file.write(b"--")


def _knows_setting(url: str, name: str) -> bool:
    asked = sa.text("SELECT 1 FROM pg_settings WHERE name = :name")
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        return connection.execute(asked, {"name": name}).first() is not None


def _drop_tables() -> str:
    tables = ", ".join(f'public."{name}"' for name in (*SQLModel.metadata.tables, "alembic_version"))
    return f"DROP TABLE IF EXISTS {tables} CASCADE;"


def _address(url: str) -> str:
    """Without the password: others can read a command line."""
    return sa.make_url(url).set(drivername="postgresql", password=None).render_as_string(hide_password=False)


def _run(program: str, *arguments: str, url: str | None = None) -> str:
    found = shutil.which(program)
    if found is None:
        raise ProgramMissing(program)
    environment = os.environ | {"PGOPTIONS": LOCK_WAIT}
    if url and (password := sa.make_url(url).password):
        environment["PGPASSWORD"] = str(password)
    done = subprocess.run(  # noqa: S603 - one of three programs, no shell between
        [found, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise ProgramFailed(program, lines[0].strip().rstrip(".") if lines else "")
    return done.stdout
