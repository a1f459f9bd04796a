"""The checklist changes while a round of confirmations runs: who has finished is asked what is new, once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlmodel import select

from actions.confirmation_answers import said_by
from actions.confirming import checklist, confirm, latest_answers
from actions.load_report import Loading, LoadReport
from actions.loading import _begin
from actions.loading_checklist import load_checklist
from actions.owing import waive
from actions.parties import leave
from actions.progress import review_progress
from actions.review_overview import ReviewView, review_view
from actions.review_signing import sign
from models.history import History, hold
from models.obligation import ObligationKind, Outcome
from models.outbox import Message
from models.protocol import ChecklistItem
from models.protocol_file import read_protocol
from models.protocol_file.shapes import ChecklistEntry
from models.review import Confirmation, ConfirmationAnswer, Review
from tests.actions.test_confirming import LOCKED_NOT_YET, TRAINED, ItemAnswer, adopted, answered
from tests.actions.test_loading import BEDFORDSHIRE
from tests.actions.world import ITEMS, NOVEMBER, SECRETARY, SLUG, World, duty_of, made_by, party, protocol

IN_PLACE, NOT_YET = ConfirmationAnswer.IN_PLACE, ConfirmationAnswer.NOT_YET
CONFIRMATION, IMPLEMENTATION = ObligationKind.CONFIRMATION, ObligationKind.IMPLEMENTATION
LOCKED = ItemAnswer(item="12-locked", answer=IN_PLACE)
LOGGED = ItemAnswer(item="13-logged", answer=IN_PLACE)
NEW = {"13-logged": "Is access logged?"}
TWO_NEW = {**NEW, "14-told": "Are people told?"}
DROPPED = {"10-trained": ITEMS["10-trained"]}
OTHERWISE = {"12-locked": "Are paper records locked away?"}


def reloaded(world: World, questions: dict[str, str], days: int = 10) -> LoadReport:
    """The folder again, with these questions."""
    entries = tuple(ChecklistEntry(id=key, clause="12-security", question=said) for key, said in questions.items())
    file = replace(read_protocol(BEDFORDSHIRE), checklist=entries)
    with world.act() as session:
        now = NOVEMBER + timedelta(days=days)
        loading = Loading(session, now, SECRETARY, file, protocol(session), first=False, before={})
        load_checklist(loading)
        return loading.report()


@pytest.fixture
def running(world: World) -> World:
    """Police has confirmed everything, fire still owes it."""
    adopted(world, "police", "fire")
    answered(world, TRAINED, LOCKED_NOT_YET)
    return world


def owed(world: World) -> set[str]:
    return {duty.key.split(":")[3] for duty in world.duties(CONFIRMATION) if duty.outcome is None}


def asked(world: World) -> list[str]:
    return [key for key in world.said("confirmation_requested") if ":after-" in key]


def view(world: World, days: int = 20) -> ReviewView:
    with world.read() as session:
        return review_view(session, NOVEMBER + timedelta(days=days), 1)


def counts(world: World) -> dict[str, tuple[int, int]]:
    return {line.party: (line.answered, line.items) for line in view(world).confirmations}


def test_whoever_has_confirmed_everything_owes_what_is_new_and_is_told_what(running: World) -> None:
    report = reloaded(running, ITEMS | NEW)
    assert owed(running) == {"police", "fire"}
    [key] = asked(running)
    words = running.words(key)
    assert "Is access logged?" in words
    assert "Are staff trained?" not in words
    assert "One party is asked what is new on the checklist, having confirmed all else." in report.changed
    assert running.moves()[-1] == "asked what is new to confirm"
    newest = running.duties(CONFIRMATION)[-1]
    assert (newest.subject, newest.due_on) == ("version:5.0", date(2027, 1, 4)), "a month from then"
    assert counts(running) == {"police": (2, 3), "fire": (0, 3)}
    assert running.broken(NOVEMBER + timedelta(days=10)) == []


def test_the_new_question_answered_ends_the_new_duty(running: World) -> None:
    reloaded(running, ITEMS | NEW)
    assert answered(running, LOGGED, days=11) == 1
    assert owed(running) == {"fire"}
    outcomes = [duty.outcome for duty in running.duties(CONFIRMATION) if duty.key.split(":")[3] == "police"]
    assert outcomes == [Outcome.ANSWERED, Outcome.ANSWERED]
    assert counts(running) == {"police": (3, 3), "fire": (0, 3)}
    with running.read() as session:
        said = review_progress(session, NOVEMBER + timedelta(days=12), 1)
    assert "## confirmation: 1 of 2" in said, "each party once"
    assert running.broken(NOVEMBER + timedelta(days=11)) == []


@pytest.mark.parametrize("then", [ITEMS | TWO_NEW, ITEMS | TWO_NEW | {"15-more": "Anything more?"}])
def test_several_new_questions_and_another_load_are_one_letter(running: World, then: dict[str, str]) -> None:
    reloaded(running, ITEMS | TWO_NEW)
    reloaded(running, then, days=11)
    [key] = asked(running)
    assert "Are people told?" in running.words(key)
    assert len(running.duties(CONFIRMATION)) == 3
    rows = running.rows()
    reloaded(running, then, days=12)
    assert running.rows() == rows


def test_whoever_was_let_off_is_not_asked_again(running: World) -> None:
    with running.act() as session:
        sign(session, NOVEMBER, made_by(session), party(session, "council"), "lead", position="Chief")
        waive(session, NOVEMBER, duty_of(session, CONFIRMATION, "council"), SECRETARY, "It merges.")
    reloaded(running, ITEMS | NEW)
    assert owed(running) == {"police", "fire"}
    assert counts(running) == {"police": (2, 3), "fire": (0, 3), "council": (0, 2)}


def test_a_round_that_is_over_stays_as_it_was(world: World) -> None:
    adopted(world)
    answered(world, TRAINED, LOCKED_NOT_YET)
    before, messages = view(world).confirmations, len(world.every(Message))
    reloaded(world, ITEMS | NEW)
    reloaded(world, ITEMS | NEW | OTHERWISE, days=11)
    assert view(world).confirmations == before
    assert len(world.every(Message)) == messages
    assert owed(world) == set()
    assert counts(world) == {"police": (2, 2)}
    answered(world, LOGGED, days=12)
    assert counts(world) == {"police": (3, 3)}, "it may answer what nobody asks"


def test_what_was_answered_is_shown_with_the_words_that_were_answered(running: World) -> None:
    reloaded(running, ITEMS | OTHERWISE)
    with running.read() as session:
        who = party(session, "police")
        said = said_by(session, made_by(session), who)
        assert said["12-locked"].question == "Are records locked?"
        assert not said["12-locked"].stands
        assert set(latest_answers(session, made_by(session), who)) == {"10-trained"}
    assert owed(running) == {"police", "fire"}
    assert "Are paper records locked away?" in running.words(asked(running)[0])
    assert counts(running) == {"police": (1, 2), "fire": (0, 2)}


def test_both_wordings_and_both_answers_are_kept(running: World) -> None:
    report = reloaded(running, ITEMS | OTHERWISE)
    assert report.changed[0] == (
        "“Are records locked?” reads “Are paper records locked away?” now, and is a new question to whoever has "
        "answered the old words."
    )
    answered(running, LOCKED, days=11)
    with running.read() as session:
        statement = select(ChecklistItem.question, Confirmation.answer).join(Confirmation)
        of_item = statement.where(ChecklistItem.clause_key == "12-security", ChecklistItem.key != "10-trained")
        assert session.exec(of_item.order_by(Confirmation.id)).all() == [
            ("Are records locked?", ConfirmationAnswer.NOT_YET), ("Are paper records locked away?", IN_PLACE),
        ]  # fmt: skip
    row = running.only(History, History.what == "checklist item reworded by file")
    assert row.details["question"] == ["Are records locked?", "Are paper records locked away?"]
    assert owed(running) == {"fire"}
    assert [duty.outcome for duty in running.duties(IMPLEMENTATION)] == [Outcome.ANSWERED], "what was not yet is done"
    assert running.broken(NOVEMBER + timedelta(days=11)) == []


def test_the_same_answer_to_other_words_is_a_new_answer_each_time(running: World) -> None:
    for number, question in enumerate(["Are paper records locked away?", "Is paper shredded?", "Are records locked?"]):
        reloaded(running, ITEMS | {"12-locked": question}, days=10 + 2 * number)
        assert answered(running, LOCKED_NOT_YET, days=11 + 2 * number) == 1
    keys = {item.key: item.position for item in running.every(ChecklistItem)}
    assert keys == {"10-trained": 1, "12-locked": 2, "12-locked:1": 0, "12-locked:2": 0, "12-locked:3": 0}
    assert len(asked(running)) == 3
    assert [duty.outcome for duty in running.duties(IMPLEMENTATION)] == [Outcome.SUPERSEDED] * 3 + [None]
    assert running.broken(NOVEMBER + timedelta(days=16)) == []


def test_words_that_nobody_answered_and_that_are_taken_back_leave_the_answers_to_the_old_ones(running: World) -> None:
    reloaded(running, ITEMS | OTHERWISE)
    report = reloaded(running, ITEMS, days=11)
    assert report.changed == (
        "“Are paper records locked away?” is not asked any more: “Are records locked?” is again, and what was answered "
        "to it stands.",
    )
    assert {item.key: item.question for item in running.every(ChecklistItem)} == ITEMS
    assert owed(running) == {"fire"}
    assert counts(running) == {"police": (2, 2), "fire": (0, 2)}
    rows = running.rows()
    reloaded(running, ITEMS, days=12)
    assert running.rows() == rows
    reloaded(running, ITEMS | OTHERWISE, days=13)
    assert owed(running) == {"police", "fire"}
    assert len(asked(running)) == 2
    assert running.broken(NOVEMBER + timedelta(days=14)) == []


@pytest.mark.parametrize("before", [ITEMS, ITEMS | OTHERWISE])
def test_a_question_that_is_dropped_is_asked_of_nobody_and_its_answers_are_kept(
    running: World, before: dict[str, str]
) -> None:
    """It was asked on, of everybody, because somebody had answered it; a “not yet” stayed owed."""
    reloaded(running, before)
    report = reloaded(running, DROPPED, days=11)
    assert report.changed[0].startswith(f"“{before['12-locked']}” is no longer asked")
    assert report.kept == ()
    assert owed(running) == {"fire"}
    assert [duty.outcome for duty in running.duties(IMPLEMENTATION)] == [Outcome.SUPERSEDED]
    with running.read() as session:
        who = party(session, "police")
        said = said_by(session, made_by(session), who)
        assert (said["12-locked"].question, said["12-locked"].given.answer) == (ITEMS["12-locked"], NOT_YET)
        assert [item.key for item in checklist(session, protocol(session))] == ["10-trained"]
    assert [line.not_yet for line in view(running).confirmations] == [(), ()]
    assert answered(running, TRAINED, slug="fire", days=12) == 1
    assert owed(running) == set()
    rows = running.rows()
    assert not reloaded(running, DROPPED, days=13).anything
    assert running.rows() == rows
    assert running.broken(NOVEMBER + timedelta(days=14)) == []


def test_a_dropped_question_is_not_in_the_letter_of_whoever_signs_later(running: World) -> None:
    reloaded(running, DROPPED)
    with running.act() as session:
        sign(session, NOVEMBER, made_by(session), party(session, "council"), "lead", position="Chief")
    words = running.words("review:1:confirmation:council:ask")
    assert "Are staff trained?" in words
    assert "Are records locked?" not in words


def test_a_question_that_comes_back_finds_its_answers_and_what_was_not_yet_is_owed_again(running: World) -> None:
    for days in (10, 20):
        reloaded(running, DROPPED, days=days)
        report = reloaded(running, ITEMS, days=days + 1)
        assert report.created == ("“Are records locked?” is asked again, and what was answered to it stands.",)
        assert {item.key: item.position for item in running.every(ChecklistItem)} == {"10-trained": 1, "12-locked": 2}
    assert owed(running) == {"fire"}
    assert asked(running) == []
    assert counts(running) == {"police": (2, 2), "fire": (0, 2)}
    duties = running.duties(IMPLEMENTATION)
    assert [duty.outcome for duty in duties] == [Outcome.SUPERSEDED, Outcome.SUPERSEDED, None]
    assert len({duty.due_on for duty in duties}) == 1
    assert answered(running, LOCKED, days=22) == 1
    assert running.duties(IMPLEMENTATION)[-1].outcome is Outcome.ANSWERED
    assert running.broken(NOVEMBER + timedelta(days=23)) == []


def test_a_question_that_comes_back_with_other_words_is_a_new_one(running: World) -> None:
    reloaded(running, DROPPED)
    reloaded(running, ITEMS | OTHERWISE, days=11)
    assert owed(running) == {"police", "fire"}
    assert "Are paper records locked away?" in running.words(asked(running)[0])
    assert [duty.outcome for duty in running.duties(IMPLEMENTATION)] == [Outcome.SUPERSEDED]


def test_a_question_that_comes_back_is_not_owed_by_a_party_that_has_left_meanwhile(running: World) -> None:
    reloaded(running, DROPPED)
    [ended] = running.every(History, History.case == "review:1", History.what == "duties ended")
    assert ended.details["duties"][0][1] == "superseded"
    with running.act() as session:
        leave(session, NOVEMBER + timedelta(days=11), party(session, "police"), SECRETARY, "It merges.")
    reloaded(running, ITEMS, days=12)
    assert [duty.outcome for duty in running.duties(IMPLEMENTATION)] == [Outcome.SUPERSEDED]
    assert running.broken(NOVEMBER + timedelta(days=13)) == []


def test_words_taken_back_after_the_question_was_dropped_are_owed_again_as_they_were_put_off(running: World) -> None:
    for days, questions in ((10, DROPPED), (11, ITEMS | OTHERWISE), (12, ITEMS)):
        reloaded(running, questions, days=days)
    assert [duty.outcome for duty in running.duties(IMPLEMENTATION)] == [Outcome.SUPERSEDED, None]
    assert running.broken(NOVEMBER + timedelta(days=13)) == []


def test_what_was_put_in_place_in_other_words_is_not_owed_again_when_those_come_back(running: World) -> None:
    for days, questions in ((10, DROPPED), (11, ITEMS | OTHERWISE)):
        reloaded(running, questions, days=days)
    assert answered(running, LOCKED, days=12) == 1
    for days, questions in ((13, DROPPED), (14, ITEMS | OTHERWISE)):
        reloaded(running, questions, days=days)
    assert [duty.outcome for duty in running.duties(IMPLEMENTATION)] == [Outcome.SUPERSEDED]
    assert counts(running)["police"] == (2, 2)
    assert running.broken(NOVEMBER + timedelta(days=15)) == []


def test_a_folder_and_a_party_that_confirms_meanwhile_do_not_wait_for_each_other(postgres_world: World) -> None:
    """The folder holds the protocol, and then the round; what a party is told refers to the protocol."""
    adopted(postgres_world, "police", "fire")
    entries = (ChecklistEntry(id="13-logged", clause="12-security", question="Is access logged?"),)
    read = read_protocol(BEDFORDSHIRE)
    file = replace(read, checklist=entries, identity=read.identity.model_copy(update={"slug": SLUG}))
    both = Barrier(2)

    def load() -> None:
        with postgres_world.act() as session:
            loading = _begin(session, NOVEMBER, file, SECRETARY)
            session.flush()
            both.wait()
            load_checklist(loading)

    def confirms() -> int:
        with postgres_world.act() as session:
            hold(session, "review:1")
            both.wait()
            review, who = session.get_one(Review, 1), party(session, "police")
            return confirm(session, NOVEMBER, review, made_by(session), who, [TRAINED], "police")

    with ThreadPoolExecutor(2) as pool:
        loaded, confirmed = pool.submit(load), pool.submit(confirms)
        assert (loaded.result(), confirmed.result()) == (None, 1)


def test_a_trivial_edit_asks_nobody_again(running: World) -> None:
    reloaded(running, ITEMS | {"12-locked": "Are  Records -- locked"})
    assert asked(running) == []
    assert {item.key: item.question for item in running.every(ChecklistItem)}["12-locked"] == "Are  Records -- locked"
    assert counts(running) == {"police": (2, 2), "fire": (0, 2)}


def test_what_nobody_has_answered_is_reworded_where_it_stands(world: World) -> None:
    adopted(world)
    reloaded(world, ITEMS | OTHERWISE)
    assert len(world.every(ChecklistItem)) == 2
    assert asked(world) == []
    assert owed(world) == {"police"}
