"""What all simulated years of a process share: a small protocol in a database that is put back for each year, the
workers' places, and a mail server."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from models import away, fail_points
from models import store as the_store
from models.obligation import Obligation
from models.outbox import Message, MessageAbout
from models.store import engine
from models.upgrading import upgrade
from notifications import delivery
from tests.actions.breach_world import follow_procedure, procedure
from tests.actions.databases import empty
from tests.actions.world import NOVEMBER, World, party, put_back, saved
from tests.actions.world import PARTIES as FOUR
from tests.faults.world_office import Office
from tests.faults.world_workers import Worker
from tests.postgres import create_database, drop_database, postgres_server

PARTIES = {slug: name for slug, name in FOUR.items() if slug != "fire"}  # three: a year is for its faults
PLACES = ("people", "sweeper 1", "sweeper 2", "deliverer 1", "deliverer 2", "keeper")
NOBODY_WAITS_LONG = "options=-c%20lock_timeout%3D50"  # of PostgreSQL, in milliseconds; on SQLite nobody waits at all


class Theatre:
    """Use it with `with`: it ends its server and its database."""

    def __init__(self, kind: str) -> None:
        self.kind, self.office = kind, Office()
        self.folder = tempfile.mkdtemp(prefix="concordat-years-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
        self.name = f"concordat_years_{os.getpid()}"
        # not the shared one of that address: every process of workers has its own
        self.base: sa.Engine = engine.__wrapped__(self._url())
        self.base.pool._pre_ping = False  # nobody restarts PostgreSQL in these years
        upgrade(self.base)
        _build(self.base)
        self._kept: Any = saved(self.base) if kind == "sqlite" else _rows(self.base)
        self.commits = 0  # about as many: whoever looks again before there is one more sees the same
        sa.event.listen(self.base, "commit", self._committed)
        self.places = {name: Worker(self.base, name) for name in PLACES}
        for worker in self.places.values():
            worker.is_heard = self.office.hears_out
        self._eye: sa.Connection | None = None
        self.working: Worker | None = None  # whose turn it is; None while people act
        self.not_owed: list[str] = []

    def drop_unique_keys(self, table: str) -> None:
        """For a build that is broken on purpose: the empty table is made again without them, on SQLite."""
        with self.base.begin() as connection:
            made = [sql for (sql,) in connection.exec_driver_sql(
                "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type DESC", (table,)
            )]  # fmt: skip
            connection.exec_driver_sql(f"DROP TABLE {table}")
            for sql in made:
                connection.exec_driver_sql(re.sub(r",\s*CONSTRAINT \w+ UNIQUE \([^)]*\)", "", sql))
        self._kept = saved(self.base)

    @contextmanager
    def looking(self) -> Iterator[Session]:
        """The world's own look at the store, while nobody is at work: one connection, kept, each question by itself."""
        if self._eye is None:
            self._eye = sa.create_engine(self.base.url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT").connect()
        with Session(self._eye, expire_on_commit=False, autoflush=False) as session:
            yield session

    def _look_away(self) -> None:
        if self._eye is not None:
            self._eye.close()
            self._eye = None

    def _committed(self, _connection: sa.Connection) -> None:
        self.commits += 1

    def turn_of(self, name: str | None) -> None:
        self.working = self.places[name] if name else None
        self.office.server.caller = self.office.server.callers.get(name or "")

    def _reached(self, point: str) -> None:
        if self.working is not None:
            self.working.reaches(point)

    def _url(self) -> str:
        if self.kind == "sqlite":
            return f"sqlite:///{self.folder}/years.db"
        server = postgres_server()
        assert server is not None, "PostgreSQL is not installed here"
        drop_database(server, self.name)
        made = create_database(server, self.name).replace("postgresql://", "postgresql+psycopg://")
        return f"{made}?{NOBODY_WAITS_LONG}"

    def __enter__(self) -> "Theatre":
        self._wait, the_store.LOCK_WAIT_SECONDS = the_store.LOCK_WAIT_SECONDS, 0
        self._patience, away.PATIENCE_SECONDS = away.PATIENCE_SECONDS, 0
        fail_points.hook = self._reached
        self._begin, delivery.begin_sending = delivery.begin_sending, self._watched
        return self

    def __exit__(self, *_: object) -> None:
        the_store.LOCK_WAIT_SECONDS, delivery.begin_sending = self._wait, self._begin
        away.PATIENCE_SECONDS = self._patience
        fail_points.hook = None
        self.office.close()
        self._look_away()
        self.base.dispose()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.kind != "sqlite" and (server := postgres_server()) is not None:
            drop_database(server, self.name)

    def put_back(self) -> None:
        """The protocol, and nothing that has happened."""
        self.not_owed.clear()
        self._look_away()
        if self.kind == "sqlite":
            put_back(self.base, self._kept)
        else:
            empty(self.base)
            _insert(self.base, self._kept)

    def _watched(self, session: Session, *about: Any, **how: Any) -> Any:
        """The moment at which it is asked for the last time what is owed: nothing that is not leaves."""
        rows = self._begin(session, *about, **how)
        for row in rows:
            if session.exec(_ASKS_FOR_NOTHING, params={"number": row.id}).first() is not None:
                self.not_owed.append(f"message {row.key}: leaves, although nothing of it is owed")
        return rows


_ASKS_FOR_NOTHING = select(Message.id).where(
    Message.id == sa.bindparam("number"),
    col(Message.only_while_owed),
    ~select(MessageAbout.id)
    .join(Obligation, col(Obligation.id) == MessageAbout.obligation_id)
    .where(MessageAbout.message_id == Message.id, col(Obligation.outcome).is_(None))
    .exists(),
)


def _build(base: sa.Engine) -> None:
    world = World(base, PARTIES, labels=("4", "4.2"))
    with world.act() as session:
        party(session, "police").kind = "police"
        follow_procedure(session, NOVEMBER, procedure(parties=("council", "police")))


def _rows(base: sa.Engine) -> list[tuple[sa.Table, list[dict[str, Any]]]]:
    with base.connect() as connection:
        found = [
            (table, [dict(row) for row in connection.execute(sa.select(table)).mappings()])
            for table in SQLModel.metadata.sorted_tables
        ]
        connection.rollback()
    return [(table, rows) for table, rows in found if rows]


def _insert(base: sa.Engine, kept: list[tuple[sa.Table, list[dict[str, Any]]]]) -> None:
    with base.begin() as connection:
        for table, rows in kept:
            connection.execute(table.insert(), rows)
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), max(id)) FROM \"{table.name}\""
            )
