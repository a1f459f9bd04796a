"""Signs of life: when the clock's silence is an alarm, and when it is over."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from actions.matters import close_matter
from actions.watching import (
    LATE_AFTER,
    SWEEP,
    begin_beat,
    end_beat,
    last_ended,
    raise_sweep_alarm,
    report_stuck_case,
    sweep_is_late,
)
from models.outbox import Heartbeat, Message
from models.protocol import Matter, MatterKind
from models.review import Review
from rules.review import Stage
from rules.working_days import Nation, published
from tests.actions.breach_world import begun
from tests.actions.complaint_world import received
from tests.actions.world import NOVEMBER, World, at_once

MINUTE = timedelta(minutes=1)


def swept(world: World, minutes: float) -> None:
    at = NOVEMBER + minutes * MINUTE
    with world.act() as session:
        begin_beat(session, at, SWEEP)
        end_beat(session, at, SWEEP)


def late(world: World, minutes: float) -> bool:
    with world.act() as session:
        return sweep_is_late(session, NOVEMBER + minutes * MINUTE)


def alarm(world: World, minutes: float) -> bool:
    with world.act() as session:
        return raise_sweep_alarm(session, NOVEMBER + minutes * MINUTE)


def test_no_sweep_since_a_protocol_was_loaded_is_late_after_a_quarter_of_an_hour(world: World) -> None:
    assert LATE_AFTER == 15 * MINUTE
    assert [late(world, minutes) for minutes in (0, 15, 15.1)] == [False, False, True]
    swept(world, 20)
    assert [late(world, minutes) for minutes in (20, 35, 35.1)] == [False, False, True]


def test_a_sweep_that_began_and_never_ended_is_late(small_world: World) -> None:
    with small_world.act() as session:
        begin_beat(session, NOVEMBER, SWEEP)
    assert late(small_world, 16)


def test_one_alarm_for_each_silence_on_the_list_and_by_mail_and_over_when_it_ends(world: World) -> None:
    swept(world, 0)
    assert not alarm(world, 10), "it is not late"
    assert [alarm(world, minutes) for minutes in (16, 60, 81 * 60)] == [True, False, False]
    [matter] = world.matters()
    assert matter.kind.value == "sweep late"
    assert "Monday 23 November 2026 09:00 GMT" in matter.sentence
    told = world.only(Message)
    assert (told.kind, told.address) == ("sweep_alarm", "secretary@westshire.example")
    swept(world, 82 * 60)
    assert world.matters() == []
    assert not alarm(world, 82 * 60 + 1)
    assert alarm(world, 83 * 60), "the next silence is another"
    assert world.counts() == {"sweep_alarm": 2}
    assert world.moves("protocol:westshire") == ["alarm: the sweep is silent"] * 2
    assert world.broken(NOVEMBER) == []


@pytest.mark.parametrize("ever", [True, False], ids=["swept before", "never swept"])
def test_two_that_watch_at_once_raise_one_alarm(world: World, ever: bool) -> None:
    if ever:
        swept(world, 0)
    assert sorted(map(str, at_once(3, lambda: alarm(world, 30)))) == ["False", "False", "True"]
    assert world.counts() == {"sweep_alarm": 1}
    assert world.moves("protocol:westshire") == ["alarm: the sweep is silent"]


def test_a_clock_that_was_wrong_for_a_while_does_not_silence_the_alarm_for_years(small_world: World) -> None:
    swept(small_world, 10 * 365 * 24 * 60)
    swept(small_world, 5)
    with small_world.read() as session:
        assert last_ended(session) == NOVEMBER + 5 * MINUTE
    assert late(small_world, 25)


def test_an_end_without_a_beginning_is_no_sign_of_life(small_world: World) -> None:
    with small_world.act() as session:
        end_beat(session, NOVEMBER, SWEEP)
    assert small_world.every(Heartbeat) == []


def test_a_stuck_breach_and_a_stuck_complaint_are_found_where_there_is_no_review(world: World) -> None:
    with world.act() as session:
        begun(session, NOVEMBER)
        received(session, NOVEMBER)
        assert session.exec(select(Review)).all() == []
        for case in ("breach:1", "complaint:1"):
            report_stuck_case(session, NOVEMBER, case)
    said = {matter.sentence: matter.todo for matter in world.matters() if matter.kind is MatterKind.CASE_STUCK}
    assert set(said) == {
        "Breach 1 could not take the step that is due.", "Complaint 1 could not take the step that is due.",
    }  # fmt: skip
    assert all("“sweep”" in todo for todo in said.values())


def test_a_stuck_review_is_on_the_list_once_a_day(small_world: World) -> None:
    small_world.scheduled()
    for minutes in (0, 5, 24 * 60):
        with small_world.act() as session:
            report_stuck_case(session, NOVEMBER + minutes * MINUTE, "review:1")
    assert [matter.sentence for matter in small_world.matters()] == [
        "Review 1 could not take the step that is due."
    ] * 2  # fmt: skip


@pytest.mark.parametrize("stage", [Stage.SCHEDULED, Stage.COLLECTING])
def test_a_review_that_waits_for_bank_holidays_says_which_and_once(small_world: World, stage: Stage) -> None:
    small_world.scheduled()
    last = published().nations[Nation.ENGLAND_AND_WALES].last

    def reported(day: int) -> list[MatterKind]:
        with small_world.act() as session:
            review = session.get_one(Review, 1)
            review.review_on, review.stage = last + timedelta(days=31), stage
            session.add(review)
            session.flush()
            report_stuck_case(session, datetime(last.year, 12, 21 + day, 9, tzinfo=UTC), "review:1")
        return [matter.kind for matter in small_world.matters()]

    assert [reported(day) for day in (0, 1)] == [[MatterKind.HOLIDAYS]] * 2
    assert "Install a release" in small_world.matters()[0].todo
    with small_world.act() as session:
        for matter in session.exec(select(Matter)):
            close_matter(session, NOVEMBER, matter, "Done, as somebody thought.")
    assert reported(2) == [MatterKind.CASE_STUCK], "it is not lost where the matter was closed too soon"


def test_what_is_owed_between_reviews_is_stuck_in_the_protocols_own_case(small_world: World) -> None:
    with small_world.act() as session:
        report_stuck_case(session, NOVEMBER, "protocol:westshire")
    [matter] = small_world.matters()
    assert matter.sentence == "The protocol could not take the step that is due."
    assert "protocol:westshire" in matter.todo
