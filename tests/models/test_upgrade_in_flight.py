"""A breach followed up, complaints analysed, a review collecting, mail on its way: opened by this release, they go on.

One store of every revision that a release has had since the first; `test_upgrade` takes the first one apart.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlmodel import col, select

from actions.verifying import verify
from cli.clockwork import run_clock
from models.complaint import Complaint
from models.outbox import ON_THEIR_WAY, Delivery, Message
from models.review import Review
from models.store import reading
from models.upgrading import MIGRATIONS, State, state_of, upgrade
from notifications.delivery import deliver
from rules.complaint import Stage as ComplaintStage
from rules.review import Stage
from tests.models.old_stores import GOLDEN, columns_of, old_store, rows_of
from tests.notifications.smtp_server import PostOffice, mail, serving

WRITTEN_AT = datetime(2027, 3, 17, 9, 30, tzinfo=UTC)
REVIEW_ENDS = datetime(2027, 4, 1, 9, 30, tzinfo=UTC)
RELEASES = ("0002", "0003", "0004", "0005")


@pytest.fixture(params=RELEASES)
def release(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def old(request: pytest.FixtureRequest, release: str, tmp_path: Path) -> Iterator[sa.Engine]:
    with old_store(request.param, release, tmp_path / "concordat.db") as made:
        yield made


def test_every_revision_has_a_store_that_it_has_written() -> None:
    revisions = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    kept = {file.name.removeprefix("release-").removesuffix(".sql.gz") for file in GOLDEN.glob("release-*")}
    assert revisions - {newest} <= kept == {"0001", *RELEASES}


def test_it_is_in_the_middle_of_everything(old: sa.Engine, release: str) -> None:
    with old.connect() as connection:
        states = set(connection.exec_driver_sql("SELECT state FROM message").scalars())
        assert connection.exec_driver_sql("SELECT stage FROM breach").scalars().all() == ["following up"]
        if release > "0002":
            assert set(connection.exec_driver_sql("SELECT stage FROM complaint").scalars()) == {
                "received", "analysing", "determined",
            }  # fmt: skip
    assert states == {state.value for state in Delivery}


@pytest.mark.slow
def test_cases_in_flight_are_opened_and_go_on(old: sa.Engine, release: str) -> None:
    columns = columns_of(old)
    before = rows_of(old, columns)
    assert upgrade(old) in (State.OLD, State.CURRENT)
    assert state_of(old) is State.CURRENT
    assert rows_of(old, columns) == before
    assert broken(old, WRITTEN_AT) == []
    waiting, sent = messages(old, *ON_THEIR_WAY), messages(old, Delivery.ACCEPTED)
    office = PostOffice()
    with serving(office) as port:
        for now in mornings(WRITTEN_AT, REVIEW_ENDS):
            assert run_clock(old, now).refused == {}
            asyncio.run(deliver(old, clock=lambda now=now: now, post_office=mail(port)))  # type: ignore[misc]
    assert broken(old, REVIEW_ENDS) == []
    copies = Counter(office.ids)
    assert max(copies.values()) == 1
    assert copies.keys().isdisjoint(sent)
    assert waiting <= copies.keys() | messages(old, Delivery.WITHDRAWN, Delivery.IN_DOUBT)
    assert len(copies) > len(waiting) + 10, "reminders and escalations have gone out since"
    with reading(old) as session:
        assert session.get_one(Review, 1).stage is Stage.DRAFTING
        assert [c.stage for c in session.exec(select(Complaint).order_by(col(Complaint.id)))] == (
            [ComplaintStage.DETERMINED, ComplaintStage.RECEIVED, ComplaintStage.ANALYSING] if release > "0002" else []
        )


def mornings(begin: datetime, end: datetime) -> Iterator[datetime]:
    while begin < end:
        begin += timedelta(days=1)
        yield begin


def broken(on: sa.Engine, now: datetime) -> list[str]:
    with reading(on) as session:
        return verify(session, now).broken


def messages(on: sa.Engine, *states: Delivery) -> set[str]:
    with reading(on) as session:
        return {row.message_id for row in session.exec(select(Message)) if row.state in states}
