"""The alarm about a silent sweep, as the supervisor raises it."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from actions.loading import load_protocol
from actions.overview import matter_lines
from actions.watching import SWEEP, begin_beat, end_beat
from cli.sweep_watch import SweepWatch
from models.protocol_file import read_protocol
from models.store import reading, transaction
from settings import HERE

MORNING = datetime(2027, 3, 1, 9, tzinfo=UTC)


def minutes(number: int) -> datetime:
    return MORNING + timedelta(minutes=number)


@pytest.fixture
def watch(sqlite_store: sa.Engine) -> SweepWatch:
    """A protocol is loaded, and a sweep has ended at nine."""
    with transaction(sqlite_store) as session:
        load_protocol(session, minutes(-60), read_protocol(HERE / "protocols" / "bedfordshire"), "test")
        begin_beat(session, MORNING, SWEEP)
        end_beat(session, MORNING, SWEEP)
    return SweepWatch(MORNING, sqlite_store)


def alarms(store: sa.Engine) -> int:
    with reading(store) as session:
        return sum(matter.kind == "sweep late" for matter in matter_lines(session))


def test_a_silent_sweep_is_an_alarm_on_the_screen_and_on_the_list(watch: SweepWatch, sqlite_store: sa.Engine) -> None:
    assert watch.look(minutes(14)) is None
    assert str(watch.look(minutes(16))).startswith("ALARM")
    assert alarms(sqlite_store) == 1


def test_the_alarm_is_raised_once(watch: SweepWatch, sqlite_store: sa.Engine) -> None:
    watch.look(minutes(16))
    assert watch.look(minutes(17)) is None
    assert alarms(sqlite_store) == 1


def test_the_end_of_the_silence_is_said(watch: SweepWatch, sqlite_store: sa.Engine) -> None:
    watch.look(minutes(16))
    with transaction(sqlite_store) as session:
        end_beat(session, minutes(18), SWEEP)
    assert watch.look(minutes(19)) == "The sweep runs again."
    assert alarms(sqlite_store) == 0


def test_after_an_outage_the_sweep_has_five_minutes_before_it_counts_as_silent(watch: SweepWatch) -> None:
    on_monday = SweepWatch(minutes(3 * 24 * 60), watch.store)
    assert on_monday.look(minutes(3 * 24 * 60 + 4)) is None
    assert on_monday.look(minutes(3 * 24 * 60 + 6)) is not None
