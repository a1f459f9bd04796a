"""A sweep that kills itself: `python -m tests.faults.killed_sweeper URL INSTANT POINT N`.

At the nth hit of the point, the process gets SIGKILL, as from outside. Nothing of this is in the product:
functions are wrapped here. Batches are small, so that a kill falls between two of them, too.
"""

import functools
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

import actions.reminding
import actions.telling
import cli.clockwork
from models.store import engine

IN_THE_CLAIM = "rows are held"
IN_THE_BATCH = "a message is queued"
BEFORE_COMMIT = "before the commit"
AFTER_COMMIT = "after the commit"
POINTS = (IN_THE_CLAIM, IN_THE_BATCH, BEFORE_COMMIT, AFTER_COMMIT)
SMALL_BATCH = 5


class Killer:
    def __init__(self, hits: int) -> None:
        self.left = hits

    def hit(self, *_: Any) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def after(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            self.hit()
            return result

        return wrapped


def arm(point: str, killer: Killer) -> None:
    match point:
        case "rows are held":
            actions.reminding._held = killer.after(actions.reminding._held)
        case "a message is queued":
            actions.telling.queue = killer.after(actions.telling.queue)
        case "before the commit":
            sa.event.listen(Session, "before_commit", killer.hit)
        case "after the commit":
            sa.event.listen(Session, "after_commit", killer.hit)
        case _:
            raise ValueError(point)


def main(url: str, instant: str, point: str, hits: str) -> None:
    arm(point, Killer(int(hits)))
    cli.clockwork.remind_batch = functools.partial(actions.reminding.remind_batch, limit=SMALL_BATCH)
    cli.clockwork.run_clock(engine(url), datetime.fromisoformat(instant))


if __name__ == "__main__":
    main(*sys.argv[1:])
