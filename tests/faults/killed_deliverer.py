"""A deliverer that kills itself, as SIGKILL would, when it gets to the named point the n-th time.

`python -m tests.faults.killed_deliverer STORE-URL SMTP-PORT POINT N MINUTES`, so many minutes after NOW. Run by
test_delivery_killed only.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import aiosmtplib

from models.store import engine
from notifications import delivery, line
from tests.notifications.outbox_world import NOW
from tests.notifications.smtp_server import mail

POINTS = (
    "in the claim, before its commit",
    "after the claim",
    "before its commit as sending",
    "after its commit as sending",
    "after RCPT",
    "after DATA",
    "after the 250",
    "before the commit",
    "after the commit",
)


class Killer:
    def __init__(self, point: str, times: int) -> None:
        self.point, self.left = point, times

    def at(self, point: str) -> None:
        if point == self.point:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def around(killer: Killer, function: Callable[..., Any], before: str = "", after: str = "") -> Callable[..., Any]:
    def wrapped(*args: Any, **how: Any) -> Any:
        killer.at(before)
        result = function(*args, **how)
        killer.at(after)
        return result

    return wrapped


def prepare(killer: Killer) -> None:
    delivery.claim = around(killer, delivery.claim, after="in the claim, before its commit")
    delivery.begin_sending = around(
        killer, delivery.begin_sending, before="after the claim", after="before its commit as sending"
    )
    settle, content, post = delivery.settle, line._content, line.Line.post

    def settled(session: Any, now: Any, worker: str, results: Any) -> Any:
        count = settle(session, now, worker, results)
        if results:
            killer.at("before the commit")
        return count

    async def posted(self: line.Line, row: Any, message: bytes) -> Any:
        killer.at("after its commit as sending")
        return await post(self, row, message)

    async def handed_over(client: aiosmtplib.SMTP, message: bytes, timeout: float) -> Any:
        killer.at("after RCPT")
        if killer.point == "after DATA":
            answering = asyncio.ensure_future(content(client, message, timeout))
            await asyncio.sleep(0.2)  # the content is with the server; nobody has read its answer
            killer.at("after DATA")
            return await answering
        answer = await content(client, message, timeout)
        killer.at("after the 250")
        return answer

    transact = delivery.Round._transact

    def transacted(self: delivery.Round, work: Any) -> Any:
        done = transact(self, work)
        if self.count.accepted or self.results:
            killer.at("after the commit")
        return done

    delivery.settle, line._content, line.Line.post = settled, handed_over, posted  # type: ignore[method-assign]
    delivery.Round._transact = transacted  # type: ignore[method-assign]


def main(url: str, port: str, point: str, times: str, minutes: str) -> None:
    prepare(Killer(point, int(times)))
    now = NOW + timedelta(minutes=int(minutes))
    deliverer = delivery.deliver(engine(url), clock=lambda: now, post_office=mail(int(port), connections=2), handful=4)
    asyncio.run(deliverer)


if __name__ == "__main__":
    main(*sys.argv[1:])
