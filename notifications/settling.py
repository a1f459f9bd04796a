"""Settling: what became of each message is written down, in one transaction for a handful of them."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from models.history import CLOCK
from models.outbox import Delivery
from models.outbox import Message as OutboxRow
from notifications.doubt import put_in_doubt
from notifications.refusals import address_refused, not_delivered

FIRST_WAIT = timedelta(minutes=5)  # as long as greylisting servers usually ask for
LONGEST_WAIT = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=5)  # RFC 5321 §4.5.4.1: at least 4 to 5 days


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of one attempt. `said` are the server's words, or ours about the connection."""

    id: int
    attempts: int
    said: str


class Accepted(Result):
    """The server answered 250."""


class Deferred(Result):
    """4xx, or the connection was lost before the message was handed over: surely not sent."""


@dataclass(frozen=True, kw_only=True)
class Failed(Result):
    """5xx. With `address_refused` the address takes no mail; otherwise it is about this message."""

    address_refused: bool


class InDoubt(Result):
    """The message was handed over and no answer came."""


@dataclass(frozen=True, kw_only=True)
class Untried(Result):
    """Begun and not tried, because the post office closed or time ran out: it does not count as an attempt."""

    until: datetime


def settle(session: Session, now: datetime, worker: str, results: Sequence[Result]) -> Counter[str]:
    """Write the results down. Answers how many rows are now `accepted`, `queued` and so on.

    A row that is not ours any more, because the lease ran out, counts as `lease lost` and stays as it is, with
    one exception: a 250 that comes late ends the doubt about that very attempt.
    """
    rows = _rows(session, results)
    count: Counter[str] = Counter()
    for result in results:
        row = rows[result.id]
        if _is_ours(row, worker, result) or _ends_doubt(row, result):
            _settle(session, now, row, result)
            count[row.state.value] += 1
        else:
            count["lease lost"] += 1
    session.flush()
    return count


def _rows(session: Session, results: Sequence[Result]) -> dict[int | None, OutboxRow]:
    heavy: list[Any] = [OutboxRow.text, OutboxRow.html, OutboxRow.calendar]
    found = (
        select(OutboxRow)
        .where(col(OutboxRow.id).in_([result.id for result in results]))
        .order_by(col(OutboxRow.id))
        .options(*map(defer, heavy))
        .with_for_update()
    )
    return {row.id: row for row in session.exec(found)}


def _is_ours(row: OutboxRow, worker: str, result: Result) -> bool:
    return row.state is Delivery.SENDING and row.leased_by == worker and row.attempts == result.attempts


def _ends_doubt(row: OutboxRow, result: Result) -> bool:
    """Nobody has begun to send it again, so what we know is the last word."""
    waiting = row.state in {Delivery.QUEUED, Delivery.IN_DOUBT} and row.in_doubt_at is not None
    return isinstance(result, Accepted) and waiting and row.attempts == result.attempts


def _settle(session: Session, now: datetime, row: OutboxRow, result: Result) -> None:
    row.answer, row.leased_by, row.lease_until = result.said[:500], None, None
    match result:
        case Accepted():
            row.state, row.settled_at = Delivery.ACCEPTED, now
        case InDoubt():
            put_in_doubt(session, now, row, result.said, now + wait_before(row.attempts + 1, row.key))
        case Untried():
            row.state, row.next_attempt_at = Delivery.QUEUED, result.until
            row.attempts -= 1
        case Failed():
            _fail(session, now, row, result.said, result.address_refused)
        case _ if now - row.queued_at > GIVE_UP_AFTER:
            _fail(session, now, row, result.said, address_is_refused=False)
        case _:
            row.state, row.next_attempt_at = Delivery.QUEUED, now + wait_before(row.attempts + 1, row.key)


def _fail(session: Session, now: datetime, row: OutboxRow, said: str, address_is_refused: bool) -> None:
    row.state, row.settled_at = Delivery.FAILED, now
    if address_is_refused:
        address_refused(session, now, row, said, CLOCK)
    else:
        not_delivered(session, now, row, said, CLOCK)


def wait_before(attempt: int, key: str) -> timedelta:
    """How long to wait before attempt 2, 3, …: 5 minutes doubled each time, at most 4 hours, less up to a fifth.

    wait(n) = min(5 min · 2^(n-2), 4 h) · (1 - j/5), with j in [0, 1) from SHA-256 of the key and n: messages
    put off together do not come back together, and the same message waits the same in every test.
    """
    doublings: int = 2 ** min(attempt - 2, 10)
    whole = min(FIRST_WAIT * doublings, LONGEST_WAIT)
    digest = hashlib.sha256(f"{key}:{attempt}".encode()).digest()
    return whole * (1 - int.from_bytes(digest[:4], "big") / 2**32 / 5)
