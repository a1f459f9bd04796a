"""Partners ask each other, and nothing waits for the answer."""

from datetime import timedelta

import pytest

from actions.breaches.awareness import record_awareness
from actions.breaches.concluding import conclude
from actions.breaches.consulting import AnsweredAlready, AsksItself, answer_consultation, consult
from actions.breaches.moving import NoFollowUp, follow_up_at
from actions.breaches.notifying import record_notice
from actions.breaches.people import people_told
from actions.breaches.reopening import HasLeftTheProtocol
from actions.breaches.stepping import skip_step
from actions.breaches.steps import open_steps_of
from actions.cast import NotThere
from actions.membership import leave
from actions.reasons import ReasonNeeded
from models.breach import Breach, Consultation
from models.obligation import Obligation
from rules.breach import Stage
from rules.breach_duties import Risk
from tests.actions.breach_world import DUE, FRIDAY, begun, follow_procedure, procedure
from tests.actions.world import SECRETARY, World, kept, party

HOUR = timedelta(hours=1)
QUESTION = "Do you agree that the risk is high?"


@kept
def begin(world: World) -> None:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police")))
        begun(session, FRIDAY, "council", "police", PEOPLE=2)
        for slug in ("council", "police"):
            record_awareness(session, FRIDAY, 1, slug, FRIDAY, "officer", "x", "They rang.")


def asked(world: World, question: str = QUESTION, of: str = "police") -> int:
    with world.act() as session:
        return consult(session, FRIDAY, 1, "council", of, question, "officer")


def owed(world: World) -> list[tuple[str, object, object]]:
    return [(duty.key, duty.due_at, duty.outcome) for duty in world.every(Obligation)]


def test_an_open_question_touches_nothing_that_is_owed(world: World) -> None:
    begin(world)
    before = owed(world)
    asked(world)
    assert owed(world) == before
    assert world.broken(FRIDAY) == []


def test_the_case_goes_on_to_learning_with_the_question_open(small_world: World) -> None:
    begin(small_world)
    asked(small_world)
    with small_world.act() as session:
        for slug in ("council", "police"):
            conclude(session, FRIDAY, 1, slug, Risk.HIGH, "x", "Children.")
            record_notice(session, FRIDAY, 1, slug, FRIDAY, "x")
            people_told(session, FRIDAY, 1, slug, FRIDAY, "x", "By letter.")
            breach = session.get_one(Breach, 1)
            follow_up, _ = follow_up_at(session, breach, slug)
            for _ in range(9):
                for step in open_steps_of(session, breach, follow_up):
                    skip_step(session, FRIDAY, 1, slug, step, "x", "Played through.")
    assert small_world.only(Breach).stage is Stage.LEARNING
    assert small_world.only(Consultation).answered_at is None


def test_the_72_hours_end_while_the_question_is_open(small_world: World) -> None:
    begin(small_world)
    asked(small_world)
    with small_world.act() as session:
        conclude(session, DUE, 1, "council", Risk.LIKELY, "x", "Children.")
        record_notice(session, DUE, 1, "council", DUE, "x")
    assert small_world.broken(DUE) == []


def test_the_same_question_again_is_the_same_one_until_it_is_answered(small_world: World) -> None:
    begin(small_world)
    number = asked(small_world)
    assert asked(small_world) == number
    assert asked(small_world, "Another?") != number
    with small_world.act() as session:
        answer_consultation(session, FRIDAY, number, "Yes.", "inspector")
    assert asked(small_world) not in (number, number + 1)


def test_an_answer_stays(small_world: World) -> None:
    begin(small_world)
    number = asked(small_world)
    for _ in range(2):
        with small_world.act() as session:
            answer_consultation(session, FRIDAY + HOUR, number, "Yes.", "inspector")
    assert small_world.moves("breach:1").count("answered") == 1
    with pytest.raises(AnsweredAlready), small_world.act() as session:
        answer_consultation(session, FRIDAY + HOUR, number, "No.", "inspector")
    with pytest.raises(NotThere), small_world.act() as session:
        answer_consultation(session, FRIDAY + HOUR, 99, "No.", "inspector")
    with pytest.raises(ReasonNeeded), small_world.act() as session:
        answer_consultation(session, FRIDAY + HOUR, number, " ", "inspector")


def test_nobody_consults_itself_nor_a_party_that_is_not_concerned(small_world: World) -> None:
    begin(small_world)
    with pytest.raises(AsksItself):
        asked(small_world, of="council")
    with pytest.raises(NoFollowUp):
        asked(small_world, of="fire")
    with pytest.raises(ReasonNeeded):
        asked(small_world, question=" ")


def test_a_party_that_has_left_is_asked_nothing(world: World) -> None:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police")))
        begun(session, FRIDAY, "council", "police")
        leave(session, FRIDAY, party(session, "police"), SECRETARY, "Dissolved.")
    with pytest.raises(HasLeftTheProtocol, match="Westshire Police is not a party any more"), world.act() as session:
        consult(session, FRIDAY, 1, "council", "police", "May we telephone?", "x")
    assert world.every(Consultation) == []
