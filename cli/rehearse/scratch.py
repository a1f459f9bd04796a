"""The scratch store: a copy that a rehearsal may do with as it likes, thrown away at its end."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, func, select

import protocols
from actions.loading import load_protocol
from models.history import History
from models.protocol_file import ProtocolFile, read_protocol
from models.store import engine, reading, transaction
from models.upgrading import state_of, upgrade
from rules.errors import Refused
from rules.instants import LONDON, local_day
from rules.sentences import written_day
from settings import settings

SHIPPED = Path(protocols.__file__).parent


class NothingToRehearse(Refused):
    def __init__(self, slug: str) -> None:
        known = ", ".join(sorted(path.parent.name for path in SHIPPED.glob("*/protocol.yaml")))
        super().__init__(f"There is no protocol “{slug}” here, nor does one of that name come with Concordat: {known}.")


class BeginsBeforeItsHistory(Refused):
    def __init__(self, newest: datetime) -> None:
        super().__init__(
            f"A review or a breach is under way here, with a history until {written_day(local_day(newest, LONDON))}: "
            "rehearse from that day or a later one (`--from`)."
        )


@contextmanager
def scratch_store(slug: str, begin: datetime) -> Iterator[tuple[sa.Engine, datetime]]:
    """A store that holds the protocol: a copy of ours where that has it, else what comes with Concordat.

    And the instant at which the rehearsal begins: where something has happened since, after that.
    Raises NothingToRehearse, BeginsBeforeItsHistory, StoreIsNewer.
    """
    with TemporaryDirectory(prefix="concordat-rehearsal-") as folder:
        path = Path(folder) / "rehearsal.db"
        file = None if _copied(slug, path) else _shipped(slug)
        made = engine(f"sqlite:///{path}")
        sa.event.listen(made, "connect", _without_waiting_for_the_disk)
        try:
            state_of(made)
            upgrade(made)
            if file is not None:
                with transaction(made) as session:
                    load_protocol(session, begin, file, "secretary")
            yield made, _begin_after(made, begin)
        finally:
            made.dispose()


def _copied(slug: str, to: Path) -> bool:
    """Copy our SQLite store, reading only, if there is one and the protocol is in it."""
    url = settings().store_url
    live = Path(sa.make_url(url).database or "").absolute()
    if not url.startswith("sqlite") or not live.is_file():
        return False
    with closing(sqlite3.connect(f"{live.as_uri()}?mode=ro", uri=True)) as source:
        if not _holds(source, slug):
            return False
        with closing(sqlite3.connect(to)) as target:
            source.backup(target)
    return True


def _holds(source: sqlite3.Connection, slug: str) -> bool:
    tables = source.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'protocol'").fetchone()
    return bool(tables and source.execute("SELECT 1 FROM protocol WHERE slug = ?", (slug,)).fetchone())


def _shipped(slug: str) -> ProtocolFile:
    folder = SHIPPED / slug
    if folder.parent != SHIPPED or not (folder / "protocol.yaml").is_file():
        raise NothingToRehearse(slug)
    return read_protocol(folder)


def _begin_after(made: sa.Engine, begin: datetime) -> datetime:
    """A protocol that has only been loaded may begin on any day; a case under way cannot go back."""
    with reading(made) as session:
        cases = sa.or_(*(col(History.case).startswith(f"{kind}:") for kind in ("review", "breach")))
        newest = session.exec(select(func.max(History.at)).where(cases)).one()
    if newest is None or newest <= begin:
        return begin
    if local_day(newest, LONDON) > local_day(begin, LONDON):
        raise BeginsBeforeItsHistory(newest)
    return newest


def _without_waiting_for_the_disk(connection: Any, _record: Any) -> None:
    """Nothing here outlives the rehearsal."""
    connection.execute("PRAGMA synchronous=OFF").fetchall()
