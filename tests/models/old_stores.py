"""Stores that earlier releases have written, on both databases: see `golden/README.md`."""

import gzip
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from models.store import engine
from models.upgrading import upgrade
from tests.conftest import psycopg_url
from tests.postgres import create_database, drop_database, postgres_server

GOLDEN = Path(__file__).parent / "golden"
Rows = dict[str, list[tuple[Any, ...]]]


@cache
def golden(release: str) -> str:
    return gzip.decompress((GOLDEN / f"release-{release}.sql.gz").read_bytes()).decode()


@cache
def golden_file(release: str) -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(golden(release))
        return connection.serialize()


@cache
def postgres_golden(release: str) -> str:
    server, name = postgres_server(), f"concordat_golden_{release}_{os.getpid()}"
    assert server is not None
    drop_database(server, name)
    made = engine(psycopg_url(create_database(server, name)))
    upgrade(made, to=release)
    with made.begin() as to, closing(sqlite3.connect(":memory:")) as old:
        old.executescript(golden(release))
        copy_rows(old, to)
    made.dispose()
    return name


@contextmanager
def old_store(database: str, release: str, file: Path) -> Iterator[sa.Engine]:
    """As that release has written it: at `file`, or in a database of its own. Skips where there is no PostgreSQL."""
    if database == "sqlite":
        file.write_bytes(golden_file(release))
        made = engine(f"sqlite:///{file}")
        yield made
        made.dispose()
        return
    server, name = postgres_server(), f"concordat_old_{os.getpid()}"
    if server is None:
        pytest.skip("PostgreSQL is not installed here")
    drop_database(server, name)
    made = engine(psycopg_url(create_database(server, name, template=postgres_golden(release))))
    made.dispose()  # another test's database had the same name
    yield made
    made.dispose()
    drop_database(server, name)


def copy_rows(old: sqlite3.Connection, to: sa.Connection) -> None:
    """Table by table; history's own triggers would refuse nothing here, and foreign keys are in order."""
    tables = sa.MetaData()
    tables.reflect(to)
    to.exec_driver_sql("SET LOCAL session_replication_role = replica")
    for table in tables.sorted_tables:
        if table.name == "alembic_version":
            continue
        names = [column.name for column in table.columns]
        quoted = ", ".join(f'"{name}"' for name in names)
        found = old.execute(f'SELECT {quoted} FROM "{table.name}"').fetchall()
        if found:
            to.execute(sa.insert(table), [as_typed(table, dict(zip(names, row, strict=True))) for row in found])
            to.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table}")


def as_typed(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    return {name: typed(table.c[name].type, value) for name, value in row.items()}


def typed(of: sa.types.TypeEngine[Any], value: Any) -> Any:
    match of:
        case _ if value is None:
            return None
        case sa.DateTime():
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        case sa.Date():
            return date.fromisoformat(value)
        case sa.Boolean():
            return bool(value)
        case sa.JSON():
            return json.loads(value) if isinstance(value, str) else value  # SQLite keeps a number as one
        case _:
            return value


def rows_of(on: sa.Engine, columns: dict[str, list[str]]) -> Rows:
    """Of each table, these columns, as the database has them."""
    with on.connect() as connection:
        return {
            table: [tuple(row) for row in connection.execute(chosen(table, names))] for table, names in columns.items()
        }


def chosen(table: str, names: list[str]) -> sa.Select[Any]:
    return sa.select(*(sa.column(name) for name in names)).select_from(sa.table(table)).order_by(sa.column("id"))


def columns_of(on: sa.Engine) -> dict[str, list[str]]:
    inspector = sa.inspect(on)
    tables = [table for table in inspector.get_table_names() if table != "alembic_version"]
    return {table: [column["name"] for column in inspector.get_columns(table)] for table in tables}
