"""What an enum's column may hold, when a release adds to it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


def allow(table: str, column: str, constraint: str, values: Sequence[str]) -> None:
    """From now on `column` holds one of `values`: the CHECK of that name is made anew.

    SQLite cannot change a CHECK, so the table is copied there; `models.upgrading` keeps foreign keys out of it.
    """
    listed = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(op.f(constraint), type_="check")
        batch.create_check_constraint(op.f(constraint), sa.text(f"{column} IN ({listed})"))
