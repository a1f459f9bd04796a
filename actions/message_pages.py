"""The outbox, narrowed and a piece at a time. Reads only; the words of a message are its own page's."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from actions.listing import MessageLine, message_columns, message_line
from actions.pieces import From, Order, Piece, piece_of
from models.outbox import Delivery, Message
from models.protocol import Contact, Party

NEWEST_FIRST = Order(columns=(col(Message.id),), newest_first=True)


def message_piece(
    session: Session, state: Delivery | None, case: str | None, start: From, *,
    bounced: bool = False, party: Party | None = None, size: int = 50,
) -> Piece[MessageLine]:  # fmt: skip
    """The newest first; of a party, those to its own contacts."""
    statement: Any = sa.select(col(Message.id))
    if state is not None:
        statement = statement.where(col(Message.state) == state)
    if bounced:
        statement = statement.where(col(Message.bounced_at).is_not(None))
    if case is not None:
        statement = statement.where(col(Message.case) == case)
    if party is not None:
        of_party = sa.select(col(Contact.id)).where(col(Contact.party_id) == party.id)
        statement = statement.where(col(Message.contact_id).in_(of_party))
    return piece_of(session, statement, NEWEST_FIRST, start, lambda ids: _numbered(session, ids), size)


def _numbered(session: Session, ids: Sequence[int]) -> list[MessageLine]:
    found = {row.id: message_line(row) for row in session.exec(message_columns().where(col(Message.id).in_(ids)))}
    return [found[number] for number in ids]
