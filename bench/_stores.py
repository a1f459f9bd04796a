"""Stores to measure in: a SQLite file, and a database on a PostgreSQL of our own with its defaults, both on a disk."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from uuid import uuid4

import sqlalchemy as sa

from bench import NotHere
from models.store import engine
from models.upgrading import upgrade
from tests.postgres import create_database, drop_database, lasting_server

DATABASES = ("sqlite", "postgresql")


@contextmanager
def store_on(database: str) -> Iterator[sa.Engine]:
    """An empty store, gone afterwards. Raises NotHere."""
    with postgres_database() if database == "postgresql" else _sqlite() as url:
        made = engine(url)
        upgrade(made)
        try:
            yield made
        finally:
            made.dispose()


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/bench.db"


@contextmanager
def postgres_database() -> Iterator[str]:
    """Its URL; an empty one, gone afterwards. Raises NotHere."""
    server, name = _server(), f"bench_{uuid4().hex[:12]}"
    try:
        yield create_database(server, name).replace("postgresql://", "postgresql+psycopg://")
    finally:
        drop_database(server, name)


def postgres_version() -> str | None:
    """Of the server that was measured on, if one was started."""
    if not _server.cache_info().currsize:
        return None
    asked = sa.create_engine(_server().replace("postgresql://", "postgresql+psycopg://"))
    with asked.connect() as connection:
        said: str = connection.exec_driver_sql("SHOW server_version").scalar_one()
    asked.dispose()
    return said


@cache
def _server() -> str:
    url = lasting_server()
    if url is None:
        raise NotHere("there is no PostgreSQL server (initdb, postgres) on this machine")
    return url
