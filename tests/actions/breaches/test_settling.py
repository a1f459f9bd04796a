"""What follows from what was recorded follows at once; the clock takes the same steps, and each once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from actions.breaches.awareness import record_awareness
from actions.breaches.changing import IsAnswered
from actions.breaches.concluding import conclude
from actions.breaches.notifying import record_notice
from actions.breaches.settling import breaches_due, clock_of, next_breach_step, settle, take_breach_step
from actions.breaches.stating import state_facts
from actions.duties import discharge
from actions.membership import join
from actions.owing import waive
from models.breach import Breach, FollowUp
from models.history import History
from models.obligation import Obligation, ObligationKind, Outcome
from rules.breach import BreachClock, Stage, Step
from rules.breach_duties import Risk
from rules.breach_facts import FactName
from rules.working_days import Nation
from tests.actions.breach_world import (
    COORDINATOR,
    FRIDAY,
    STEPS,
    begun,
    done_with,
    duty_keyed,
    follow_procedure,
    procedure,
    reported,
    sweep_breaches,
)
from tests.actions.world import SECRETARY, World, at_once, kept, protocol

HOUR = timedelta(hours=1)
LATER = FRIDAY + HOUR


@kept
def follow(world: World, *slugs: str) -> None:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police", "fire")))
        begun(session, FRIDAY, *slugs)


def stage(world: World) -> Stage:
    return world.only(Breach).stage


def test_a_report_is_taken_up_by_the_next_sweep_and_by_nothing_before_it(world: World) -> None:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police")))
        breach = reported(session, FRIDAY, "council", "police")
        settle(session, FRIDAY, breach)
        assert breaches_due(session, FRIDAY) == [1]
    assert (stage(world), world.duties(ObligationKind.ASSESSMENT)) == (Stage.REPORTED, [])
    sweep_breaches(world, FRIDAY)
    assert stage(world) is Stage.ASSESSING
    assert len(world.duties(ObligationKind.ASSESSMENT)) == 2
    before = world.rows()
    sweep_breaches(world, LATER)
    assert world.rows() == before
    assert world.moves("breach:1") == ["reported", "open follow-ups"]
    assert world.broken(LATER) == []


def test_the_clock_sees_what_people_left(world: World) -> None:
    follow(world, "council", "police")
    with world.read() as session:
        seen = clock_of(session, FRIDAY, session.get_one(Breach, 1))
    assert seen == BreachClock(
        stage=Stage.ASSESSING, follow_ups=2, unfollowed=0, unassessed=2, to_hand_over=0, steps_to_update=0,
        steps_pending=8, duties_open=4,
    )  # fmt: skip


def test_the_stage_is_that_of_the_slowest_party(world: World) -> None:
    follow(world, "council", "police")
    with world.act() as session:
        done_with(session, 1, LATER, "council")
    assert stage(world) is Stage.ASSESSING
    with world.act() as session:
        record_awareness(session, LATER, 1, "police", FRIDAY, "DPO", COORDINATOR, "Read.")
        conclude(session, LATER, 1, "police", Risk.LIKELY, COORDINATOR, "A family knows.")
    assert stage(world) is Stage.FOLLOWING_UP
    with world.act() as session:
        done_with(session, 1, LATER, "police", risk=Risk.LIKELY)
    assert stage(world) is Stage.REPORTING_OUT
    with world.act() as session:
        record_notice(session, LATER, 1, "police", LATER, COORDINATOR)
    assert stage(world) is Stage.LEARNING
    with world.act() as session:
        state_facts(
            session, LATER, 1, {FactName.PARTIES: ["council", "police", "fire"]}, COORDINATOR, "They had it too."
        )
    assert stage(world) is Stage.ASSESSING, "at once, for the newcomer"
    moves = [(row.moved_from, row.moved_to) for row in world.every(History) if row.moved_to]
    assert moves == [
        (None, "reported"), ("reported", "assessing"), ("assessing", "following up"),
        ("following up", "reporting out"), ("reporting out", "learning"), ("learning", "assessing"),
    ]  # fmt: skip
    assert world.broken(LATER) == []


def test_whoever_has_nothing_else_to_do_is_asked_what_was_learnt(world: World) -> None:
    follow(world, "council", "police")
    with world.act() as session:
        done_with(session, 1, LATER, "council")
    [asked] = world.duties(ObligationKind.LEARNING)
    assert (asked.key, asked.outcome) == ("breach:1:learning:council:1", None)
    with pytest.raises(IsAnswered, match="breach finish 1 council"), world.act() as session:
        waive(session, LATER, duty_keyed(session, asked.key), SECRETARY, "Nothing to learn.")
    with world.act() as session:  # it ended some other way: a follow-up never waits for nobody
        discharge(session, LATER, [duty_keyed(session, asked.key)], Outcome.LAPSED, "clock")
    with world.act() as session:
        settle(session, LATER, session.get_one(Breach, 1))
        settle(session, LATER, session.get_one(Breach, 1))
    again = [duty for duty in world.duties(ObligationKind.LEARNING) if duty.outcome is None]
    assert [duty.key for duty in again] == ["breach:1:learning:council:2"], "a follow-up waits for nobody's nothing"


def test_steps_back_are_asked_again_and_the_breach_with_them(world: World) -> None:
    follow(world)
    with world.act() as session:
        done_with(session, 1, LATER)
    assert stage(world) is Stage.LEARNING
    with world.act() as session:
        state_facts(session, LATER, 1, {FactName.PEOPLE: 6}, COORDINATOR, "Four more.")
    assert stage(world) is Stage.FOLLOWING_UP
    assert world.only(Obligation, Obligation.subject == "many").outcome is None


def test_a_step_is_taken_once_however_many_workers_meet(world: World) -> None:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure())
        reported(session, FRIDAY, "council")

    def take() -> bool:
        with world.act() as session:
            return take_breach_step(session, FRIDAY, 1, Step.OPEN_FOLLOW_UPS)

    assert sorted(at_once(4, take), key=str) == [False, False, False, True]
    assert len(world.duties(ObligationKind.ASSESSMENT)) == 1


def test_a_step_that_is_not_due_is_not_taken(small_world: World) -> None:
    follow(small_world)
    with small_world.act() as session:
        assert next_breach_step(session, FRIDAY, 1) is None
        assert not take_breach_step(session, FRIDAY, 1, Step.UPDATE_STEPS)


def test_a_party_that_joins_later_is_followed_up_from_then(world: World) -> None:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure())
        begun(session, FRIDAY, "council")
        join(session, LATER, protocol(session), "school", "West School", "school", Nation.ENGLAND_AND_WALES,
             "head@school.example", SECRETARY)  # fmt: skip
        state_facts(session, LATER, 1, {FactName.PARTIES: ["council", "school"]}, COORDINATOR, "The school had it.")
    assert [row.opened_at for row in world.every(FollowUp)] == [FRIDAY, LATER]
    assert [d.opened_at for d in world.duties(ObligationKind.ASSESSMENT)] == [FRIDAY, LATER]


def questions(world: World, ask: Callable[[Session], object]) -> int:
    asked: list[int] = []
    with world.read() as session:
        connection = session.connection()
        sa.event.listen(connection, "before_cursor_execute", lambda *_: asked.append(1))
        ask(session)
    return len(asked)


def test_what_one_look_at_a_breach_costs_does_not_grow_with_its_steps(small_world: World) -> None:
    follow(small_world, "council")
    more = (replace(step, id=f"{step.id}-{number}", after=()) for step in STEPS for number in range(6))
    with small_world.act() as session:
        follow_procedure(session, FRIDAY, procedure(*STEPS, *more, version=2))
        begun(session, FRIDAY, "council")

    def looks(number: int) -> int:
        return questions(small_world, lambda session: clock_of(session, FRIDAY, session.get_one(Breach, number)))

    assert looks(1) == looks(2) <= 20
