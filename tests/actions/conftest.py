"""The small world on both databases, and on SQLite alone for what does not depend on the database."""

import pytest
import sqlalchemy as sa

from tests.actions.world import World


@pytest.fixture
def world(store: sa.Engine) -> World:
    return World(store)


@pytest.fixture
def small_world(sqlite_store: sa.Engine) -> World:
    return World(sqlite_store)
