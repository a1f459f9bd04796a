"""Triggers by which the database itself refuses to change what is history."""

import sqlalchemy as sa
from alembic import op

POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION concordat_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def forbid_changes(table: str) -> None:
    """From now on rows of `table` can be added, never updated or deleted."""
    if _is_postgres():
        op.execute(POSTGRES_FUNCTION)
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION concordat_refuse()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def forbid_changes_when(table: str, settled: str, columns: tuple[str, ...]) -> None:
    """Rows of `table` for which `settled` holds (written with OLD.) keep `columns` and are never deleted."""
    changed = " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in columns)
    if _is_postgres():
        op.execute(POSTGRES_FUNCTION)
        op.execute(
            f"CREATE TRIGGER {table}_settled_update BEFORE UPDATE ON {table} FOR EACH ROW "
            f"WHEN (({settled}) AND ({changed})) EXECUTE FUNCTION concordat_refuse()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_settled_delete BEFORE DELETE ON {table} FOR EACH ROW "
            f"WHEN ({settled}) EXECUTE FUNCTION concordat_refuse()"
        )
        return
    changed = changed.replace("IS DISTINCT FROM", "IS NOT")
    op.execute(
        f"CREATE TRIGGER {table}_settled_update BEFORE UPDATE ON {table} WHEN ({settled}) AND ({changed}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )
    op.execute(
        f"CREATE TRIGGER {table}_settled_delete BEFORE DELETE ON {table} WHEN ({settled}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def forbid_changes_but_emptying(table: str, emptied: str, kept: tuple[str, ...]) -> None:
    """For a table of `forbid_changes`: from now on the JSON in `emptied` may become `{}`, once and for all; rows keep
    all else, and none is deleted."""
    if _is_postgres():
        changed = " OR ".join(f"OLD.{c}::text IS DISTINCT FROM NEW.{c}::text" for c in kept)
        otherwise = f"NEW.{emptied}::text <> '{{}}'"
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION concordat_refuse()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_append_only_update BEFORE UPDATE ON {table} FOR EACH ROW "
            f"WHEN ({otherwise} OR {changed}) EXECUTE FUNCTION concordat_refuse()"
        )
        return
    changed = " OR ".join(f"OLD.{c} IS NOT NEW.{c}" for c in kept)
    op.execute(f"DROP TRIGGER {table}_append_only_update")
    op.execute(
        f"CREATE TRIGGER {table}_append_only_update BEFORE UPDATE ON {table} "
        f"WHEN NEW.{emptied} <> '{{}}' OR {changed} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def _is_postgres() -> bool:
    return isinstance(op.get_bind(), sa.Connection) and op.get_bind().dialect.name == "postgresql"
