"""Restore: a backup takes the store's place, whole or not at all; what it replaces is kept."""

import fcntl
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from alembic.script import ScriptDirectory

from models.backup import OnItself, copy_whole, file_of, partial_of, publish
from models.backup_postgres import dump, dump_revision, others_connected, restore_dump
from models.columns import Instant
from models.fail_points import reached
from models.outbox import BROUGHT_BACK
from models.restore_sqlite import StillRunning, for_oneself, is_about_the_file, keep, put_in_place
from models.upgrading import MIGRATIONS, State, StoreIsNewer, state_of
from rules.errors import Refused

UP_LOCK = "up.lock"  # held by `concordat up` for as long as it runs
SIGN = "INSERT INTO public.heartbeat (name, began_at) VALUES ('{}', '{}') ON CONFLICT (name) DO NOTHING"


class NotABackup(Refused):
    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} is not a backup of Concordat: {why}. Nothing has been changed.")


class NotEmpty(Refused):
    def __init__(self, what: str) -> None:
        super().__init__(
            f"There is a database in its place already: {what}. Nothing has been changed. "
            "Say `--replace` to put the backup there; what it replaces is kept."
        )


@dataclass(frozen=True, kw_only=True)
class Restored:
    """`kept` is where the database that was replaced lies now; None where there was none."""

    kept: Path | None
    state: State


Prepared = tuple[Restored, Callable[[], None]]  # and what puts it into the store's place


def restore(url: str, source: Path, data: Path, now: datetime, *, replace: bool = False) -> Restored:
    """Put a backup in the store's place; what stood there is kept beside it. `data` is the data folder.

    Raises NotABackup, StoreIsNewer, StillRunning, and NotEmpty without `replace`; then nothing has changed.
    """
    source = source.absolute()
    if not source.is_file():
        raise NotABackup(source, "there is no such file")
    prepared = (
        _prepared_sqlite(file_of(url), source, now, replace)
        if url.startswith("sqlite")
        else _prepared_postgres(url, source, data, now, replace)
    )
    with _nobody_up(data), prepared as (restored, take_its_place):
        reached("before a restored store has its place")
        take_its_place()
        reached("after a restored store has its place")
        return restored


@contextmanager
def _prepared_postgres(url: str, source: Path, data: Path, now: datetime, replace: bool) -> Iterator[Prepared]:
    revision = dump_revision(source)
    if revision is None:
        raise NotABackup(source, "it holds none of its tables")
    scripts = ScriptDirectory(str(MIGRATIONS))
    if revision not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreIsNewer(revision)
    if others := others_connected(url):
        raise StillRunning(f"Other programs are connected to the database ({others} connections).")
    kept = None
    if found := _what_is_in(url):
        if not replace:
            raise NotEmpty(found)
        kept = _free_name(data.absolute() / f"concordat.replaced-{now:%Y%m%dT%H%M%SZ}")
        # not named by the instant, as `kept` is: what is left of one that was killed is found by the next
        with partial_of(data.absolute() / "concordat.replaced") as partial:
            dump(url, partial)
            publish(partial, kept)
    state = State.CURRENT if revision == scripts.get_current_head() else State.OLD
    sign = SIGN.format(BROUGHT_BACK, now.isoformat())
    yield Restored(kept=kept, state=state), lambda: restore_dump(url, source, sign)


def _what_is_in(url: str) -> str:
    """In words; empty where nothing has been done in it yet, or it is not there."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        if "history" not in sa.inspect(connection).get_table_names():
            return ""
        rows = connection.exec_driver_sql("SELECT count(*) FROM history").scalar()
        return f"{rows:,} rows of history" if rows else ""


@contextmanager
def _prepared_sqlite(live: Path, source: Path, now: datetime, replace: bool) -> Iterator[Prepared]:
    if live.exists() and source.samefile(live):
        raise OnItself
    live.parent.mkdir(parents=True, exist_ok=True)
    with partial_of(live) as partial:
        try:
            copy_whole(source, partial, "ro")
        except sqlite3.DatabaseError as error:
            if is_about_the_file(error):
                raise NotABackup(source, f"SQLite says “{error}”") from None
            raise
        state = _state_of_file(partial, source)
        _sign(partial, now)
        if not replace and (found := _what_is_in_file(live)):  # what is to be replaced may be past reading
            raise NotEmpty(found)
        kept = _name_to_keep(live, now)
        with for_oneself(live) as held:
            if kept:
                keep(live, held, kept)
            yield Restored(kept=kept, state=state), lambda: put_in_place(partial, live, held, kept)


def _state_of_file(copy: Path, source: Path) -> State:
    engine = sa.create_engine(f"sqlite:///{copy}", poolclass=sa.NullPool)
    if not {"history", "obligation", "protocol"} <= set(sa.inspect(engine).get_table_names()):
        raise NotABackup(source, "it holds none of its tables")
    return state_of(engine)


def _sign(copy: Path, now: datetime) -> None:
    table = sa.table("heartbeat", sa.column("name"), sa.column("began_at", Instant()))
    with sa.create_engine(f"sqlite:///{copy}", poolclass=sa.NullPool).begin() as connection:
        connection.execute(sa.delete(table).where(table.c.name == BROUGHT_BACK))
        connection.execute(sa.insert(table).values(name=BROUGHT_BACK, began_at=now))


def _what_is_in_file(live: Path) -> str:
    if not live.exists():
        return ""
    try:
        return _what_is_in(f"sqlite:///{live}")
    except sa.exc.DatabaseError as error:
        if isinstance(error.orig, sqlite3.DatabaseError) and is_about_the_file(error.orig):
            return "it cannot be read"
        raise


def _name_to_keep(live: Path, now: datetime) -> Path | None:
    """None where there is no database."""
    if not live.exists() or not live.stat().st_size:
        return None
    return _free_name(live.with_name(f"{live.name}.replaced-{now:%Y%m%dT%H%M%SZ}"))


def _free_name(path: Path) -> Path:
    """What was kept before is not overwritten."""
    names = (path, *(path.with_name(f"{path.name}-{number}") for number in range(2, 1000)))
    return next(name for name in names if not name.exists())


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
