"""Whoever reported is asked, and answers: nothing waits for it, and nobody learns who that is."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlmodel import Session

from actions.breaches.asking_reporter import (
    AnsweredAlready,
    answer_question,
    ask_in_breach,
    ask_reporter,
    note_answer_read,
    questions_of,
    questions_to,
    reports_for_party,
    reports_of,
)
from actions.breaches.moving import BreachHasEnded, FollowUpHasEnded, NoFollowUp, take_step
from actions.breaches.reporters import (
    NothingIsAddedAnyMore,
    WrongReferenceOrCode,
    add_facts,
    give_code,
    reader_of,
    replace_code,
)
from actions.breaches.unseen_code import NoOtherCode, another_first_code
from actions.cast import NotThere
from actions.reasons import ReasonNeeded
from models import history
from models.breach import Breach, BreachReport, FollowUp, ReporterQuestion
from models.history import History, Narrative
from models.obligation import Obligation
from models.protocol import Matter
from rules.breach import Step
from rules.breach_facts import FactName
from rules.codes import code_from
from tests.actions.breach_world import FRIDAY
from tests.actions.merger_world import LATER, broken, did, facts, merged, report
from tests.actions.world import World, protocol

ASKED, ANSWERED = "Which mailbox was it?", "The shared one of the front desk."
BY = "coordinator of council"


def ask(world: World, number: int = 1, question: str = ASKED, by: str = BY) -> int:
    return int(did(world, lambda s: ask_reporter(s, FRIDAY, number, question, by)))


def _asks_for(slug: str, report_id: int, session: Session) -> int:
    return ask_in_breach(session, LATER, 1, report_id, ASKED, BY, slug)


def _another(at: datetime, key: str, session: Session) -> tuple[str, str]:
    return another_first_code(session, at, protocol(session), key)


def answer(world: World, number: int, codes: tuple[str, str], words: str = ANSWERED) -> None:
    did(world, lambda s: answer_question(s, LATER, number, reader_of(s, *codes), words))


def test_a_question_and_its_answer_stand_in_history_without_their_words(world: World) -> None:
    codes = report(world)
    owed = [(each.key, each.due_at, each.outcome) for each in world.every(Obligation)]
    number = ask(world)
    answer(world, number, codes)
    rows = {row.what: row for row in world.every(History) if row.what.startswith("reporter a")}
    assert (rows["reporter asked"].who, rows["reporter answered"].who) == (BY, f"reporter of {codes[0]}")
    for row in rows.values():
        assert row.why_id is None
        assert ASKED not in str(row.details)
        assert ANSWERED not in str(row.details)
    assert rows["reporter asked"].details["words"] == history.sha256_of(f'"{ASKED}"')
    assert [(each.key, each.due_at, each.outcome) for each in world.every(Obligation)] == owed
    assert broken(world, LATER) == []
    with world.read() as session:
        [line] = questions_to(session, reader_of(session, *codes))
        assert (line.question, line.answer, line.asked_by, line.reference) == (ASKED, ANSWERED, BY, codes[0])


def test_the_same_question_again_is_the_same_one_until_it_is_answered(small_world: World) -> None:
    codes = report(small_world)
    assert ask(small_world) == ask(small_world, question=f"  {ASKED} ") == 1
    answer(small_world, 1, codes)
    assert ask(small_world) == 2


def test_the_same_answer_again_does_nothing_and_another_is_refused(small_world: World) -> None:
    codes = report(small_world)
    number = ask(small_world)
    answer(small_world, number, codes)
    before = small_world.rows()
    answer(small_world, number, codes, f" {ANSWERED}")
    with pytest.raises(AnsweredAlready):
        answer(small_world, number, codes, "Another.")
    assert small_world.rows() == before


def test_an_answer_is_on_the_secretarys_list_until_it_has_been_read(small_world: World) -> None:
    codes = report(small_world)
    number = ask(small_world)
    answer(small_world, number, codes)
    [matter] = small_world.every(Matter, Matter.key == f"westshire:reporter-question:{number}:answered")
    assert codes[0] in matter.sentence
    assert ANSWERED not in matter.sentence + matter.todo
    for _ in range(2):
        did(small_world, lambda s: note_answer_read(s, LATER, number, "secretary"))
    [matter] = small_world.every(Matter, Matter.id == matter.id)
    assert matter.closed_at == LATER
    with pytest.raises(NotThere):
        did(small_world, lambda s: note_answer_read(s, LATER, 99, "secretary"))


def test_nobody_answers_for_another_report(small_world: World) -> None:
    report(small_world)
    other = report(small_world)
    number = ask(small_world, 1)
    for missing in (number, 99):
        with pytest.raises(NotThere):
            answer(small_world, missing, other)
    assert small_world.only(ReporterQuestion).answered_at is None


def test_a_question_and_an_answer_have_words(small_world: World) -> None:
    codes = report(small_world)
    with pytest.raises(ReasonNeeded):
        ask(small_world, question="  ")
    number = ask(small_world)
    with pytest.raises(ReasonNeeded):
        answer(small_world, number, codes, "\n")
    with pytest.raises(NotThere):
        ask(small_world, 99)


def test_what_is_closed_is_neither_asked_about_nor_answered(small_world: World) -> None:
    codes = report(small_world)
    number = ask(small_world)
    did(small_world, lambda s: take_step(s, LATER, s.get_one(Breach, 1), Step.END_EARLY, "secretary", "None."))
    with pytest.raises(BreachHasEnded):
        ask(small_world, question="Another?")
    with pytest.raises(NothingIsAddedAnyMore):
        answer(small_world, number, codes)


def test_after_a_merger_the_question_goes_on_in_the_other_breach(small_world: World) -> None:
    report(small_world)
    second = report(small_world)
    number = ask(small_world, 2)
    merged(small_world)
    with small_world.read() as session:
        source, into = session.get_one(Breach, 2), session.get_one(Breach, 1)
        assert (questions_of(session, source), reports_of(session, source)) == ([], [])
        assert [each.number for each in questions_of(session, into)] == [number]
        assert len(reports_of(session, into)) == 2
    answer(small_world, number, second)
    [row] = small_world.every(History, History.what == "reporter answered")
    assert row.case == "breach:1"
    with pytest.raises(BreachHasEnded):
        did(small_world, lambda s: ask_in_breach(s, LATER, 2, 2, ASKED, BY))
    assert did(small_world, lambda s: ask_in_breach(s, LATER, 1, 2, "And when?", BY)) == 2
    assert broken(small_world, LATER) == []


def test_a_party_asks_where_its_follow_up_goes_on_and_reads_its_own_questions(small_world: World) -> None:
    codes = report(small_world, FRIDAY, "council", "police")
    did(small_world, lambda s: ask_in_breach(s, FRIDAY, 1, 1, ASKED, BY, "council"))
    did(small_world, lambda s: ask_in_breach(s, FRIDAY, 1, "1", "Who saw it?", "secretary (user 1)"))
    with small_world.read() as session:
        breach = session.get_one(Breach, 1)
        assert [each.question for each in questions_of(session, breach, "council")] == [ASKED]
        assert questions_of(session, breach, "police") == []
        assert [each.asked_by for each in questions_of(session, breach)] == [BY, "secretary"]
        assert [each.reference for each in reports_for_party(session, 1, "police")] == [codes[0]]
        for number, slug, refused in ((1, "fire", NoFollowUp), (9, "police", NotThere)):
            with pytest.raises(refused):
                reports_for_party(session, number, slug)
    for slug, asked_of, refused in (("fire", 1, NoFollowUp), ("council", 7, NotThere)):
        with pytest.raises(refused):
            did(small_world, partial(_asks_for, slug, asked_of))
    with small_world.act() as session:
        session.get_one(FollowUp, 1).ended_at = LATER
    with pytest.raises(FollowUpHasEnded):
        did(small_world, lambda s: ask_in_breach(s, LATER, 1, 1, "More?", BY, "council"))


def test_a_purged_question_is_an_empty_one(small_world: World) -> None:
    codes = report(small_world)
    ask(small_world)
    with small_world.act() as session:
        session.get_one(Narrative, small_world.only(ReporterQuestion).question_id).text = None
    with small_world.read() as session:
        assert questions_to(session, reader_of(session, *codes))[0].question == ""


def test_whoever_was_let_in_by_a_code_that_is_replaced_does_nothing_more(small_world: World) -> None:
    codes = report(small_world)
    number = ask(small_world)
    with small_world.act() as session:
        let_in = session.get_one(BreachReport, 1)
        session.expunge(let_in)
    did(small_world, lambda s: replace_code(s, LATER, *codes))
    refused: tuple[Callable[[Session], Any], ...] = (
        lambda s: answer_question(s, LATER, number, s.merge(let_in, load=False), ANSWERED),
        lambda s: add_facts(s, LATER, s.merge(let_in, load=False), {FactName.PEOPLE: 3}),
        lambda s: give_code(s, LATER, s.merge(let_in, load=False), code_from(bytes(16))),
    )
    for what in refused:
        with pytest.raises(WrongReferenceOrCode):
            did(small_world, what)


def test_what_the_reporter_knows_more_goes_after_what_stands_and_once(small_world: World) -> None:
    codes = report(small_world, DATA=["health"])
    before = facts(small_world)[FactName.HAPPENED]
    for _ in range(2):
        did(small_world, lambda s: add_facts(s, LATER, reader_of(s, *codes), {FactName.DATA: "financial"}, " More. "))
    assert facts(small_world)[FactName.HAPPENED] == f"{before}\n\nMore."
    assert facts(small_world)[FactName.DATA] == ["financial", "health"]
    assert broken(small_world, LATER) == []


def test_another_first_code_is_had_once_and_soon_by_its_key(small_world: World) -> None:
    report(small_world)
    with small_world.act() as session:
        session.get_one(BreachReport, 1).key = "westshire:mine"
    soon = FRIDAY + timedelta(minutes=9)
    for at, key in ((soon, "another"), (FRIDAY + timedelta(minutes=11), "mine")):
        with pytest.raises(NoOtherCode):
            did(small_world, partial(_another, at, key))
    codes = did(small_world, lambda s: another_first_code(s, soon, protocol(s), "mine"))
    with small_world.read() as session:
        assert reader_of(session, *codes).id == 1
    with pytest.raises(NoOtherCode):
        did(small_world, lambda s: another_first_code(s, soon, protocol(s), "mine"))
