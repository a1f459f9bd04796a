"""What of an outbox row travels, and what its links are made of: read by the hundred, so no whole rows."""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from models.outbox import Message as OutboxRow

# Many rows change at once and few of their values: statements on the table, not objects with their texts.
TABLE: sa.Table = OutboxRow.__table__  # type: ignore[attr-defined]


class Outgoing(NamedTuple):
    id: int
    attempts: int
    key: str
    kind: str
    case: str
    contact_id: int
    address: str
    reply_to: str | None
    message_id: str
    subject: str
    text: str
    html: str
    calendar: str | None


# A whole row has all of it too, where one is shown.
Addressed = OutboxRow | Outgoing


def among_ids(on_postgres: bool) -> sa.ColumnElement[bool]:
    """The row is one of `ids`, a list that is one parameter: one statement for any number."""
    if on_postgres:
        return TABLE.c.id == sa.any_(sa.bindparam("ids", type_=postgresql.ARRAY(sa.BigInteger)))
    listed = sa.func.json_each(sa.bindparam("ids", type_=sa.JSON)).table_valued("value", name="listed")
    return TABLE.c.id.in_(sa.select(listed.c.value))
