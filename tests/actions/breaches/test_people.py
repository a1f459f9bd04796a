"""The people concerned are told, or why not: without undue delay, which has no figure and is never late."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import col

from actions.breaches.awareness import record_awareness
from actions.breaches.concluding import conclude, set_regime
from actions.breaches.duties import DutyDone, LiesAhead, NotItsDuty
from actions.breaches.holding import place_hold, release_hold
from actions.breaches.people import LettersHeld, people_not_told, people_told
from actions.reasons import ReasonNeeded
from models.breach import BreachDuty
from models.history import Narrative
from models.obligation import Obligation, ObligationKind, Outcome
from rules.breach_duties import Capacity, DutyKind, Regime, Risk
from tests.actions.breach_world import FRIDAY, begun, follow_procedure, procedure
from tests.actions.world import World, kept, party

HOUR = timedelta(hours=1)
SATURDAY = FRIDAY + 20 * HOUR


@kept
def begin(world: World, risk: Risk = Risk.HIGH) -> None:
    with world.act() as session:
        party(session, "police").kind = "police"
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police")))
        begun(session, FRIDAY, "council", "police")
        record_awareness(session, FRIDAY, 1, "council", FRIDAY, "officer", "x", "They rang.")
        conclude(session, FRIDAY, 1, "council", risk, "x", "Children.")


def told(world: World, at: datetime = SATURDAY, now: datetime | None = None, how: str = "By letter.") -> None:
    with world.act() as session:
        people_told(session, now or at, 1, "council", at, "x", how)


def people(world: World) -> BreachDuty:
    return world.only(BreachDuty, BreachDuty.kind == DutyKind.PEOPLE, BreachDuty.follow_up_id == 1)


def held(world: World, at: datetime = FRIDAY) -> None:
    with world.act() as session:
        place_hold(session, at, 1, "police", "officer", "An arrest is planned.")


def test_telling_them_ends_what_was_owed(world: World) -> None:
    begin(world)
    told(world)
    assert people(world).done_at == SATURDAY
    assert world.only(Obligation, Obligation.kind == ObligationKind.TELLING_PEOPLE).outcome is Outcome.ANSWERED
    assert world.broken(SATURDAY) == []


def test_a_month_later_is_not_late_because_the_law_has_no_figure(small_world: World) -> None:
    begin(small_world)
    told(small_world, FRIDAY + 31 * 24 * HOUR)
    assert people(small_world).late_because_id is None
    assert people(small_world).due_at is None


def test_the_same_again_does_nothing_and_the_first_instant_stands(small_world: World) -> None:
    begin(small_world)
    told(small_world)
    before = small_world.rows()
    told(small_world)
    assert small_world.rows() == before
    told(small_world, SATURDAY + HOUR, how="Two more families.")
    assert people(small_world).done_at == SATURDAY
    assert "people told again" in small_world.moves("breach:1")


def test_how_and_when_are_asked_for(small_world: World) -> None:
    begin(small_world)
    with pytest.raises(ReasonNeeded):
        told(small_world, how=" ")
    with pytest.raises(LiesAhead):
        told(small_world, SATURDAY, now=FRIDAY)


def test_they_may_be_told_although_nobody_has_to(small_world: World) -> None:
    begin(small_world, Risk.LIKELY)
    told(small_world)
    assert (people(small_world).required, people(small_world).done_at) == (False, SATURDAY)


def test_while_any_party_holds_letters_nobody_tells_and_the_sentence_says_who_holds_since_when(world: World) -> None:
    begin(world)
    held(world)
    with pytest.raises(LettersHeld, match=r"Westshire Police .* since Friday 23 October 2026 16:20 BST"):
        told(world)
    assert people(world).done_at is None


def test_what_was_done_before_the_hold_may_be_recorded_under_it(small_world: World) -> None:
    begin(small_world)
    held(small_world, FRIDAY + 2 * HOUR)
    told(small_world, FRIDAY + HOUR, now=FRIDAY + 3 * HOUR)
    assert people(small_world).done_at == FRIDAY + HOUR
    assert small_world.broken(FRIDAY + 3 * HOUR) == []


def test_nobody_was_told_in_the_time_of_a_hold_that_is_over(small_world: World) -> None:
    begin(small_world)
    held(small_world)
    with small_world.act() as session:
        release_hold(session, SATURDAY, 1, "police", "officer", "Arrested.")
    with pytest.raises(LettersHeld, match="from Friday 23 October 2026 16:20 BST to Saturday"):
        told(small_world, FRIDAY + HOUR, now=SATURDAY)
    told(small_world, SATURDAY)
    assert small_world.broken(SATURDAY) == []


def test_that_they_need_not_be_told_is_a_persons_decision_with_its_reason_also_under_a_hold(small_world: World) -> None:
    begin(small_world)
    held(small_world)
    with pytest.raises(ReasonNeeded), small_world.act() as session:
        people_not_told(session, SATURDAY, 1, "council", "x", "")
    for _ in range(2):
        with small_world.act() as session:
            people_not_told(session, SATURDAY, 1, "council", "x", "Encrypted, the key is safe.")
    [why] = small_world.every(Narrative, Narrative.id == people(small_world).because_id)
    assert (people(small_world).required, why.text) == (False, "Encrypted, the key is safe.")
    assert small_world.moves("breach:1").count("duty not required") == 1
    assert small_world.duties(ObligationKind.TELLING_PEOPLE, col(Obligation.outcome).is_(None)) == []


def test_who_has_been_told_cannot_be_untold_and_a_processor_tells_nobody_but_its_controller(small_world: World) -> None:
    begin(small_world)
    told(small_world)
    with pytest.raises(DutyDone), small_world.act() as session:
        people_not_told(session, SATURDAY, 1, "council", "x", "Never mind.")
    with small_world.act() as session:
        set_regime(session, SATURDAY, 1, "police", Regime.UK_GDPR, Capacity.PROCESSOR, "x", "It hosts them.")
    with pytest.raises(NotItsDuty), small_world.act() as session:
        people_told(session, SATURDAY, 1, "police", SATURDAY, "x", "By letter.")
