"""Alembic's way into the store: the engine is the one Concordat itself uses."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlmodel import SQLModel

import models
from models.columns import Instant
from models.fail_points import reached
from models.store import engine

assert models.__all__  # importing registers the tables


def run() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _migrate_on(connection)
        return
    with engine().connect() as connection:
        _migrate_on(connection)
        connection.commit()


def _plain_types(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Migrations name SQLAlchemy's own types: they must still run when our classes have moved."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and type(item).__name__ == "AutoString":
        return f"sa.String(length={item.length})" if item.length else "sa.Text()"
    return False


def _other_type(_context: Any, _column: Any, _declared_column: Any, found: Any, declared: Any) -> bool | None:
    """SQLModel's text without a length is TEXT in the database: one thing under two names."""
    if type(declared).__name__ == "AutoString" and declared.length is None and isinstance(found, sa.Text):
        return False
    return None


def _applied(*_: Any, **_how: Any) -> None:
    reached("after a revision")


def _migrate_on(connection: object) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        render_item=_plain_types,
        compare_server_default=True,
        compare_type=_other_type,
        on_version_apply=_applied,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
