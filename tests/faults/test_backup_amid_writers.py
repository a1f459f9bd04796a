"""A backup made while sweep, delivery and reports go on in other processes; then the disk dies, and it is all there is.

Restored elsewhere it is whole. What it was about to say is said, and what was said after it was made may be said
again, under the same Message-ID: only what is listed as perhaps in doubt.
"""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, func, select

from actions.cast import protocol_named
from actions.loading import load_protocol
from actions.review_opening import open_annual, set_review_date
from actions.verifying import verify
from cli.clockwork import run_clock
from models.breach import Breach
from models.outbox import Delivery, Message
from models.protocol_file import read_protocol
from models.store import engine, reading, transaction
from notifications.delivery import deliver
from settings import HERE
from tests.cli.conftest import COMMAND, whole_environment
from tests.conftest import psycopg_url
from tests.notifications.smtp_server import PostOffice, mail, serving
from tests.postgres import create_database, drop_database, postgres_server

pytestmark = pytest.mark.slow

WAIT_SECONDS = 60
ENOUGH_BREACHES, ENOUGH_MESSAGES = 3, 20


def bedfordshire(store: sa.Engine) -> None:
    now = datetime.now(UTC)
    with transaction(store) as session:
        load_protocol(session, now, read_protocol(HERE / "protocols" / "bedfordshire"), "secretary")
        protocol = protocol_named(session, "bedfordshire")
        set_review_date(session, now, protocol, date(now.year + 1, 3, 31), "secretary")
        open_annual(session, now, protocol, "secretary")


@contextmanager
def writing(store: sa.Engine, port: int) -> Iterator[None]:
    """Until the block ends: then they are killed, as by a machine that dies."""
    command = [sys.executable, "-m", "tests.faults.busy_writer", url_of(store), str(port)]
    writers = [subprocess.Popen([*command, what], cwd=HERE) for what in ("sweep", "deliver", "report")]
    try:
        yield
        assert [writer.poll() for writer in writers] == [None] * 3, "a writer has failed"
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()


def url_of(store: sa.Engine) -> str:
    return store.url.render_as_string(hide_password=False)


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not happened():
        assert time.monotonic() < deadline, "the writers write too slowly"
        time.sleep(0.05)


def how_much(store: sa.Engine) -> tuple[int, int]:
    """Breaches, and messages that were accepted."""
    with reading(store) as session:
        breaches = session.exec(select(func.count()).select_from(Breach)).one()
        return breaches, session.exec(select(func.count()).where(Message.state == Delivery.ACCEPTED)).one()


def is_sending(store: sa.Engine) -> bool:
    with reading(store) as session:
        return session.exec(select(Message.id).where(Message.state == Delivery.SENDING)).first() is not None


def concordat(store: sa.Engine, data: Path, *arguments: str) -> str:
    environment = whole_environment(data, CONCORDAT_DATABASE_URL=url_of(store))
    done = subprocess.run([*COMMAND, *arguments], env=environment, cwd=HERE, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def elsewhere(store: sa.Engine, tmp_path: Path) -> Iterator[sa.Engine]:
    """Another machine's place for a store, of the same kind and empty."""
    if store.dialect.name == "sqlite":
        (tmp_path / "elsewhere").mkdir()
        made = engine(f"sqlite:///{tmp_path / 'elsewhere' / 'concordat.db'}")
        yield made
        made.dispose()
        return
    server, name = postgres_server(), f"concordat_elsewhere_{os.getpid()}"
    assert server is not None
    drop_database(server, name)
    made = engine(psycopg_url(create_database(server, name)))
    made.dispose()
    yield made
    made.dispose()
    drop_database(server, name)


def test_restored_elsewhere_nothing_is_lost_and_what_may_be_a_copy_is_listed(
    store: sa.Engine, elsewhere: sa.Engine, tmp_path: Path
) -> None:
    bedfordshire(store)
    office, file, data = PostOffice(), tmp_path / "backup", tmp_path / "elsewhere"
    stands_still, goes_on = threading.Event(), threading.Event()

    def answer(address: str, _: object) -> str | None:
        if stands_still.is_set():
            goes_on.wait(WAIT_SECONDS)
        return "450 4.2.1 try again later" if "luton-borough" in address else None

    office.answers["RCPT"] = answer
    with serving(office) as port:
        with writing(store, port):
            wait_until(lambda: how_much(store) >= (ENOUGH_BREACHES, 0) and how_much(store)[1] >= ENOUGH_MESSAGES)
            stands_still.set()  # else all that was queued has left before the backup is made
            wait_until(lambda: is_sending(store))
            concordat(store, tmp_path, "backup", str(file))
            goes_on.set()
            breaches, sent = how_much(store)
            wait_until(lambda: how_much(store)[0] > breaches + 1 and how_much(store)[1] > sent + 5)
        concordat(elsewhere, data, "restore", str(file))
        assert "none is broken" in concordat(elsewhere, data, "verify")
        office.answers.clear()
        begun = on_their_way(elsewhere)
        assert begun, "nothing was in flight, so nothing is proved"
        go_on(elsewhere, port)
    copies = Counter(office.ids)
    with reading(elsewhere) as session:
        assert verify(session, soon()).broken == []
        rows = session.exec(select(Message.message_id, Message.state, Message.in_doubt_at)).all()
    assert {state for _, state, _ in rows} == {Delivery.ACCEPTED}
    assert begun <= {number for number, _, doubted in rows if doubted}
    unlisted = {number for number, _, doubted in rows if not doubted}
    assert {copies[number] for number in unlisted} == {1}
    assert min(copies[number] for number, *_ in rows) == 1
    assert max(copies.values()) == 2, "what was sent after the backup has been sent again"


def on_their_way(store: sa.Engine) -> set[str]:
    """All of it is queued again: nobody is left who could be sending it."""
    with reading(store) as session:
        waiting = session.exec(select(Message.message_id).where(Message.state != Delivery.ACCEPTED)).all()
        assert set(waiting) == set(_queued(session))
        return set(waiting)


def _queued(session: Session) -> list[str]:
    return list(session.exec(select(Message.message_id).where(Message.state == Delivery.QUEUED)))


def go_on(store: sa.Engine, port: int) -> None:
    """The clock and delivery, until nothing waits."""
    while True:
        run_clock(store, soon())
        count = asyncio.run(deliver(store, clock=soon, post_office=mail(port, connections=2)))
        if not count.accepted:
            return


def soon() -> datetime:
    """Greylisting and pauses are over, and nothing new has become due."""
    return datetime.now(UTC) + timedelta(minutes=6)
