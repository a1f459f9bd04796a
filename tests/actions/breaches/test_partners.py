"""Partners are told under the protocol's own clock, where it sets one."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from actions.breaches.concluding import decide_duty
from actions.breaches.duties import LiesAhead, duties_view
from actions.breaches.moving import follow_up_at
from actions.breaches.partners import PartnersToldLate, partners_told
from models.breach import Breach, BreachDuty
from models.history import Narrative
from models.obligation import Obligation, ObligationKind, Outcome
from rules.breach_duties import DutyKind
from tests.actions.breach_world import FRIDAY, begun, follow_procedure, procedure
from tests.actions.world import World

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
DAY_ENDS = datetime.fromisoformat("2026-10-27T00:00+00:00")  # one working day after Friday is Monday, in winter time


def begin(store: sa.Engine, clock: str) -> World:
    world = World(store, breaches={"partner_notification": clock})
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure())
        begun(session, FRIDAY)
    return world


def told(world: World, at: datetime, late_because: str | None = None, now: datetime | None = None) -> None:
    with world.act() as session:
        partners_told(session, now or at, 1, "council", at, "x", late_because)


def partners(world: World) -> BreachDuty:
    return world.only(BreachDuty, BreachDuty.kind == DutyKind.PARTNERS)


def test_in_time_at_the_very_instant_and_late_a_second_after_where_hours_are_counted(sqlite_store: sa.Engine) -> None:
    world = begin(sqlite_store, "PT24H")
    due = FRIDAY + 24 * HOUR
    assert partners(world).due_at == due
    with pytest.raises(PartnersToldLate, match="--late-because"):
        told(world, due + SECOND)
    told(world, due)
    assert partners(world).done_at == due
    assert world.only(Obligation, Obligation.kind == ObligationKind.TELLING_PARTNERS).outcome is Outcome.ANSWERED
    assert world.broken(due) == []


def test_where_days_are_counted_the_end_of_the_last_is_late_already(empty_store: sa.Engine) -> None:
    world = begin(empty_store, "1 working day")
    assert partners(world).due_at == DAY_ENDS
    with pytest.raises(PartnersToldLate):
        told(world, DAY_ENDS)
    told(world, DAY_ENDS - SECOND)
    assert partners(world).late_because_id is None


def test_late_with_reasons_is_recorded_with_them(sqlite_store: sa.Engine) -> None:
    world = begin(sqlite_store, "PT24H")
    at = FRIDAY + 25 * HOUR
    told(world, at, "The line was dead.")
    [why] = world.every(Narrative, Narrative.id == partners(world).late_because_id)
    assert why.text == "The line was dead."
    with world.read() as session:
        breach = session.get_one(Breach, 1)
        views = duties_view(session, breach, follow_up_at(session, breach, "council")[0], at)
    [view] = [each for each in views if each.kind is DutyKind.PARTNERS]
    assert (view.late, view.late_because, view.law) == (True, "The line was dead.", "the protocol")
    assert world.broken(at) == []


def test_the_same_again_does_nothing_and_telling_more_of_them_changes_no_instant(sqlite_store: sa.Engine) -> None:
    world = begin(sqlite_store, "PT24H")
    told(world, FRIDAY)
    before = world.rows()
    told(world, FRIDAY, now=FRIDAY + HOUR)
    assert world.rows() == before
    told(world, FRIDAY + 30 * HOUR)
    assert partners(world).done_at == FRIDAY
    with pytest.raises(LiesAhead):
        told(world, FRIDAY + HOUR, now=FRIDAY)


def test_where_the_protocol_sets_no_clock_they_may_be_told_all_the_same(small_world: World) -> None:
    with small_world.act() as session:
        follow_procedure(session, FRIDAY, procedure())
        begun(session, FRIDAY)
    assert partners(small_world).required is False
    told(small_world, FRIDAY + 100 * HOUR)
    assert partners(small_world).done_at == FRIDAY + 100 * HOUR
    assert small_world.broken(FRIDAY + 100 * HOUR) == []


def test_a_decision_that_is_taken_back_leaves_the_protocols_clock_as_it_was(sqlite_store: sa.Engine) -> None:
    world = begin(sqlite_store, "1 working day")
    for required in (False, True):
        with world.act() as session:
            decide_duty(
                session, FRIDAY + HOUR, 1, "council", DutyKind.PARTNERS, "x", f"So {required}.", required
            )  # fmt: skip
    first, second = world.duties(ObligationKind.TELLING_PARTNERS)
    assert first.outcome is Outcome.SUPERSEDED
    assert (second.due_at, second.exact, second.outcome) == (DAY_ENDS, False, None)
