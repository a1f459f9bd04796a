"""A law-enforcement controller holds letters to people: every party's wait, until the last hold is released."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import col

from actions.breaches.awareness import record_awareness
from actions.breaches.concluding import conclude, decide_duty, set_regime
from actions.breaches.duties import duties_view
from actions.breaches.holding import HeldAlready, MayNotHold, confirm_hold, holds_on, place_hold, release_hold
from actions.breaches.moving import follow_up_at
from actions.breaches.people import LettersHeld, people_told
from actions.cast import NotThere
from actions.reasons import ReasonNeeded
from models.breach import Breach, FollowUpEnd, LetterHold
from models.obligation import Obligation, ObligationKind, Outcome
from rules.breach_duties import Capacity, DutyKind, Regime, Risk
from tests.actions.breach_world import DUE, FRIDAY, begun, follow_procedure, procedure
from tests.actions.world import World, kept, party

HOUR = timedelta(hours=1)
SATURDAY = FRIDAY + 20 * HOUR
POLICE = ("police", "fire")  # both act for law-enforcement purposes here


@kept
def begin(world: World) -> None:
    with world.act() as session:
        for slug in POLICE:
            party(session, slug).kind = "police"
        follow_procedure(session, FRIDAY, procedure(parties=("council", *POLICE)))
        begun(session, FRIDAY, "council", *POLICE)
        for slug in ("council", "police"):
            record_awareness(session, FRIDAY, 1, slug, FRIDAY, "officer", "x", "They rang.")
            conclude(session, FRIDAY, 1, slug, Risk.HIGH, "x", "Children.")


@kept
def held(world: World, slug: str = "police", at: datetime = FRIDAY, because: str = "An arrest is planned.") -> None:
    with world.act() as session:
        place_hold(session, at, 1, slug, "officer", because)


def released(world: World, slug: str = "police", at: datetime = SATURDAY) -> None:
    with world.act() as session:
        release_hold(session, at, 1, slug, "officer", "Arrested.")


def owed(world: World, kind: ObligationKind) -> list[Obligation]:
    return world.duties(kind, col(Obligation.outcome).is_(None))


def test_a_hold_of_the_police_stops_every_partys_letters_and_the_holder_looks_again(world: World) -> None:
    begin(world)
    assert len(owed(world, ObligationKind.TELLING_PEOPLE)) == 2
    held(world)
    letters = world.duties(ObligationKind.TELLING_PEOPLE)
    assert [duty.outcome for duty in letters] == [Outcome.SUPERSEDED, Outcome.SUPERSEDED]
    [again] = owed(world, ObligationKind.HOLD)
    assert again.due_on.isoformat() == "2026-11-06"  # ten working days
    with world.read() as session:
        breach = session.get_one(Breach, 1)
        views = duties_view(session, breach, follow_up_at(session, breach, "council")[0], FRIDAY)
    [people] = [view for view in views if view.kind is DutyKind.PEOPLE]
    assert (people.required, people.held, people.late) == (True, True, False)
    assert "released" in people.left
    assert world.broken(FRIDAY) == []


def test_a_hold_touches_neither_the_72_hours_nor_the_notice(small_world: World) -> None:
    begin(small_world)
    before = [(duty.key, duty.due_at, duty.outcome) for duty in small_world.duties(ObligationKind.NOTICE)]
    held(small_world)
    released(small_world)
    after = [(duty.key, duty.due_at, duty.outcome) for duty in small_world.duties(ObligationKind.NOTICE)]
    assert before == after
    assert {due for _, due, _ in after} == {DUE}


def test_only_a_law_enforcement_controller_may_hold(small_world: World) -> None:
    begin(small_world)
    with pytest.raises(MayNotHold, match="Westshire Council acts as controller under the UK GDPR regime"):
        held(small_world, "council")
    with small_world.act() as session:
        set_regime(
            session, FRIDAY, 1, "fire", Regime.LAW_ENFORCEMENT, Capacity.PROCESSOR, "x", "It hosts the records."
        )  # fmt: skip
    with pytest.raises(MayNotHold):
        held(small_world, "fire")
    with pytest.raises(ReasonNeeded):
        held(small_world, because=" ")
    assert small_world.every(LetterHold) == []


def test_the_same_hold_twice_is_one_and_another_reason_is_a_confirmation(small_world: World) -> None:
    begin(small_world)
    held(small_world)
    before = small_world.rows()
    held(small_world, at=SATURDAY)
    assert small_world.rows() == before
    with pytest.raises(HeldAlready, match="since Friday 23 October 2026 16:20 BST"):
        held(small_world, because="Another arrest.")


def test_after_the_release_whoever_has_to_tell_is_asked_to_from_then(world: World) -> None:
    begin(world)
    held(world)
    released(world)
    letters = owed(world, ObligationKind.TELLING_PEOPLE)
    assert [duty.key for duty in letters] == [
        "breach:1:telling people:council:2", "breach:1:telling people:police:2"
    ]  # fmt: skip
    assert {duty.due_at for duty in letters} == {SATURDAY + 24 * HOUR}
    assert world.only(Obligation, Obligation.kind == ObligationKind.HOLD).outcome is Outcome.ANSWERED
    assert world.broken(SATURDAY) == []


def test_letters_wait_until_the_last_of_several_holds_is_released(small_world: World) -> None:
    begin(small_world)
    held(small_world)
    held(small_world, "fire")
    released(small_world)
    assert owed(small_world, ObligationKind.TELLING_PEOPLE) == []
    with pytest.raises(LettersHeld, match="Westshire Fire"), small_world.act() as session:
        people_told(session, SATURDAY, 1, "council", SATURDAY, "x", "By letter.")
    released(small_world, "fire", SATURDAY + HOUR)
    assert len(owed(small_world, ObligationKind.TELLING_PEOPLE)) == 2
    assert small_world.broken(SATURDAY + HOUR) == []


def test_a_release_asks_nobody_who_need_not_tell(small_world: World) -> None:
    begin(small_world)
    held(small_world)
    with small_world.act() as session:
        decide_duty(session, SATURDAY, 1, "council", DutyKind.PEOPLE, "x", "Encrypted.")
    released(small_world)
    assert [duty.key for duty in owed(small_world, ObligationKind.TELLING_PEOPLE)] == [
        "breach:1:telling people:police:2"
    ]  # fmt: skip


def test_a_conclusion_under_a_hold_opens_no_letters_until_it_is_released(small_world: World) -> None:
    begin(small_world)
    held(small_world)
    with small_world.act() as session:
        record_awareness(session, FRIDAY, 1, "fire", FRIDAY, "officer", "x", "They rang.")
        conclude(session, FRIDAY, 1, "fire", Risk.HIGH, "x", "Children.")
    assert owed(small_world, ObligationKind.TELLING_PEOPLE) == []
    released(small_world)
    assert len(owed(small_world, ObligationKind.TELLING_PEOPLE)) == 3


def test_releasing_twice_does_nothing_and_what_was_never_held_cannot_be_released(small_world: World) -> None:
    begin(small_world)
    with pytest.raises(NotThere, match="holds no letters"):
        released(small_world)
    held(small_world)
    released(small_world)
    before = small_world.rows()
    released(small_world, at=SATURDAY + HOUR)
    assert small_world.rows() == before
    held(small_world, at=SATURDAY + HOUR, because="Another arrest.")
    assert len(small_world.every(LetterHold)) == 2


def test_looking_again_is_recorded_with_its_reason_and_the_next_look_is_owed(small_world: World) -> None:
    begin(small_world)
    held(small_world)
    november = FRIDAY + timedelta(days=13)
    for _ in range(2):
        with small_world.act() as session:
            confirm_hold(session, november, 1, "police", "officer", "Still necessary.")
    first, second = small_world.duties(ObligationKind.HOLD)
    assert (first.outcome, second.outcome, second.due_on.isoformat()) == (Outcome.ANSWERED, None, "2026-11-19")
    assert small_world.moves("breach:1").count("hold confirmed") == 1
    with small_world.read() as session:
        assert len(holds_on(session, session.get_one(Breach, 1))) == 1
    with pytest.raises(NotThere), small_world.act() as session:
        confirm_hold(session, november, 1, "fire", "officer", "Still necessary.")


def test_a_hold_can_be_released_after_its_holders_follow_up_has_ended(small_world: World) -> None:
    begin(small_world)
    held(small_world)
    with small_world.act() as session:
        follow_up, _ = follow_up_at(session, session.get_one(Breach, 1), "police")
        follow_up.ended_at, follow_up.end = FRIDAY, FollowUpEnd.LEFT
        session.add(follow_up)
    released(small_world)
    assert [duty.party_id for duty in owed(small_world, ObligationKind.TELLING_PEOPLE)] == [1]
