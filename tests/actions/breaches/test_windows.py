"""No day that nobody can count yet keeps anybody from doing what the law asks."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from actions.breaches.awareness import record_awareness
from actions.breaches.concluding import conclude, set_regime
from actions.breaches.holding import confirm_hold, place_hold
from actions.breaches.learning import learn
from actions.breaches.partners import partners_told
from models.breach import BreachDuty, LessonEffect
from models.history import History, Narrative
from models.obligation import Obligation, ObligationKind
from models.protocol import Matter, MatterKind
from rules.breach_duties import Capacity, DutyKind, Regime, Risk
from rules.working_days import Nation, published
from tests.actions.breach_world import begun, follow_procedure, procedure
from tests.actions.world import World

LAST = published().nations[Nation.ENGLAND_AND_WALES].last
BEFORE = datetime(LAST.year, 12, 20, 9, tzinfo=UTC)  # the windows end beyond what is published
BEYOND = datetime(LAST.year + 2, 5, 3, 9, tzinfo=UTC)
NOWS = pytest.mark.parametrize("now", [BEFORE, BEYOND], ids=["at its end", "beyond"])


def begin(store: sa.Engine, now: datetime, clock: str = "unspecified") -> World:
    world = World(store, breaches={"partner_notification": clock})
    with world.act() as session:
        follow_procedure(session, now, procedure())
        begun(session, now)
        record_awareness(session, now, 1, "council", now, "officer", "x", "They rang.")
    return world


def act(world: World, do: Callable[[Session], object]) -> None:
    with world.act() as session:
        do(session)


def one(world: World, kind: ObligationKind) -> Obligation:
    return world.only(Obligation, Obligation.kind == kind, col(Obligation.outcome).is_(None))


def flagged(world: World, kind: ObligationKind) -> None:
    """In the record, in words, and on the secretary's list."""
    key = one(world, kind).key
    row = next(
        row
        for row in world.every(History, History.what == "counted without bank holidays")
        if row.details["obligation"] == key
    )
    assert "Bank holidays of England and Wales are published" in str(row.details["because"])
    assert "every weekday after them was counted" in str(row.details["because"])
    assert world.every(Matter, Matter.kind == MatterKind.HOLIDAYS) != []


@NOWS
def test_a_conclusion_is_recorded_and_what_was_learnt_is_asked_by_a_day_that_is_flagged(
    sqlite_store: sa.Engine, now: datetime
) -> None:
    world = begin(sqlite_store, now)
    act(world, lambda s: conclude(s, now, 1, "council", Risk.LIKELY, "x", "Children."))
    assert one(world, ObligationKind.LEARNING).due_on > now.date()
    flagged(world, ObligationKind.LEARNING)
    assert world.broken(now) == []


@NOWS
def test_letters_are_held_and_the_hold_is_confirmed(sqlite_store: sa.Engine, now: datetime) -> None:
    world = begin(sqlite_store, now)
    law = (Regime.LAW_ENFORCEMENT, Capacity.CONTROLLER)
    act(world, lambda s: set_regime(s, now, 1, "council", *law, "x", "Prosecutions."))
    act(world, lambda s: place_hold(s, now, 1, "council", "x", "An arrest is planned."))
    flagged(world, ObligationKind.HOLD)
    act(world, lambda s: confirm_hold(s, now, 1, "council", "x", "Still planned."))
    before = world.rows()
    act(world, lambda s: confirm_hold(s, now, 1, "council", "x", "Still planned."))
    assert world.rows() == before


@NOWS
def test_a_local_action_is_agreed(sqlite_store: sa.Engine, now: datetime) -> None:
    world = begin(sqlite_store, now)
    act(world, lambda s: learn(s, now, 1, "council", "haste", "Look twice.", LessonEffect.ACTION, "x"))
    flagged(world, ObligationKind.LOCAL_ACTION)


def test_the_partners_own_clock_in_working_days_runs_on_and_says_how_it_was_counted(sqlite_store: sa.Engine) -> None:
    world = begin(sqlite_store, BEFORE, "10 working days")
    duty = world.only(BreachDuty, BreachDuty.kind == DutyKind.PARTNERS)
    told = one(world, ObligationKind.TELLING_PARTNERS)
    holidays = published().nations[Nation.ENGLAND_AND_WALES].names
    passed = [day for day in holidays if BEFORE.date() < day <= LAST]
    assert passed, "what is published is passed over"
    weekdays = [day for day in _days(BEFORE.date(), told.due_on) if day.weekday() < 5 and day not in passed]
    assert len(weekdays) == 10
    assert duty.due_at == told.due_at
    [why] = world.every(Narrative, Narrative.id == duty.because_id)
    assert "every weekday after them was counted" in (why.text or "")
    flagged(world, ObligationKind.TELLING_PARTNERS)
    act(world, lambda s: partners_told(s, BEFORE, 1, "council", BEFORE, "x"))
    assert world.broken(BEFORE) == []


def _days(after: date, until: date) -> list[date]:
    return [date.fromordinal(n) for n in range(after.toordinal() + 1, until.toordinal() + 1)]
