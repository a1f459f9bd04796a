"""What of an outbox row travels, and what its links are made of: read by the hundred, so no whole rows."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Session

from models.outbox import GAP, SharedText
from models.outbox import Message as OutboxRow
from models.store import is_postgres

# Many rows change at once and few of their values: statements on the table, not objects with their texts.
TABLE: sa.Table = OutboxRow.__table__  # type: ignore[attr-defined]


class Said(NamedTuple):
    """What many of them say, with a GAP for each of the words of one."""

    text: str
    html: str


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
    own_text: str
    own_html: str
    calendar: str | None
    shared_text: Said | None


# A whole row has all of it too, where one is shown.
Addressed = OutboxRow | Outgoing

TRAVELS = tuple(TABLE.c[name] for name in (*Outgoing._fields[:-1], "shared_text_id"))


def outgoing(session: Session, rows: Sequence[sa.Row[Any]]) -> list[Outgoing]:
    """Of the columns in TRAVELS. What many of them say is read once. Without those whose own words do not fit it: only
    somebody with a database's tools makes such a row, and it holds up no other."""
    texts = _shared_texts(session, {row.shared_text_id for row in rows} - {None})
    return [whole for row in rows if (whole := _with_said(row, texts)) is not None]


def _shared_texts(session: Session, ids: set[int]) -> dict[int, tuple[Said, int, int]]:
    """And how many words of one stand in the text and in the HTML."""
    if not ids:
        return {}
    found = session.execute(_said(is_postgres(session)), {"ids": list(ids)})
    return {number: (Said(text, html), text.count(GAP), html.count(GAP)) for number, text, html in found}


@cache
def _said(on_postgres: bool) -> sa.Select[tuple[int, str, str]]:
    said: sa.Table = SharedText.__table__  # type: ignore[attr-defined]
    return sa.select(said.c.id, said.c.text, said.c.html).where(among_ids(on_postgres, said.c.id))


def _with_said(row: sa.Row[Any], texts: Mapping[int, tuple[Said, int, int]]) -> Outgoing | None:
    *_, own_text, own_html, _, shared_text_id = row
    if shared_text_id is None:
        return Outgoing._make((*row[:-1], None))
    said, in_text, in_html = texts[shared_text_id]
    if own_text.count(GAP) != in_text or own_html.count(GAP) != in_html:
        return None
    return Outgoing._make((*row[:-1], said))


def among_ids(on_postgres: bool, number: sa.ColumnElement[int] = TABLE.c.id) -> sa.ColumnElement[bool]:
    """The row is one of `ids`, a list that is one parameter: one statement for any number."""
    if on_postgres:
        return number == sa.any_(sa.bindparam("ids", type_=postgresql.ARRAY(sa.BigInteger)))
    listed = sa.func.json_each(sa.bindparam("ids", type_=sa.JSON)).table_valued("value", name="listed")
    return number.in_(sa.select(listed.c.value))
