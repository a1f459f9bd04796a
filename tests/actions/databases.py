"""On which database a test of `world` runs. The quick run has every test on SQLite, and on PostgreSQL where the test is
about what the database does; what is left out there is run on PostgreSQL among the slow ones, in CI.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

SQLITE, POSTGRES = "sqlite", "postgres"
SLOW_ON_POSTGRES = [SQLITE, pytest.param(POSTGRES, marks=pytest.mark.slow)]

on_both = pytest.mark.parametrize("empty_store", [SQLITE, POSTGRES], indirect=True)
on_postgres_among_the_slow = pytest.mark.parametrize("empty_store", SLOW_ON_POSTGRES, indirect=True)


def in_each_case(names: str, cases: Iterable[Any]) -> pytest.MarkDecorator:
    """The first case on both databases, the others on PostgreSQL among the slow ones: an order that is refused before
    it has written anything is refused by the same lines on both.
    """
    many = "," in names
    sets = [tuple(case) if many else (case,) for case in cases]
    on_sqlite = [pytest.param(SQLITE, *each) for each in sets]
    on_postgres = [pytest.param(POSTGRES, *each, marks=pytest.mark.slow if n else ()) for n, each in enumerate(sets)]
    return pytest.mark.parametrize(f"empty_store,{names}", [*on_sqlite, *on_postgres], indirect=["empty_store"])


def store_of(request: pytest.FixtureRequest) -> sa.Engine:
    found: sa.Engine | None
    if request.param == SQLITE:
        found = request.getfixturevalue("sqlite_store")
    elif (found := request.getfixturevalue("emptied_database")) is not None:
        empty(found)
    if found is None:
        pytest.skip("PostgreSQL is not installed here")
    return found


def empty(database: sa.Engine) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql(_emptying())


@cache
def _emptying() -> str:
    """One round trip. A test leaves few rows: deleting them takes a tenth of the time of truncating every table."""
    return "; ".join((
        "SET LOCAL session_replication_role = replica",  # history refuses otherwise, and so do foreign keys
        *(f'DELETE FROM "{name}"' for name in SQLModel.metadata.tables),
        "SELECT setval(quote_ident(sequencename)::regclass, start_value, false) FROM pg_sequences",
    ))  # fmt: skip
