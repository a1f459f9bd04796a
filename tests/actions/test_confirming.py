"""Confirmation after adoption, item by item; "not yet" is an answer and becomes a duty."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from actions.cast import NotThere
from actions.confirming import DateNeeded, ItemAnswer, NotAsked, confirm, latest_answers
from actions.membership import leave
from actions.owing import delegate
from actions.reasons import ReasonNeeded
from actions.review_signing import adopt, sign
from models.obligation import Obligation, ObligationKind, Outcome
from models.outbox import Message
from models.protocol import ChecklistItem
from models.review import Confirmation, ConfirmationAnswer, Review
from tests.actions.world import (
    ITEMS,
    NOVEMBER,
    SECRETARY,
    World,
    at_once,
    contact_of,
    duty_of,
    made_by,
    party,
)

IN_PLACE, NOT_YET = ConfirmationAnswer.IN_PLACE, ConfirmationAnswer.NOT_YET
NOT_APPLICABLE = ConfirmationAnswer.NOT_APPLICABLE
CONFIRMATION, IMPLEMENTATION = ObligationKind.CONFIRMATION, ObligationKind.IMPLEMENTATION
OCTOBER, DECEMBER = date(2027, 10, 1), date(2027, 12, 1)
LOCKED_NOT_YET = ItemAnswer(item="12-locked", answer=NOT_YET, by_when=OCTOBER)
TRAINED = ItemAnswer(item="10-trained", answer=IN_PLACE)


def adopted(world: World, *slugs: str) -> World:
    """Adopted, with those having signed."""
    world.signing()
    with world.act() as session:
        for slug in slugs or ("police",):
            sign(session, NOVEMBER, made_by(session), party(session, slug), slug, position="Chief")
        adopt(session, NOVEMBER, 1, SECRETARY, "The others will sign later.")
    return world


def answered(world: World, *answers: ItemAnswer, slug: str = "police", days: int = 1, **more: Any) -> int:
    with world.act() as session:
        review, at = session.get_one(Review, 1), NOVEMBER + timedelta(days=days)
        return confirm(session, at, review, made_by(session), party(session, slug), answers, f"lead of {slug}", **more)


def standing(session: Session) -> dict[str, ConfirmationAnswer]:
    return {key: row.answer for key, row in latest_answers(session, made_by(session), party(session, "police")).items()}


def test_only_whoever_has_signed_is_asked_with_the_whole_list(world: World) -> None:
    adopted(world, "police", "fire")
    duties = world.duties(CONFIRMATION)
    assert {duty.key for duty in duties} == {"review:1:confirmation:police", "review:1:confirmation:fire"}
    assert {(duty.subject, duty.due_on) for duty in duties} == {("version:5.0", date(2026, 12, 23))}
    for question in ITEMS.values():
        assert question in world.words("review:1:confirmation:police:ask")


def test_item_by_item_and_the_last_one_ends_the_duty(world: World) -> None:
    adopted(world)
    assert answered(world, TRAINED) == 1
    assert [duty.outcome for duty in world.duties(CONFIRMATION)] == [None]
    assert answered(world, LOCKED_NOT_YET, days=2) == 1
    assert [duty.outcome for duty in world.duties(CONFIRMATION)] == [Outcome.ANSWERED]
    assert world.counts()["confirmation_received"] == 2
    assert "Are records locked?" in world.words(world.said("confirmation_received")[-1]), "not its key"
    assert world.broken(NOVEMBER + timedelta(days=2)) == []


def test_the_duty_ends_though_nothing_is_new_where_every_question_is_answered(world: World) -> None:
    """It stayed owed for ever where the only open question was deleted, or the answers were of the line before."""
    adopted(world)
    answered(world, TRAINED)
    with world.act() as session:
        session.delete(session.exec(select(ChecklistItem).where(ChecklistItem.key == "12-locked")).one())
    assert answered(world, TRAINED, days=2) == 0
    assert [duty.outcome for duty in world.duties(CONFIRMATION)] == [Outcome.ANSWERED]
    assert answered(world, TRAINED, days=3) == 0
    assert world.moves().count("confirmation given") == 2, "and is not written down again"
    assert world.counts()["confirmation_received"] == 1
    assert world.broken(NOVEMBER + timedelta(days=3)) == []


def test_not_yet_becomes_a_duty_with_that_day_and_a_later_answer_ends_it(world: World) -> None:
    adopted(world)
    answered(world, TRAINED, LOCKED_NOT_YET)
    [duty] = world.duties(IMPLEMENTATION)
    assert (duty.due_on, duty.subject, duty.outcome) == (OCTOBER, "item:12-locked", None)
    answered(world, ItemAnswer(item="12-locked", answer=NOT_YET, by_when=DECEMBER), days=2)
    first, second = world.duties(IMPLEMENTATION)
    assert (first.outcome, second.due_on, second.outcome) == (Outcome.SUPERSEDED, DECEMBER, None)
    answered(world, ItemAnswer(item="12-locked", answer=IN_PLACE), days=3)
    assert [duty.outcome for duty in world.duties(IMPLEMENTATION)] == [Outcome.SUPERSEDED, Outcome.ANSWERED]
    with world.read() as session:
        assert standing(session) == {"10-trained": IN_PLACE, "12-locked": IN_PLACE}
    assert len(world.every(Confirmation)) == 4, "every answer stands beside the earlier ones"


def test_the_same_answers_twice_or_at_once_are_recorded_once(world: World) -> None:
    adopted(world)
    found = at_once(3, lambda: answered(world, TRAINED, LOCKED_NOT_YET))
    assert sorted(map(str, found)) == ["0", "0", "2"]
    before = world.rows()
    assert answered(world, TRAINED, LOCKED_NOT_YET, days=5) == 0
    assert world.rows() == before


@pytest.mark.parametrize(
    ("answer", "error", "sentence"),
    [
        (ItemAnswer(item="99", answer=IN_PLACE), NotThere, "no item “99” on the checklist: choose of 10-trained"),
        (ItemAnswer(item="12-locked", answer=NOT_YET), DateNeeded, "needs the day by which it will be in place"),
        (ItemAnswer(item="12-locked", answer=NOT_YET, by_when=date(2026, 11, 24)), DateNeeded, "that day lies ahead"),
        (ItemAnswer(item="12-locked", answer=NOT_APPLICABLE), ReasonNeeded, "“not applicable” for 12-locked is rec"),
        (ItemAnswer(item="12-locked", answer=NOT_APPLICABLE, why="  "), ReasonNeeded, "recorded with why"),
    ],
)
def test_what_is_no_answer_is_refused_and_nothing_of_the_sitting_written(
    small_world: World, answer: ItemAnswer, error: type[Exception], sentence: str
) -> None:
    adopted(small_world)
    before = small_world.rows()
    with pytest.raises(error, match=sentence):
        answered(small_world, TRAINED, answer)
    assert small_world.rows() == before


def test_not_applicable_says_why_and_counts_as_answered(small_world: World) -> None:
    adopted(small_world)
    answered(small_world, TRAINED, ItemAnswer(item="12-locked", answer=NOT_APPLICABLE, why=" We hold no paper. "))
    assert small_world.only(Confirmation, Confirmation.answer == NOT_APPLICABLE).why == "We hold no paper."
    assert [duty.outcome for duty in small_world.duties(CONFIRMATION)] == [Outcome.ANSWERED]


def test_a_day_belongs_to_not_yet_alone(small_world: World) -> None:
    adopted(small_world)
    answered(small_world, ItemAnswer(item="12-locked", answer=IN_PLACE, by_when=OCTOBER))
    assert small_world.only(Confirmation).by_when is None
    assert small_world.duties(IMPLEMENTATION) == []


def test_a_day_beyond_the_published_bank_holidays_is_an_answer_too(small_world: World) -> None:
    """It once was refused for the sake of its reminders."""
    adopted(small_world)
    far = date(2031, 6, 2)
    answered(small_world, ItemAnswer(item="12-locked", answer=NOT_YET, by_when=far))
    [duty] = small_world.duties(IMPLEMENTATION)
    assert duty.due_on == far
    small_world.sweep(NOVEMBER + timedelta(days=3))
    assert [matter.kind.value for matter in small_world.matters()] == ["holidays"]


@pytest.mark.parametrize("slug", ["fire", "police"])
def test_whoever_was_not_asked_or_has_left_is_refused(small_world: World, slug: str) -> None:
    adopted(small_world)
    with small_world.act() as session:
        leave(session, NOVEMBER, party(session, "police"), SECRETARY, "It merged.")
    with pytest.raises(NotAsked, match="has not been asked what is in place after review 1"):
        answered(small_world, TRAINED, slug=slug)


def test_a_confirmation_on_behalf_says_why(small_world: World) -> None:
    adopted(small_world)
    with pytest.raises(ReasonNeeded):
        answered(small_world, TRAINED, on_behalf_because=" ")
    answered(small_world, TRAINED, LOCKED_NOT_YET, on_behalf_because="They telephoned.")
    [duty] = small_world.duties(CONFIRMATION)
    assert duty.why_id is not None


def test_what_the_deputy_confirms_the_deputy_puts_in_place(small_world: World) -> None:
    adopted(small_world)
    with small_world.act() as session:
        delegate(session, NOVEMBER, duty_of(session, CONFIRMATION, "police"), SECRETARY, "On leave.")
        lead = contact_of(session, "police").id
    answered(small_world, LOCKED_NOT_YET)
    [duty] = small_world.duties(IMPLEMENTATION)
    assert duty.contact_id != lead
    receipts = small_world.every(Message, Message.kind == "confirmation_received")
    assert [message.address for message in receipts] == ["deputy@police.example"]
    assert small_world.every(Obligation, Obligation.kind == IMPLEMENTATION, col(Obligation.outcome).is_(None))
