"""Any number of values given to a statement as one parameter: as rows, or to compare with."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Session

from models.fitting import free_text
from models.store import is_postgres


def each_of(on_postgres: bool) -> sa.TableValuedAlias:
    """What is given as `names`, a list, as rows with a column `value`, in their order: one statement for any number."""
    value = sa.column("value", sa.Text)
    if on_postgres:
        listed = sa.func.unnest(sa.bindparam("names", type_=postgresql.ARRAY(sa.Text)))
        return listed.table_valued(value, name="each").render_derived()
    return sa.func.json_each(sa.bindparam("names", type_=sa.JSON)).table_valued(value, name="each")


def one_of(session: Session, column: Any, values: Collection[Any]) -> sa.ColumnElement[bool]:
    """The column holds one of them: `IN`, with one parameter for any number of values, and so without a limit."""
    if is_postgres(session):
        return sa.type_coerce(column == sa.any_(sa.cast(list(values), postgresql.ARRAY(column.type))), sa.Boolean)
    each = sa.func.json_each(sa.type_coerce(list(values), sa.JSON)).table_valued("value")
    return sa.type_coerce(column.in_(sa.select(each.c.value)), sa.Boolean)


def set_each(session: Session, column: Any, values: Mapping[int, Any]) -> None:
    """Another value in that column for each of these rows, by its id."""
    if not values:
        return
    if is_postgres(session):
        session.execute(_from_lists(column.expression), {"ids": list(values), "to": list(values.values())})
    else:
        session.execute(_one_by_one(column.expression), [{"of": of, "to": to} for of, to in values.items()])


def rows_of_lists(kinds: Mapping[str, sa.types.TypeEngine[Any]]) -> sa.TableValuedAlias:
    """On PostgreSQL: lists, each one value under its name, as rows: one of all first values, one of all second ones."""
    held = {name: _without_length(kind) for name, kind in kinds.items()}
    # of one dimension: a JSON value may be a list itself
    lists = [sa.bindparam(name, type_=postgresql.ARRAY(kind, dimensions=1)) for name, kind in held.items()]
    columns = (sa.column(name, kind) for name, kind in held.items())
    return sa.func.unnest(*lists).table_valued(*columns, name="each").render_derived()


def _without_length(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    """A list that says how long its texts are cuts them without a word, where a column refuses."""
    return kind if free_text(kind) is None else sa.Text()


@cache
def _from_lists(column: sa.Column[Any]) -> sa.Update:
    each = rows_of_lists({"ids": column.table.c.id.type, "to": column.type})
    return sa.update(column.table).where(column.table.c.id == each.c.ids).values({column: each.c.to})


@cache
def _one_by_one(column: sa.Column[Any]) -> sa.Update:
    return sa.update(column.table).where(column.table.c.id == sa.bindparam("of")).values({column: sa.bindparam("to")})
