"""Workers of a simulated year, and what befalls them: they die, meet a locked or full database, and take turns.

A worker touches the world in two ways: its transactions, and what it says to the mail server. Between two of them
nobody can see it; so it may be stopped before each transaction and before MAIL is answered, which makes every order
of two workers one that the seed has chosen, and replays it. A worker that dies raises `Killed` before its next
transaction or at a fail point: nothing it has not committed is there, nothing is cleared up, its connections break.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

ON_THE_LINE = ("before connecting", "after connecting", "before MAIL", "after MAIL", "after RCPT", "before the content",
               "content sent", "answer read")  # fmt: skip


STAYS = 0.75  # whoever is at work goes on, mostly: so one may be done with all while another stands still


class Killed(BaseException):
    """As SIGKILL: no handler of the product may catch it."""


@dataclass
class Fate:
    """What befalls one worker, and when."""

    dies_at: int | None = None  # the n-th fail point it comes to
    fails_at: int | None = None
    full_from: int | None = None  # the n-th transaction


class Worker:
    """One at a time has this place; its engine stays, with the statements that it has compiled."""

    def __init__(self, base: sa.Engine, name: str) -> None:
        self.engine: sa.Engine = base.execution_options(worker=name)
        self.name, self.fate = name, Fate()
        self.dead, self.points, self.begun = False, 0, 0
        self.turns: Turns | None = None
        self.is_heard: Callable[[], None] = lambda: None  # waits until the mail server has all that was said
        sa.event.listen(self.engine, "engine_connect", self._begins)
        sa.event.listen(self.engine, "commit", self._commits)

    @contextmanager
    def living(self, fate: Fate, turns: "Turns | None" = None) -> Iterator["Worker"]:
        self.fate, self.turns = fate, turns
        self.dead, self.points, self.begun = False, 0, 0
        try:
            yield self
        finally:
            self.fate, self.turns, self.dead = Fate(), None, False

    def _begins(self, connection: sa.Connection) -> None:
        if self.turns is not None and not self.dead:
            self.turns.wait(self)
        if self.dead:
            connection.close()
            raise Killed
        self.begun += 1
        if connection.dialect.name == "sqlite":
            _limit_pages(connection, full=self._is_full)

    @property
    def _is_full(self) -> bool:
        return self.fate.full_from is not None and self.begun >= self.fate.full_from

    def reaches(self, _point: str) -> None:
        """A fail point of the product, wherever it is."""
        self.points += 1
        if self.dead:
            raise Killed
        if self.points in (self.fate.dies_at, self.fate.fails_at):
            self.is_heard()  # otherwise the server hears somebody dead, or not, as the machine is busy or not
        if self.points == self.fate.dies_at:
            self.dead = True
            raise Killed
        if self.points == self.fate.fails_at:
            raise (OSError("a test: the line is dead") if _point in ON_THE_LINE else _gone("the server closed it"))

    def _commits(self, connection: sa.Connection) -> None:
        if self.dead:
            raise Killed
        if self._is_full and connection.dialect.name != "sqlite":
            raise _gone("could not extend file: No space left on device")


def _gone(said: str) -> OperationalError:
    return OperationalError("a statement", {}, sqlite3.OperationalError(said))


def _limit_pages(connection: sa.Connection, *, full: bool) -> None:
    """SQLite says “database or disk is full” when the file may not grow."""
    driver: Any = connection.connection.driver_connection
    info = connection.connection.record_info
    if full or (info is not None and info.get("full")):
        driver.execute(f"PRAGMA max_page_count={1 if full else 2**30}").fetchall()
        if info is not None:
            info["full"] = full


class Turns:
    """Several workers at once, of whom one goes on at a time; the dice say which."""

    def __init__(self, rng: Random, given: Callable[[str], None], between: Callable[[], None]) -> None:
        """`given` is told whose turn it is; `between` happens after each turn."""
        self._rng, self._given, self._between = rng, given, between
        self._back: SimpleQueue[None] = SimpleQueue()
        self._waiting: dict[str, Callable[[], None]] = {}

    def wait(self, worker: Worker) -> None:
        """In a worker's own thread."""
        go = threading.Event()
        self.leave(worker, go.set)
        go.wait()

    def leave(self, worker: Worker, go_on: Callable[[], None]) -> None:
        """`go_on` is called when its turn has come."""
        self._waiting[worker.name] = go_on
        self._back.put(None)

    def take(self, parts: Sequence[tuple[Worker, Callable[[], None]]]) -> list[BaseException]:
        """Answers what they raised, in the order of the parts."""
        raised: dict[str, BaseException] = {}

        def run(worker: Worker, part: Callable[[], None]) -> None:
            try:
                self.wait(worker)
                part()
            except BaseException as error:
                raised[worker.name] = error
            self._back.put(None)

        threads = [threading.Thread(target=run, args=each, daemon=True) for each in parts]
        for thread in threads:
            thread.start()
            self._back.get()
        name = ""
        while self._waiting:
            if name not in self._waiting or self._rng.random() > STAYS:
                name = self._rng.choice(sorted(self._waiting))
            self._given(name)
            self._waiting.pop(name)()
            self._back.get()
            self._between()
        for thread in threads:
            thread.join()
        return [raised[worker.name] for worker, _ in parts if worker.name in raised]


@contextmanager
def locked(base: sa.Engine) -> Iterator[None]:
    """Somebody else holds what every writer needs, longer than anybody waits."""
    with base.connect() as connection:
        if base.dialect.name == "sqlite":
            connection.rollback()
            connection.exec_driver_sql("SELECT 1")  # the store's own way to begin takes the write lock
        else:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '30s'")  # the server may just be cleaning up in one
            connection.exec_driver_sql("LOCK TABLE message, history, obligation, heartbeat IN EXCLUSIVE MODE")
        try:
            yield
        finally:
            connection.rollback()
