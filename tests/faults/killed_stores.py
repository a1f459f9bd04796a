"""The stores in which stories are told and killed: kept under a name, and put back as they were, in milliseconds."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from models.store import engine
from tests.conftest import TEMPLATE, postgres_template, psycopg_url, sqlite_template
from tests.models.old_stores import golden_file, postgres_golden
from tests.postgres import create_database, drop_database, postgres_server

EMPTY, GOLDEN = "empty", "golden"
RELEASE = "0001"  # the oldest: every revision since is applied


class Kept:
    """One store, and what it has been, by name."""

    store: sa.Engine

    def keep(self, name: str) -> None:
        raise NotImplementedError

    def put_back(self, name: str) -> None:
        raise NotImplementedError

    def alone(self) -> None:
        """When it returns, nobody who is dead holds anything any more, and nobody here has it open."""
        self.store.dispose()


class SqliteKept(Kept):
    def __init__(self, folder: Path) -> None:
        self.path = folder / "concordat.db"
        self.store = engine(f"sqlite:///{self.path}")
        self.known = {EMPTY: sqlite_template(), GOLDEN: golden_file(RELEASE)}

    def keep(self, name: str) -> None:
        self.store.dispose()
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self.known[name] = self.path.read_bytes()

    def put_back(self, name: str) -> None:
        self.store.dispose()
        for left in self.path.parent.glob("concordat.db*"):
            left.unlink()
        self.path.write_bytes(self.known[name])


class PostgresKept(Kept):
    def __init__(self) -> None:
        self.server = postgres_template()
        self.name = f"concordat_killed_{os.getpid()}"
        self.store = engine(psycopg_url(f"{self.server.rpartition('/')[0]}/{self.name}"))
        self.known = {EMPTY: TEMPLATE, GOLDEN: postgres_golden(RELEASE)}
        self.made: list[str] = []
        self.asking = psycopg.connect(self.server, autocommit=True)

    def keep(self, name: str) -> None:
        self.alone()
        copy = f"{self.name}_{len(self.made)}"
        drop_database(self.server, copy)
        create_database(self.server, copy, template=self.name)
        self.made.append(copy)
        self.known[name] = copy

    def put_back(self, name: str) -> None:
        self.store.dispose()
        drop_database(self.server, self.name)
        create_database(self.server, self.name, template=self.known[name])

    def alone(self) -> None:
        """A server's process notices within milliseconds that its client is dead."""
        self.store.dispose()
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
        while self.asking.execute(asked, [self.name]).fetchone() != (0,):
            self.asking.execute("SELECT pg_sleep(0.002)")

    def end(self) -> None:
        self.store.dispose()
        self.asking.close()
        for name in (self.name, *self.made):
            drop_database(self.server, name)


@contextmanager
def kept_store(kind: str, folder: Path) -> Iterator[Kept]:
    match kind:
        case "sqlite":
            on_sqlite = SqliteKept(folder)
            yield on_sqlite
            on_sqlite.store.dispose()
        case _:
            if postgres_server() is None:
                pytest.skip("PostgreSQL is not installed here")
            on_postgres = PostgresKept()
            yield on_postgres
            on_postgres.end()
