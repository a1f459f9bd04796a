"""A message that has not left yet gives way to a newer one that says all of it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
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
    theirs = [col(OutboxRow.contact_id) == to.id, col(OutboxRow.key).startswith(beginning, autoescape=True)]
    held = _held(session, theirs)
    said = session.exec(
        select(OutboxRow).where(*theirs).order_by(col(OutboxRow.id).desc()).execution_options(populate_existing=True)
    ).all()
    if any(row.key.startswith(unless) for row in said):
        return []
    return list(_unsaid(said, held, now))


def _held(session: Session, theirs: Sequence[sa.ColumnElement[bool]]) -> set[int | None]:
    """What waits for a worker and for no server's answer: whoever settles that has locked it, and waits for nobody who
    waits for them."""
    waiting = select(OutboxRow.id).where(*theirs, OutboxRow.state == Delivery.QUEUED).order_by(col(OutboxRow.id))
    return set(session.exec(waiting.with_for_update()))


def _unsaid(newest_first: Iterable[OutboxRow], held: set[int | None], now: datetime) -> Iterator[OutboxRow]:
    for row in newest_first:
        if row.id in held:
            row.state, row.settled_at, row.answer = Delivery.WITHDRAWN, now, SAID_BY_A_NEWER
        elif row.answer != SAID_BY_A_NEWER:
            return
        yield row
