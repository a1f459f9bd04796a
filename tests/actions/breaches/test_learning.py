"""What was learnt becomes a local action, a gap in the protocol, or nothing, because."""

from datetime import date, timedelta
from typing import Any

import pytest

from actions.breaches.changing import IsAnswered
from actions.breaches.closing import finish_follow_up, reopen_follow_up
from actions.breaches.learning import (
    ActionHasEnded,
    CauseNeeded,
    HasPassed,
    NotALocalAction,
    finish_action,
    learn,
)
from actions.cast import NotThere
from actions.gaps.keeping import GapIsClosed, gap_view, open_gaps
from actions.gaps.living import close_gap
from actions.owing import waive
from actions.reasons import ReasonNeeded
from models.breach import Breach, Lesson, LessonEffect
from models.gap import Gap, GapOrigin
from models.history import History, Narrative
from models.obligation import Obligation, ObligationKind, Outcome
from models.outbox import Message
from rules.breach import Stage
from rules.errors import Refused
from tests.actions.breach_world import (
    COORDINATOR,
    FRIDAY,
    begun,
    closed,
    done_with,
    duty_keyed,
    follow_procedure,
    procedure,
)
from tests.actions.databases import in_each_case
from tests.actions.world import SECRETARY, World, played_once, protocol

HOUR = timedelta(hours=1)
NOVEMBER = FRIDAY + timedelta(days=25)
WORDS = "The shared mailbox has one list for two families."
ACTION, GAP, NONE = LessonEffect.ACTION, LessonEffect.GAP, LessonEffect.NONE


@pytest.fixture
def following(world: World) -> World:
    return follow(world)


@played_once
def follow(world: World) -> None:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police")))
        begun(session, FRIDAY, "council", "police")
        begun(session, FRIDAY, "council")


def lesson(world: World, effect: LessonEffect, slug: str = "council", number: int = 1, **how: Any) -> int:
    what = {"cause": "wrong recipient", "words": WORDS} | how
    with world.act() as session:
        return learn(session, NOVEMBER, number, slug, effect=effect, by=COORDINATOR, **what).id or 0


def gap(world: World, number: int = 1) -> Any:
    with world.read() as session:
        return gap_view(session, session.get_one(Gap, number))


def test_whoever_has_said_what_was_learnt_is_asked_to_finish_and_of_no_lesson_any_more(following: World) -> None:
    with following.act() as session:
        done_with(session, 2, NOVEMBER, "council")
    [duty] = following.duties(ObligationKind.LEARNING, Obligation.case == "breach:2")
    assert (duty.outcome, duty.what) == (None, "finish your follow-up of the breach")
    with pytest.raises(IsAnswered, match="concordat breach finish 2 council"), following.act() as session:
        waive(session, NOVEMBER, duty_keyed(session, duty.key), SECRETARY, "They have done it.")
    later = NOVEMBER + timedelta(days=80)
    following.sweep(later)
    said = [" ".join(each.text.split()) for each in following.every(Message, Message.queued_at == later)]
    reminders = [each for each in said if "please finish your follow-up" in each.casefold()]
    assert reminders
    assert not [each for each in reminders if "what was learn" in each]
    with following.act() as session:
        finish_follow_up(session, later, 2, "council", COORDINATOR)
        reopen_follow_up(session, later, 2, "council", COORDINATOR, "Another letter.")
        done_with(session, 2, later, "council")
    newest = following.duties(ObligationKind.LEARNING, Obligation.case == "breach:2")[-1]
    assert (newest.outcome, newest.what) == (None, "finish your follow-up of the breach")
    assert following.broken(later) == []


def test_a_local_action_is_owed_by_a_date_and_says_no_words_of_anybody(following: World) -> None:
    number = lesson(following, ACTION, remedy="Two lists.", action_due_on=date(2026, 12, 11))
    [duty] = following.duties(ObligationKind.LOCAL_ACTION)
    assert (duty.due_on, duty.subject, duty.exact) == (date(2026, 12, 11), f"lesson:{number}", False)
    assert duty.what == "put in place the local action agreed after breach 1"
    row = following.only(History, History.what == "lesson learnt")
    assert row.details == {
        "party": "council", "lesson": number, "effect": "local action", "gap": None, "obligation": duty.key
    }  # fmt: skip
    assert following.only(Narrative, Narrative.id == row.why_id).text == WORDS
    for message in following.every(Message):
        assert "mailbox" not in message.text
        assert "Two lists" not in message.text


def test_without_a_date_the_window_of_local_actions_counts(following: World) -> None:
    lesson(following, ACTION)
    assert following.duties(ObligationKind.LOCAL_ACTION)[0].due_on == date(2027, 2, 17)


def test_the_same_lesson_twice_is_one(following: World) -> None:
    numbers = [lesson(following, effect) for effect in (ACTION, ACTION, GAP, GAP)]
    assert numbers[0] == numbers[1]
    assert numbers[2] == numbers[3]
    assert len(following.every(Lesson)) == 2, "one became an action and a gap"
    assert len(following.duties(ObligationKind.LOCAL_ACTION)) == len(following.every(GapOrigin)) == 1
    lesson(following, ACTION, "police")
    assert len(following.every(Lesson)) == 3


def test_gaps_of_several_breaches_and_parties_are_one_gap_with_all_its_origins(following: World) -> None:
    lesson(following, GAP, clause="12-security")
    lesson(following, GAP, "police", clause="12-security")
    lesson(following, GAP, number=2, gap_id=1, words="Here, too.", urgent=True)
    view = gap(following)
    assert (view.clause, view.words, view.urgent) == ("12-security", WORDS, True)
    assert view.origins == ("breach:1", "breach:2")
    assert {row.gap_id for row in following.every(Lesson)} == {1}
    lesson(following, GAP, words="Something else.", clause="7-consent")
    lesson(following, GAP, number=2, words="Something else.", clause="7-consent")
    lesson(following, GAP, number=2, words=WORDS)
    with following.read() as session:
        assert [each.id for each in open_gaps(session, protocol(session))] == [1, 2, 3]
    assert gap(following, 2).origins == ("breach:1", "breach:2")
    assert gap(following, 3).clause is None, "of no clause, it is another gap"
    assert following.broken(NOVEMBER) == []


def test_an_urgent_gap_comes_first(following: World) -> None:
    lesson(following, GAP)
    lesson(following, GAP, words="Now.", urgent=True)
    with following.read() as session:
        assert [each.id for each in open_gaps(session, protocol(session))] == [2, 1]


def test_long_words_are_kept_whole_in_the_lesson(following: World) -> None:
    lesson(following, GAP, words="a" * 2000)
    assert len(gap(following).words) == 500
    row = following.only(Lesson)
    assert len(following.only(Narrative, Narrative.id == row.words_id).text or "") == 2000


@in_each_case(
    "error,how",
    [
        (CauseNeeded, {"effect": ACTION, "cause": " "}),
        (ReasonNeeded, {"effect": ACTION, "words": " "}),
        (ReasonNeeded, {"effect": NONE}),
        (HasPassed, {"effect": ACTION, "action_due_on": date(2026, 11, 16)}),
        (NotThere, {"effect": GAP, "clause": "99"}),
        (NotThere, {"effect": GAP, "gap_id": 7}),
        (Refused, {"effect": GAP, "cause": "a" * 301}),
    ],
)
def test_refused_in_a_sentence_and_nothing_is_kept(following: World, error: type[Refused], how: dict[str, Any]) -> None:
    before = following.rows()
    with pytest.raises(error, match=r"\.$"):
        lesson(following, **how)
    assert following.rows() == before


def test_a_closed_gap_takes_no_more_origins(following: World) -> None:
    lesson(following, GAP)
    with following.act() as session:
        close_gap(session, NOVEMBER, 1, SECRETARY, "The mailbox is gone.")
    with pytest.raises(GapIsClosed, match=r"The mailbox is gone\."):
        lesson(following, GAP, "police", gap_id=1)
    lesson(following, GAP, "police")
    assert gap(following, 2).origins == ("breach:1",)
    assert following.broken(NOVEMBER) == []


def test_a_local_action_goes_on_after_the_breach_and_is_answered_then(world: World) -> None:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure())
        begun(session, FRIDAY, "council")
        learn(session, NOVEMBER, 1, "council", "wrong recipient", WORDS, ACTION, COORDINATOR)
        closed(session, 1, NOVEMBER)
    [duty] = world.duties(ObligationKind.LOCAL_ACTION)
    assert (world.only(Breach).stage, duty.outcome) == (Stage.CLOSED, None)
    assert world.broken(NOVEMBER) == []
    for key in (duty.key, duty.id):
        with world.act() as session:
            finish_action(session, NOVEMBER + HOUR, key or 0, COORDINATOR, "There are two lists now.")
    duty = world.only(Obligation, Obligation.id == duty.id)
    assert (duty.outcome, duty.discharged_at) == (Outcome.ANSWERED, NOVEMBER + HOUR)
    assert world.moves("breach:1").count("local action in place") == 1


def test_only_a_local_action_that_is_owed_is_answered_so(following: World) -> None:
    lesson(following, ACTION)
    [duty] = following.duties(ObligationKind.LOCAL_ACTION)

    def answer(key: str | int, words: str = "Done.") -> None:
        with following.act() as session:
            finish_action(session, NOVEMBER, key, COORDINATOR, words)

    with pytest.raises(ReasonNeeded):
        answer(duty.key, " ")
    with pytest.raises(NotALocalAction):
        answer("breach:1:assessment:council:1")
    with pytest.raises(NotThere):
        answer(999)
    with following.act() as session:
        waive(session, NOVEMBER, duty_keyed(session, duty.key), SECRETARY, "Superseded by new software.")
    with pytest.raises(ActionHasEnded, match="was waived"):
        answer(duty.key)
