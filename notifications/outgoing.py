"""What of an outbox row travels, and what its links are made of: read by the hundred, so no whole rows."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Session

from models.outbox import GAP, SharedText, put_together
from models.outbox import Message as OutboxRow
from models.store import is_postgres

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

IN_THE_ROW = (*Outgoing._fields[:-3], "own_text", "own_html", "calendar")
TRAVELS = tuple(TABLE.c[name] for name in (*IN_THE_ROW, "shared_text_id"))


class Pieces(NamedTuple):
    """What stands between the gaps of a shared text."""

    text: list[str]
    html: list[str]


def outgoing(session: Session, rows: Sequence[sa.Row[Any]]) -> list[Outgoing]:
    """Of the columns in TRAVELS. What many of them say is read once. Without those whose own words do not fit it: only
    somebody with a database's tools makes such a row, and it holds up no other."""
    texts = _shared_texts(session, {row.shared_text_id for row in rows} - {None})
    return [whole for row in rows if (whole := _in_full(row, texts)) is not None]


def _shared_texts(session: Session, ids: set[int]) -> dict[int, Pieces]:
    if not ids:
        return {}
    found = session.execute(_said(is_postgres(session)), {"ids": list(ids)})
    return {number: Pieces(text.split(GAP), html.split(GAP)) for number, text, html in found}


@cache
def _said(on_postgres: bool) -> sa.Select[tuple[int, str, str]]:
    said: sa.Table = SharedText.__table__  # type: ignore[attr-defined]
    return sa.select(said.c.id, said.c.text, said.c.html).where(among_ids(on_postgres, said.c.id))


def _in_full(row: sa.Row[Any], texts: Mapping[int, Pieces]) -> Outgoing | None:
    *others, own_text, own_html, calendar, shared_text_id = row
    if shared_text_id is not None:
        said = texts[shared_text_id]
        if (own_text.count(GAP), own_html.count(GAP)) != (len(said.text) - 1, len(said.html) - 1):
            return None
        own_text, own_html = put_together(said.text, own_text), put_together(said.html, own_html)
    return Outgoing._make((*others, own_text, own_html, calendar))


def among_ids(on_postgres: bool, number: sa.ColumnElement[int] = TABLE.c.id) -> sa.ColumnElement[bool]:
    """The row is one of `ids`, a list that is one parameter: one statement for any number."""
    if on_postgres:
        return number == sa.any_(sa.bindparam("ids", type_=postgresql.ARRAY(sa.BigInteger)))
    listed = sa.func.json_each(sa.bindparam("ids", type_=sa.JSON)).table_valued("value", name="listed")
    return number.in_(sa.select(listed.c.value))
