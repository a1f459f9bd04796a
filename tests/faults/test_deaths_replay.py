"""When a worker of a simulated year dies, the seed alone says what the mail server had heard of it by then."""

from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from tests.faults.world_office import Conversation
from tests.faults.world_smtp import Caller, Server
from tests.faults.world_workers import Fate, Killed, Worker


@pytest.fixture
def worker(sqlite_store: sa.Engine) -> Worker:
    return Worker(sqlite_store, "deliverer")


@pytest.mark.parametrize(
    ("fate", "ends_with"), [(Fate(dies_at=2), Killed), (Fate(fails_at=2), sa.exc.OperationalError)]
)
def test_what_a_worker_has_said_is_heard_while_it_lives(
    worker: Worker, fate: Fate, ends_with: type[BaseException]
) -> None:
    heard_alive: list[bool] = []
    worker.is_heard = lambda: heard_alive.append(not worker.dead)
    with worker.living(fate):
        worker.reaches("marked as sending")
        assert heard_alive == []
        with pytest.raises(ends_with):
            worker.reaches("before a commit")
    assert heard_alive == [True]


def test_whoever_dies_with_the_250_is_dead_before_it_is_written(worker: Worker) -> None:
    server, written_to_the_dead = Server(Random(0)), list[bool]()
    server.caller = Caller(worker, loop=None, dies_at=("250", 1))  # type: ignore[arg-type]
    conversation = Conversation(SimpleNamespace(server=server, loop=None, open=set()))  # type: ignore[arg-type]
    conversation.transport = _Line(lambda: written_to_the_dead.append(worker.dead))
    conversation.in_content = True
    conversation.data_received(b"Message-ID: <one@example>\r\n\r\nGood morning.\r\n.\r\n")
    assert written_to_the_dead == [True]
    assert conversation.transport.ended
    assert server.copies == {"<one@example>": 1}


class _Line:
    """The transport, as far as a conversation uses it."""

    def __init__(self, hears: Any) -> None:
        self.hears, self.ended = hears, False

    def is_closing(self) -> bool:
        return self.ended

    def write(self, _answer: bytes) -> None:
        self.hears()

    def abort(self) -> None:
        self.ended = True
