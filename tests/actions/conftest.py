"""The small world on both databases, and on SQLite alone for what does not depend on the database."""

import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from models.store import engine
from tests.actions.world import World
from tests.conftest import TEMPLATE, postgres_template, psycopg_url
from tests.postgres import create_database, drop_database, postgres_server


@pytest.fixture(scope="session")
def emptied_database() -> Iterator[sa.Engine | None]:
    """One PostgreSQL database for all worlds, emptied for each: making a new one is most of what a test costs."""
    if postgres_server() is None:
        yield None
        return
    server, name = postgres_template(), f"concordat_worlds_{os.getpid()}"
    drop_database(server, name)
    made = engine(psycopg_url(create_database(server, name, template=TEMPLATE)))
    yield made
    made.dispose()
    drop_database(server, name)


def _empty(database: sa.Engine) -> None:
    tables = ", ".join(f'"{name}"' for name in SQLModel.metadata.tables)
    with database.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # history refuses otherwise
        connection.exec_driver_sql(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")


@pytest.fixture(params=["sqlite", "postgres"])
def empty_store(request: pytest.FixtureRequest) -> sa.Engine:
    found: sa.Engine | None
    if request.param == "sqlite":
        found = request.getfixturevalue("sqlite_store")
    elif (found := request.getfixturevalue("emptied_database")) is not None:
        _empty(found)
    if found is None:
        pytest.skip("PostgreSQL is not installed here")
    return found


@pytest.fixture
def world(empty_store: sa.Engine) -> World:
    return World(empty_store)


@pytest.fixture
def postgres_world(emptied_database: sa.Engine | None) -> World:
    """For what only a database with several writers has."""
    if emptied_database is None:
        pytest.skip("PostgreSQL is not installed here")
    _empty(emptied_database)
    return World(emptied_database)


@pytest.fixture
def small_world(sqlite_store: sa.Engine) -> World:
    return World(sqlite_store)
