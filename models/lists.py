"""Any number of values given to a statement as one parameter: as rows, or to compare with."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Session

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


@cache
def _from_lists(column: sa.Column[Any]) -> sa.Update:
    kinds = {"ids": column.table.c.id.type, "to": column.type}
    lists = [sa.bindparam(name, type_=postgresql.ARRAY(kind, dimensions=1)) for name, kind in kinds.items()]
    each = sa.func.unnest(*lists).table_valued(*(sa.column(name, kind) for name, kind in kinds.items()), name="each")
    each = each.render_derived()
    return sa.update(column.table).where(column.table.c.id == each.c.ids).values({column: each.c.to})


@cache
def _one_by_one(column: sa.Column[Any]) -> sa.Update:
    return sa.update(column.table).where(column.table.c.id == sa.bindparam("of")).values({column: sa.bindparam("to")})
