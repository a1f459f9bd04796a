"""A sweep killed anywhere and started again ends where an undisturbed one ends: nothing lost, nothing twice."""

import signal
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

from actions.cast import protocol_named
from actions.loading import load_protocol
from actions.review_opening import set_review_date
from actions.verifying import verify
from cli.clockwork import run_clock
from models.history import History
from models.obligation import Obligation, Reminder
from models.outbox import Message
from models.protocol_file import read_protocol
from models.review import Review
from models.store import reading, transaction
from tests.faults.killed_sweeper import AFTER_COMMIT, BEFORE_COMMIT, IN_THE_BATCH, IN_THE_CLAIM

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).parents[2]
LOADED_AT = datetime(2025, 11, 3, 9, tzinfo=UTC)
OPENS = datetime(2026, 2, 27, 9, tzinfo=UTC)
REMINDED = datetime(2026, 3, 17, 9, tzinfo=UTC)
CLOSED = datetime(2026, 3, 31, 23, tzinfo=UTC)
YEAR = (OPENS, REMINDED, CLOSED)

CASES = [
    (OPENS, IN_THE_BATCH, 1), (OPENS, IN_THE_BATCH, 9), (OPENS, BEFORE_COMMIT, 2), (OPENS, AFTER_COMMIT, 2),
    (REMINDED, IN_THE_CLAIM, 2), (REMINDED, IN_THE_BATCH, 7), (REMINDED, BEFORE_COMMIT, 3), (REMINDED, AFTER_COMMIT, 3),
    (CLOSED, IN_THE_BATCH, 1), (CLOSED, IN_THE_BATCH, 17), (CLOSED, BEFORE_COMMIT, 2), (CLOSED, AFTER_COMMIT, 2),
]  # fmt: skip


def bedfordshire(store: sa.Engine) -> None:
    with transaction(store) as session:
        load_protocol(session, LOADED_AT, read_protocol(CHECKOUT / "protocols" / "bedfordshire"), "secretary")
        set_review_date(session, LOADED_AT, protocol_named(session, "bedfordshire"), date(2026, 3, 31), "secretary")


def run_until_killed(store: sa.Engine, now: datetime, point: str, hits: int) -> int:
    url = store.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.faults.killed_sweeper", url, now.isoformat(), point, str(hits)]
    return subprocess.run(command, cwd=CHECKOUT, timeout=120).returncode


def everything(store: sa.Engine) -> dict[str, list[tuple[object, ...]]]:
    """What a year has left behind, but for numbers that a rolled-back transaction may have used up."""
    with reading(store) as session:
        reviews, duties, reminders, messages, moves = (
            session.exec(statement).all()
            for statement in (
                select(Review.review_on, Review.stage, Review.round),
                select(Obligation.key, Obligation.outcome, Obligation.next_at),
                select(Obligation.key, Reminder.rung, Reminder.outcome).join(Reminder),
                select(Message.kind, Message.address, Message.subject),
                select(History.what, History.moved_from, History.moved_to).where(History.moved_to.is_not(None)),
            )
        )
        assert verify(session, CLOSED).broken == []
    found = {"reviews": reviews, "duties": duties, "reminders": reminders, "messages": messages, "moves": moves}
    return {name: sorted(map(tuple, rows), key=repr) for name, rows in found.items()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[object, ...]]]:
    from models.store import engine
    from models.upgrading import upgrade

    store = engine(f"sqlite:///{tmp_path_factory.mktemp('undisturbed')}/concordat.db")
    upgrade(store)
    bedfordshire(store)
    for now in YEAR:
        run_clock(store, now)
    found = everything(store)
    store.dispose()
    return found


@pytest.mark.parametrize(("killed_at", "point", "hits"), CASES, ids=lambda value: str(value).replace(" ", "-"))
def test_killed_and_started_again_it_ends_where_it_would_have(store, undisturbed, killed_at, point, hits):
    bedfordshire(store)
    for now in YEAR:
        if now == killed_at:
            assert run_until_killed(store, now, point, hits) == -signal.SIGKILL, "the point was never reached"
        run_clock(store, now)
    assert everything(store) == undisturbed
