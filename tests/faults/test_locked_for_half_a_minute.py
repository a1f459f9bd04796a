"""Somebody else holds the database for as long as anybody waits, by the clock on the wall: SQLite, where one writes."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from time import sleep

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from models import history
from models.history import History
from models.store import LOCK_WAIT_SECONDS, reading, transaction

pytestmark = pytest.mark.slow
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
COMES_LATER = 5  # seconds


def write(store: sa.Engine, case: str) -> str:
    try:
        with transaction(store) as session:
            history.write(session, case, NOW, "clock", "opened")
    except sa.exc.OperationalError as error:
        return str(error.orig)
    return "kept"


def test_whoever_came_first_is_refused_whole_and_who_came_later_goes_on(sqlite_store: sa.Engine) -> None:
    """The waiting itself is what is tested: no other test here sleeps."""
    path = sqlite_store.url.database or ""
    with closing(sqlite3.connect(path, isolation_level=None)) as other, ThreadPoolExecutor(2) as people:
        other.execute("BEGIN IMMEDIATE")
        first = people.submit(write, sqlite_store, "review:1")
        sleep(COMES_LATER)
        later = people.submit(write, sqlite_store, "review:2")
        assert first.result(timeout=2 * LOCK_WAIT_SECONDS) == "database is locked"
        other.execute("COMMIT")
        assert later.result(timeout=2 * LOCK_WAIT_SECONDS) == "kept"
    with reading(sqlite_store) as session:
        assert session.exec(select(History.case).order_by(col(History.id))).all() == ["review:2"]
    assert write(sqlite_store, "review:1") == "kept"
