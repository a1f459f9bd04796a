"""Claiming: several workers share the outbox, and none can lose a message or send another's.

A claim is a lease. A worker that dies leaves its rows `claimed` (surely not sent) or `sending` (perhaps sent);
whoever claims next gives the first kind back to the queue and marks the second kind as in doubt.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.fail_points import reached
from models.obligation import Obligation
from models.outbox import Delivery, MessageAbout
from models.outbox import Message as OutboxRow
from notifications.doubt import put_in_doubt

NO_LONGER_OWED = "Not sent: everything it asks for had been done by then."
LEASE = timedelta(minutes=10)


def claim(session: Session, now: datetime, worker: str, limit: int, lease: timedelta = LEASE) -> list[int]:
    """Ids of up to `limit` due messages, the longest due first, ours until `now + lease`.

    On PostgreSQL two workers never wait for each other and never get the same row; SQLite has one writer.
    """
    reached("before the claim")
    release_expired(session, now, limit)
    due = [col(OutboxRow.state) == Delivery.QUEUED, col(OutboxRow.next_attempt_at) <= now]
    _withdraw(session, now, due, limit)
    ids = _locked(session, due, limit)
    _update(session, ids, state=Delivery.CLAIMED, leased_by=worker, lease_until=now + lease)
    reached("after the claim")
    return ids


def release_expired(session: Session, now: datetime, limit: int = 1000) -> None:
    """What dead workers left: claimed rows are queued again, rows they were sending are in doubt."""
    expired = col(OutboxRow.lease_until) <= now
    claimed = _locked(session, [expired, col(OutboxRow.state) == Delivery.CLAIMED], limit)
    _update(session, claimed, state=Delivery.QUEUED, leased_by=None, lease_until=None)
    sending = _locked(session, [expired, col(OutboxRow.state) == Delivery.SENDING], limit)
    for row in session.exec(select(OutboxRow).where(col(OutboxRow.id).in_(sending))):
        put_in_doubt(session, now, row, "The worker that was sending it ended before it knew the answer.", now)


def begin_sending(
    session: Session, now: datetime, ids: Sequence[int], worker: str, lease: timedelta = LEASE
) -> list[OutboxRow]:
    """Those of our claimed messages that are to be sent now, in the order given; commit before sending.

    Left out: what has been answered since it was queued (withdrawn here), and what another worker has taken
    over because our lease ran out.
    """
    ours = [
        col(OutboxRow.id).in_(ids),
        col(OutboxRow.state) == Delivery.CLAIMED,
        col(OutboxRow.leased_by) == worker,
        col(OutboxRow.lease_until) > now,
    ]
    _withdraw(session, now, ours, len(ids))
    rows = session.exec(select(OutboxRow).where(*ours).with_for_update()).all()
    found = [row.id for row in rows if row.id is not None]
    attempts = col(OutboxRow.attempts) + 1
    _update(session, found, state=Delivery.SENDING, lease_until=now + lease, attempts=attempts)
    reached("marked as sending")
    for row in rows:
        session.expunge(row)  # theirs is a look at it; what becomes of it is settled by its id
        row.attempts += 1
    return sorted(rows, key=lambda row: ids.index(row.id or 0))


def put_back(session: Session, now: datetime, ids: Sequence[int], worker: str, until: datetime | None = None) -> None:
    """Claimed and not begun: back to the queue, due at once or at `until`."""
    ours = [
        col(OutboxRow.id).in_(ids),
        col(OutboxRow.state) == Delivery.CLAIMED,
        col(OutboxRow.leased_by) == worker,
    ]
    rows = _locked(session, ours, len(ids))
    _update(session, rows, state=Delivery.QUEUED, leased_by=None, lease_until=None, next_attempt_at=until or now)


def pause(session: Session, until: datetime, said: str) -> None:
    """The post office is closed: nothing is tried before `until`, and each waiting message says why."""
    waiting = sa.update(OutboxRow).where(
        col(OutboxRow.state) == Delivery.QUEUED, col(OutboxRow.next_attempt_at) < until
    )
    session.execute(waiting.values(next_attempt_at=until, answer=said[:500]))


def _withdraw(session: Session, now: datetime, which: list[Any], limit: int) -> None:
    still_owed = (
        sa.select(col(MessageAbout.id))
        .join(Obligation, col(Obligation.id) == col(MessageAbout.obligation_id))
        .where(col(MessageAbout.message_id) == col(OutboxRow.id), col(Obligation.outcome).is_(None))
    )
    done = _locked(session, [*which, col(OutboxRow.only_while_owed), ~still_owed.exists()], limit)
    _update(
        session,
        done,
        state=Delivery.WITHDRAWN,
        settled_at=now,
        answer=NO_LONGER_OWED,
        leased_by=None,
        lease_until=None,
    )


def _locked(session: Session, which: list[Any], limit: int) -> list[int]:
    """Ids of the rows that are ours to change; rows another transaction holds are left to it."""
    found = (
        select(col(OutboxRow.id))
        .where(*which)
        .order_by(col(OutboxRow.next_attempt_at), col(OutboxRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True, of=OutboxRow)
    )
    return [number for number in session.exec(found) if number is not None]


def _update(session: Session, ids: Sequence[int], **values: Any) -> None:
    if ids:
        rows = sa.update(OutboxRow).where(col(OutboxRow.id).in_(ids))
        session.execute(rows.values(**values), execution_options={"synchronize_session": False})
