"""Delivery: what is due leaves over a few connections that stay open.

While the connections send what has been begun, the next messages are begun, one transaction after another:

    settle what was sent meanwhile; ask again what is still owed; mark it `sending`

so one commit pays for both ends and for all connections. What may be in their hands has a bound, a handful for each
connection: a crash can leave no more than that in doubt (decision 15).
"""

import asyncio
import os
import socket
import uuid
from collections import Counter, deque
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple, TypeVar

import sqlalchemy as sa
from sqlmodel import Session

from models.away import once_it_is_back
from models.outbox import Delivery
from models.store import transaction
from notifications.answers import failed
from notifications.claiming import LEASE, begin_sending, claim, pause, put_back
from notifications.line import Closed, Line
from notifications.mime import is_sendable, mime
from notifications.outgoing import TABLE, Outgoing
from notifications.post_office import MailSettings
from notifications.settling import InDoubt, Result, Untried, settle

T = TypeVar("T")

OURS = sa.select(TABLE.c.id, TABLE.c.attempts, TABLE.c.state).where(
    TABLE.c.leased_by == sa.bindparam("worker"), TABLE.c.state.in_((Delivery.CLAIMED, Delivery.SENDING))
)

HANDFUL = 25
PAUSE = timedelta(minutes=5)
STOPPED = "Stopped before the server had answered."


@dataclass
class DeliveryCount:
    """What one round did. `closed` says why the post office could not be used, if it could not."""

    accepted: int = 0
    queued: int = 0  # put off: to be tried again
    failed: int = 0
    in_doubt: int = 0
    left_out: int = 0  # withdrawn at the last moment, or taken over by another worker
    lease_lost: int = 0
    closed: str | None = None
    paused_until: datetime | None = None


async def deliver(
    engine: sa.Engine,
    *,
    clock: Callable[[], datetime],
    post_office: MailSettings,
    limit: int = 1000,
    handful: int = HANDFUL,
    lease: timedelta = LEASE,
) -> DeliveryCount:
    """Send up to `limit` due messages, then stop. Any number of workers may do this at once.

    When the server cannot be used, everything waiting pauses for five minutes and says why: one attempt to
    connect for each round, not one for each message. Cancelled, it writes down what it knows before it ends.
    """
    rounds = Round(engine, clock, post_office, limit, handful, lease)
    lines = [Line(post_office) for _ in range(post_office.connections)]
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(rounds.turn_over(len(lines)))
            for line in lines:
                group.create_task(rounds.work(line))
    finally:
        rounds.end(lines)
    return rounds.count


class Attempt(NamedTuple):
    id: int
    attempts: int


@dataclass
class Round:
    engine: sa.Engine
    clock: Callable[[], datetime]
    post_office: MailSettings
    left: int
    handful: int
    lease: timedelta
    worker: str = field(default_factory=lambda: f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:12]}")
    count: DeliveryCount = field(default_factory=DeliveryCount)
    claimed: deque[int] = field(default_factory=deque)
    has_claimed: bool = False  # otherwise nothing of ours can be lost
    begun: asyncio.Queue[tuple[Outgoing, datetime] | None] = field(default_factory=asyncio.Queue)
    outstanding: int = 0  # begun, and no line has said yet what became of it
    results: list[Result] = field(default_factory=list)  # of any line, not yet settled
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.lease = max(self.lease, timedelta(seconds=10 * self.post_office.timeout_seconds))
        self.at_most = self.at_once = self.handful * self.post_office.connections
        if per_minute := self.post_office.messages_per_minute:
            # Slow senders take few at a time, so that what is asked before sending is still true when it is sent.
            self.at_most = max(1, min(self.at_most, per_minute // 6))
            self.at_once = max(1, min(self.handful, self.at_most))
        self.pace = Pace(self.post_office.messages_per_minute)

    async def turn_over(self, lines: int) -> None:
        """Begin what is due while the lines send what was begun before, and in the same transaction settle what they
        have sent meanwhile: about half of what may be in their hands each time."""
        while not self.count.closed and (ids := await self._next()):
            await self.pace.wait_for(len(ids))
            await self._begin(ids)
            self.heard.clear()
            if not self._has_room():
                await self.heard.wait()
        for _ in range(lines):
            self.begun.put_nowait(None)

    def _has_room(self) -> bool:
        return self.outstanding <= self.at_most // 2 or self.count.closed is not None

    async def work(self, line: Line) -> None:
        """One connection's share."""
        try:
            while (taken := await self.begun.get()) is not None:
                row, until = taken
                in_time = self.clock() <= until and not self.count.closed
                result = await self._post(line, row) if in_time else self._untried(row)
                self.results.append(result)  # not before: while we waited, the list may have been taken
                self.outstanding -= 1
                if self._has_room():
                    self.heard.set()
        finally:
            if (heard := await line.close()) is not None:
                self.results.append(heard)

    async def _next(self) -> list[int]:
        """As many as there is room for, of what is claimed; when nothing is left, claim more."""
        if not self.claimed and self.left > 0:
            at_once = min(self.left, 4 * self.at_most)
            ids = await self._in_thread(lambda at: claim(at, self.clock(), self.worker, at_once, self.lease))
            self.claimed.extend(ids)
            self.left -= len(ids)
            self.has_claimed = self.has_claimed or bool(ids)
        room = min(self.at_once, self.at_most - self.outstanding)
        return [self.claimed.popleft() for _ in range(min(room, len(self.claimed)))]

    async def _begin(self, ids: Sequence[int]) -> None:
        results, self.results = self.results, []
        try:
            count, rows = await self._in_thread(lambda at: self._settle_and_begin(at, results, ids))
        except BaseException:
            self.results = results + self.results
            raise
        self._add(count)
        self.count.left_out += len(ids) - len(rows)
        self.outstanding += len(rows)
        until = self.clock() + self.lease - timedelta(seconds=5 * self.post_office.timeout_seconds)
        for row in rows:
            self.begun.put_nowait((row, until))

    def _settle_and_begin(
        self, session: Session, results: Sequence[Result], ids: Sequence[int]
    ) -> tuple[Counter[str], list[Outgoing]]:
        now = self.clock()
        count = settle(session, now, self.worker, results)
        return count, begin_sending(session, now, ids, self.worker, self.lease)

    async def _post(self, line: Line, row: Outgoing) -> Result:
        if not is_sendable(row.address):
            return failed(row, f"“{row.address}” is not an address that mail can be sent to.", address=True)
        try:
            message = mime(row, self.clock(), self.post_office.sender)
        except ValueError as wrong:  # one row that cannot travel holds up no other
            return failed(row, f"It cannot be written as an e-mail: {wrong}", address=False)
        try:
            result = await line.post(row, message)
        except Closed as closed:
            self.count.closed = self.count.closed or str(closed)
            return self._untried(row)
        self.count.closed = self.count.closed or line.trouble
        return result

    def _untried(self, row: Attempt | Outgoing) -> Untried:
        return Untried(id=row.id, attempts=row.attempts, said=self.count.closed or STOPPED, until=self.clock())

    async def _in_thread(self, work: Callable[[Session], T]) -> T:
        """In a transaction, off the loop. Cancelled, it still waits: half-known is worse than late."""
        running = asyncio.ensure_future(asyncio.to_thread(self._transact, work))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait([running])
            raise

    def _transact(self, work: Callable[[Session], T]) -> T:
        with transaction(self.engine) as session:
            return work(session)

    def end(self, lines: Sequence[Line]) -> None:
        """Nothing stays in our hands: what is known is settled, what was not begun goes back to the queue. Settled
        twice it comes to the same, so a database that is away is waited for."""
        handed_over = {line.handed_over.id for line in lines if line.handed_over is not None}
        let_go = partial(self._transact, lambda session: self._let_go(session, handed_over))
        self._add(once_it_is_back(let_go) if self.has_claimed else let_go())
        if closed := self.count.closed:
            until = self.clock() + PAUSE
            self._transact(lambda session: pause(session, until, closed))  # by itself, after what is known
            self.count.paused_until = until

    def _let_go(self, session: Session, handed_over: Set[int]) -> Counter[str]:
        now = self.clock()
        count = settle(session, now, self.worker, self.results)
        ours = session.execute(OURS, {"worker": self.worker}).all()
        begun = [Attempt(row.id, row.attempts) for row in ours if row.state is Delivery.SENDING]
        count += settle(session, now, self.worker, [self._broken_off(row, handed_over) for row in begun])
        put_back(session, now, [row.id for row in ours if row.state is Delivery.CLAIMED], self.worker)
        return count

    def _broken_off(self, row: Attempt, handed_over: Set[int]) -> Result:
        if row.id not in handed_over:
            return self._untried(row)
        return InDoubt(id=row.id, attempts=row.attempts, said=STOPPED)

    def _add(self, count: Counter[str]) -> None:
        self.count.accepted += count["accepted"]
        self.count.queued += count["queued"]
        self.count.failed += count["failed"]
        self.count.in_doubt += count["in doubt"]
        self.count.lease_lost += count["lease lost"]


class Pace:
    """So many messages a minute, over all connections of this process; 0 is no limit."""

    def __init__(self, per_minute: int) -> None:
        self._seconds_each = 60 / per_minute if per_minute else 0
        self._free_at = 0.0

    async def wait_for(self, count: int) -> None:
        now = asyncio.get_running_loop().time()
        begin = max(now, self._free_at)
        self._free_at = begin + count * self._seconds_each
        await asyncio.sleep(begin - now)
