"""The small world on both databases, and on SQLite alone for what does not depend on the database."""

import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from models.store import engine
from tests.actions.databases import POSTGRES, SQLITE, empty, store_of
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


@pytest.fixture(params=[SQLITE, POSTGRES])
def empty_store(request: pytest.FixtureRequest) -> sa.Engine:
    return store_of(request)


@pytest.fixture
def world(empty_store: sa.Engine) -> World:
    return World(empty_store)


@pytest.fixture
def postgres_world(emptied_database: sa.Engine | None) -> World:
    """For what only a database with several writers has."""
    if emptied_database is None:
        pytest.skip("PostgreSQL is not installed here")
    empty(emptied_database)
    return World(emptied_database)


@pytest.fixture
def small_world(sqlite_store: sa.Engine) -> World:
    return World(sqlite_store)
