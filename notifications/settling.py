"""Settling: what became of each message is written down, in one transaction for a handful of them."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from models import history
from models.fail_points import reached
from models.history import CLOCK
from models.outbox import Delivery
from models.outbox import Message as OutboxRow
from models.store import is_postgres
from notifications.doubt import close_doubt, put_in_doubt
from notifications.outgoing import TABLE
from notifications.refusals import address_refused, contact_locked, not_delivered

FIRST_WAIT = timedelta(minutes=5)  # as long as greylisting servers usually ask for
LONGEST_WAIT = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=5)  # RFC 5321 §4.5.4.1: at least 4 to 5 days
# … of trying: what waited for days, because the mail server or we were away, is tried for some nine hours first.
TRIES_AT_LEAST = 8

ASKED = ("id", "key", "state", "leased_by", "attempts", "queued_at", "next_attempt_at", "in_doubt_at")
CHANGED = ("answer", "state", "next_attempt_at", "attempts", "settled_at")
WRITE = (
    sa.update(TABLE)
    .where(TABLE.c.id == sa.bindparam("number"))
    .values(leased_by=None, lease_until=None, **{name: sa.bindparam(name) for name in CHANGED})
)


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

    Rows are taken in the order of their numbers, as by whoever ends links (`once_more`).
    """
    results = sorted(results, key=lambda result: result.id)
    _hold_trouble(session, now, results)
    if not all(isinstance(result, Accepted) for result in results):
        _rows(session, results)
    written = _write_accepted(session, now, worker, [result for result in results if isinstance(result, Accepted)])
    count = Counter({Delivery.ACCEPTED.value: len(written)} if written else {})
    if rest := [result for result in results if result.id not in written]:
        count += _settle_rest(session, now, worker, rest)
    reached("marked as settled")
    return count


def _write_accepted(session: Session, now: datetime, worker: str, results: Sequence[Accepted]) -> set[int]:
    """What nearly all are, in one statement. Answers the ids of those that were ours."""
    if not results:
        return set()
    heard = [[result.id, result.attempts, result.said[:500]] for result in results]
    values = {"heard": heard, "now": now, "worker": worker}
    return set(session.execute(_accepting(is_postgres(session)), values).scalars())


@cache
def _accepting(on_postgres: bool) -> sa.Executable:
    rows = sa.func.json_array_elements if on_postgres else sa.func.json_each
    listed = rows(sa.bindparam("heard", type_=sa.JSON)).table_valued(sa.column("value", sa.JSON), name="listed")
    number, attempts, said = (listed.c.value[place] for place in range(3))
    return (
        sa.update(TABLE)
        .where(TABLE.c.id == number.as_integer(), TABLE.c.attempts == attempts.as_integer())
        # What is leased is claimed or sending; asked in this way, both databases go by the number.
        .where(TABLE.c.state != Delivery.CLAIMED, TABLE.c.leased_by == sa.bindparam("worker"))
        .values(state=Delivery.ACCEPTED, answer=said.as_string(), settled_at=sa.bindparam("now"))
        .values(leased_by=None, lease_until=None)
        .returning(TABLE.c.id)
    )


def _settle_rest(session: Session, now: datetime, worker: str, results: Sequence[Result]) -> Counter[str]:
    rows, count, changes = _rows(session, results), Counter[str](), []
    for result in results:
        row = rows[result.id]
        if not (_is_ours(row, worker, result) or _ends_doubt(row, result)):
            count["lease lost"] += 1
        elif change := _change(now, row, result):
            changes.append(change)
            count[change["state"].value] += 1
            if row.state is Delivery.IN_DOUBT:
                close_doubt(session, now, session.get_one(OutboxRow, row.id), "the mail server's answer came late")
        else:
            count[_settle_trouble(session, now, result).value] += 1
    if changes:
        session.connection().execute(WRITE, changes)
    return count


def _hold_trouble(session: Session, now: datetime, results: Sequence[Result]) -> None:
    """What a failure changes beside its row: first the cases, then the contacts, each in their order, then the row."""
    troubled = {result.id: result for result in results if isinstance(result, Failed | Deferred)}
    found = sa.select(TABLE.c.id, TABLE.c.case, TABLE.c.contact_id, TABLE.c.queued_at)
    rows = session.execute(found.where(TABLE.c.id.in_(troubled))).all() if troubled else []
    lost = [row for row in rows if isinstance(troubled[row.id], Failed) or _gives_up(now, row, troubled[row.id])]
    for case in sorted({row.case for row in lost}):
        history.hold(session, case)
    for contact_id in sorted({row.contact_id for row in lost if getattr(troubled[row.id], "address_refused", False)}):
        contact_locked(session, contact_id)


def _gives_up(now: datetime, row: Any, result: Result) -> bool:
    """Whether one more “not now” is the last."""
    return now - row.queued_at > GIVE_UP_AFTER and result.attempts >= TRIES_AT_LEAST


def _rows(session: Session, results: Sequence[Result]) -> dict[int, Any]:
    """What is asked of each row, and not its texts."""
    wanted = (TABLE.c[name] for name in ASKED)
    ids = [result.id for result in results]
    found = sa.select(*wanted).where(TABLE.c.id.in_(ids)).order_by(TABLE.c.id).with_for_update()
    return {row.id: row for row in session.execute(found)}


def _is_ours(row: Any, worker: str, result: Result) -> bool:
    return bool(row.state is Delivery.SENDING and row.leased_by == worker and row.attempts == result.attempts)


def _ends_doubt(row: Any, result: Result) -> bool:
    """Nobody has begun to send it again, so what we know is the last word."""
    waiting = row.state in {Delivery.QUEUED, Delivery.IN_DOUBT} and row.in_doubt_at is not None
    return isinstance(result, Accepted) and waiting and row.attempts == result.attempts


def _change(now: datetime, row: Any, result: Result) -> dict[str, Any] | None:
    """The row's new values; None where more than the row must change."""
    match result:
        case Accepted():
            return _written(row, result, Delivery.ACCEPTED, row.next_attempt_at, row.attempts, now)
        case Untried():
            return _written(row, result, Delivery.QUEUED, result.until, row.attempts - 1)
        case Deferred() if not _gives_up(now, row, result):
            again_at = now + wait_before(row.attempts + 1, row.key)
            return _written(row, result, Delivery.QUEUED, again_at, row.attempts)
        case _:
            return None


def _written(
    row: Any, result: Result, state: Delivery, again_at: datetime, attempts: int, settled_at: datetime | None = None
) -> dict[str, Any]:
    return {
        "number": row.id,
        "answer": result.said[:500],
        "state": state,
        "next_attempt_at": again_at,
        "attempts": attempts,
        "settled_at": settled_at,
    }


def _settle_trouble(session: Session, now: datetime, result: Result) -> Delivery:
    """A doubt or a failure: other rows change too."""
    row = session.get_one(OutboxRow, result.id, populate_existing=True)
    row.answer, row.leased_by, row.lease_until = result.said[:500], None, None
    match result:
        case InDoubt():
            put_in_doubt(session, now, row, result.said, now + wait_before(row.attempts + 1, row.key))
        case Failed(address_refused=True):
            row.state, row.settled_at = Delivery.FAILED, now
            address_refused(session, now, row, result.said, CLOCK)
        case _:
            row.state, row.settled_at = Delivery.FAILED, now
            not_delivered(session, now, row, result.said, CLOCK)
    session.flush()
    return row.state


def wait_before(attempt: int, key: str) -> timedelta:
    """How long to wait before attempt 2, 3, …: 5 minutes doubled each time, at most 4 hours, less up to a fifth.

    wait(n) = min(5 min · 2^(n-2), 4 h) · (1 - j/5), with j in [0, 1) from SHA-256 of the key and n: messages
    put off together do not come back together, and the same message waits the same in every test.
    """
    doublings: int = 2 ** min(attempt - 2, 10)
    whole = min(FIRST_WAIT * doublings, LONGEST_WAIT)
    digest = hashlib.sha256(f"{key}:{attempt}".encode()).digest()
    return whole * (1 - int.from_bytes(digest[:4], "big") / 2**32 / 5)
