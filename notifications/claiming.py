"""Claiming: several workers share the outbox, and none can lose a message or send another's.

A claim is a lease. A worker that dies leaves its rows `claimed` (surely not sent) or `sending` (perhaps sent);
whoever claims next gives the first kind back to the queue and marks the second kind as in doubt.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.fail_points import reached
from models.obligation import Obligation
from models.outbox import Delivery, MessageAbout, is_queued
from models.outbox import Message as OutboxRow
from models.protocol import Contact
from models.store import is_postgres
from notifications.doubt import put_in_doubt
from notifications.outgoing import TABLE, TRAVELS, Outgoing, among_ids, outgoing

TORN = "Not sent: its words do not fit what it shares with others; `concordat verify` names it."
NO_LONGER_OWED = "Not sent: everything it asks for had been done by then."
LEASE = timedelta(minutes=10)

# By the message's own duties, each by its number: joined, PostgreSQL goes through all that anybody owes, once for each
# message, as long as it has not counted its tables.
OUTCOME = (
    sa.select(col(Obligation.outcome))
    .where(col(Obligation.id) == col(MessageAbout.obligation_id))
    .correlate(MessageAbout)
    .scalar_subquery()
)
STILL_OWED = (
    sa.select(col(MessageAbout.id))
    .where(col(MessageAbout.message_id) == col(OutboxRow.id), OUTCOME.is_(None))
    .correlate(OutboxRow)
    .exists()
)
# Queued by somebody who had read the address before it was corrected, and committed after: nobody else saw it waiting.
IN_FORCE = sa.select(col(Contact.address)).where(col(Contact.id) == TABLE.c.contact_id).scalar_subquery()
IS_DONE = TABLE.c.only_while_owed & ~STILL_OWED


def claim(session: Session, now: datetime, worker: str, limit: int, lease: timedelta = LEASE) -> list[int]:
    """Ids of up to `limit` due messages, the longest due first, ours until `now + lease`.

    On PostgreSQL two workers never wait for each other and never get the same row; SQLite has one writer.
    """
    reached("before the claim")
    release_expired(session, now, limit)
    ids = list[int]()
    more = True
    while more and (room := limit - len(ids)):
        found = _due(session, now, room)
        mine = [number for number, is_done in found if not is_done]
        _update(session, [number for number, is_done in found if is_done], **_withdrawn(now))
        _update(session, mine, state=Delivery.CLAIMED, leased_by=worker, lease_until=now + lease, address=IN_FORCE)
        ids, more = ids + mine, len(found) == room
    reached("after the claim")
    return ids


def _due(session: Session, now: datetime, limit: int) -> Sequence[sa.Row[tuple[int, bool]]]:
    """The first of what is due, and whether all that each asks for has been done: asked of these only, not of a queue
    that may be long."""
    return session.execute(_first_due(is_postgres(session)), {"now": now, "limit": limit}).all()


# Every round asks these, and mostly finds little: to build them anew took longer than the databases did.


@cache
def _first_due(on_postgres: bool) -> sa.Select[tuple[int, bool]]:
    return (
        sa.select(TABLE.c.id, IS_DONE)
        .where(is_queued(on_postgres), TABLE.c.next_attempt_at <= sa.bindparam("now"))
        .order_by(TABLE.c.next_attempt_at, TABLE.c.id)
        .limit(sa.bindparam("limit"))
        .with_for_update(skip_locked=True, of=TABLE)
    )


def release_expired(session: Session, now: datetime, limit: int = 1000) -> None:
    """What dead workers left: claimed rows are queued again, rows they were sending are in doubt."""
    expired = session.execute(_EXPIRED, {"now": now, "limit": limit}).all()
    if not expired:
        return
    claimed = [number for number, state in expired if state is Delivery.CLAIMED]
    _update(session, claimed, state=Delivery.QUEUED, leased_by=None, lease_until=None)
    sending = [number for number, state in expired if state is Delivery.SENDING]
    for row in session.exec(select(OutboxRow).where(col(OutboxRow.id).in_(sending))):
        put_in_doubt(session, now, row, "The worker that was sending it ended before it knew the answer.", now)
    session.flush()  # what is claimed next is asked of the table


_EXPIRED = (
    sa.select(TABLE.c.id, TABLE.c.state)
    .where(TABLE.c.lease_until <= sa.bindparam("now"), TABLE.c.state.in_((Delivery.CLAIMED, Delivery.SENDING)))
    .order_by(TABLE.c.next_attempt_at, TABLE.c.id)
    .limit(sa.bindparam("limit"))
    .with_for_update(skip_locked=True, of=TABLE)
)


def begin_sending(
    session: Session, now: datetime, ids: Sequence[int], worker: str, lease: timedelta = LEASE
) -> list[Outgoing]:
    """Those of our claimed messages that are to be sent now, in the order given; commit before sending.

    Left out: what has been answered since it was queued (withdrawn here), what another worker has taken over
    because our lease ran out, and what another transaction holds.
    """
    on_postgres = is_postgres(session)
    going = {"ids": ids, "worker": worker, "now": now}
    rows = session.execute(_begin(on_postgres), going | {"until": now + lease}).all()
    if len(rows) < len(ids):
        done = session.execute(_ours(on_postgres, IS_DONE), going).scalars().all()
        _update(session, done, **_withdrawn(now))
    reached("marked as sending")
    whole = outgoing(session, rows)
    torn = {row.id for row in rows} - {each.id for each in whole}
    _update(session, sorted(torn), **_settled(now, Delivery.FAILED, TORN))
    places = {number: place for place, number in enumerate(ids)}
    return sorted(whole, key=lambda each: places[each.id])


# Asked for every handful: with a parameter for each id, building the two anew took longer than the databases did.


@cache
def _ours(on_postgres: bool, which: sa.ColumnElement[bool]) -> sa.Select[tuple[int]]:
    """Those of `ids` that are ours to begin."""
    # What is leased is claimed or sending; asked in this way, both databases go by the number and by no other index.
    ours = [TABLE.c.state != Delivery.SENDING, TABLE.c.leased_by == sa.bindparam("worker")]
    return (
        sa.select(TABLE.c.id)
        .where(among_ids(on_postgres), *ours, TABLE.c.lease_until > sa.bindparam("now"), which)
        .order_by(TABLE.c.id)
        .with_for_update(skip_locked=True, of=TABLE)
    )


@cache
def _begin(on_postgres: bool) -> sa.Executable:
    return (
        sa.update(TABLE)
        .where(TABLE.c.id.in_(_ours(on_postgres, ~IS_DONE)))
        .values(state=Delivery.SENDING, lease_until=sa.bindparam("until"), attempts=TABLE.c.attempts + 1)
        .returning(*TRAVELS)
    )


def put_back(session: Session, now: datetime, ids: Sequence[int], worker: str, until: datetime | None = None) -> None:
    """Claimed and not begun: back to the queue, due at once or at `until`."""
    if not ids:
        return
    ours = [TABLE.c.id.in_(ids), TABLE.c.state == Delivery.CLAIMED, TABLE.c.leased_by == worker]
    locked = sa.select(TABLE.c.id).where(*ours).order_by(TABLE.c.next_attempt_at, TABLE.c.id)
    rows = session.execute(locked.with_for_update(skip_locked=True, of=TABLE)).scalars().all()
    _update(session, rows, state=Delivery.QUEUED, leased_by=None, lease_until=None, next_attempt_at=until or now)


def pause(session: Session, until: datetime, said: str) -> None:
    """The post office is closed: nothing is tried before `until`, and each waiting message says why.

    What somebody else holds is left out: whoever acts may have locked some of it and wait for others.
    """
    waiting = sa.select(TABLE.c.id).where(TABLE.c.state == Delivery.QUEUED, TABLE.c.next_attempt_at < until)
    free = TABLE.c.id.in_(waiting.with_for_update(skip_locked=True, of=TABLE))
    session.execute(sa.update(TABLE).where(free).values(next_attempt_at=until, answer=said[:500]))


def _withdrawn(now: datetime) -> dict[str, Any]:
    return _settled(now, Delivery.WITHDRAWN, NO_LONGER_OWED)


def _settled(now: datetime, state: Delivery, answer: str) -> dict[str, Any]:
    return {"settled_at": now, "answer": answer, "state": state, "leased_by": None, "lease_until": None}


def _update(session: Session, ids: Sequence[int], **values: Any) -> None:
    if ids:
        rows = sa.update(TABLE).where(among_ids(is_postgres(session)))
        session.execute(rows.values(**values), {"ids": ids})
