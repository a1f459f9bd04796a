"""A message that has not left yet gives way to a newer one that says all of it."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlmodel import Session, col, select

from models.outbox import Delivery
from models.outbox import Message as OutboxRow
from models.protocol import Contact

SAID_BY_A_NEWER = "a newer message says it too"


def give_way(session: Session, now: datetime, to: Contact, beginning: str, unless: str) -> list[OutboxRow]:
    """Withdraw what waits for this contact under keys that begin so. Answers all that was not said because of it:
    these, and what had given way to them; the newest first.

    Nothing, where the newer message (a key that begins with `unless`) has been queued before. What a worker holds
    is left to it: it is being sent.
    """
    said = session.exec(
        select(OutboxRow)
        .where(OutboxRow.contact_id == to.id, col(OutboxRow.key).startswith(beginning, autoescape=True))
        .order_by(col(OutboxRow.id).desc())
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if any(row.key.startswith(unless) for row in said):
        return []
    return list(_unsaid(said, now))


def _unsaid(newest_first: Iterable[OutboxRow], now: datetime) -> Iterator[OutboxRow]:
    for row in newest_first:
        if row.state is Delivery.QUEUED:
            row.state, row.settled_at, row.answer = Delivery.WITHDRAWN, now, SAID_BY_A_NEWER
        elif row.answer != SAID_BY_A_NEWER:
            return
        yield row
