"""What of an outbox row travels, and what its links are made of: read by the hundred, so no whole rows."""

from typing import NamedTuple

import sqlalchemy as sa

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
