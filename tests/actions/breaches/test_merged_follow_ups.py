"""One party followed the same breach up twice: where the two differ, nothing that somebody concluded is lost."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col

from actions.breaches.affecting import not_affected
from actions.breaches.closing import finish_follow_up, reopen_follow_up
from actions.breaches.concluding import conclude, decide_duty, set_regime
from actions.breaches.holding import place_hold, release_hold
from actions.breaches.learning import finish_action, learn
from actions.breaches.notifying import record_notice
from actions.breaches.people import LettersHeld, people_told
from actions.breaches.stating import state_facts
from actions.breaches.stepping import skip_step
from actions.membership import leave
from models.breach import (
    Awareness,
    Breach,
    BreachDuty,
    Conclusion,
    FollowUpEnd,
    LessonEffect,
    LetterHold,
    StepEnd,
    StepRecord,
)
from models.gap import GapOrigin
from models.history import History, Narrative
from models.obligation import ObligationKind
from models.outbox import Message
from rules.breach_duties import Capacity, DutyKind, Regime, Risk
from rules.breach_facts import FactName
from tests.actions.breach_world import COORDINATOR, FRIDAY, done_with, pending
from tests.actions.merger_world import (
    BY,
    DAYS_72,
    HOUR,
    LATER,
    aware,
    broken,
    concluded,
    did,
    duties,
    follow_up,
    merged,
    owed,
    report,
)
from tests.actions.world import SECRETARY, World, party

LONG_AFTER = FRIDAY + timedelta(days=30)


def two_reports(world: World, *slugs: str) -> None:
    report(world, FRIDAY, *slugs)
    report(world, FRIDAY, *slugs)


def act_as(world: World, number: int, capacity: Capacity, regime: Regime = Regime.UK_GDPR) -> None:
    did(world, lambda s: set_regime(s, FRIDAY, number, "council", regime, capacity, "dpo", "The contract says so."))


def bodies(world: World, kind: str) -> list[str]:
    return [row.text for row in world.every(Message, Message.kind == kind)]


# What was concluded.


def test_the_stricter_conclusion_stands_with_its_reasons_and_its_duties(world: World) -> None:
    two_reports(world)
    concluded(world, 1, "council", Risk.UNLIKELY)
    concluded(world, 2, "council", Risk.HIGH, "Children at risk.")
    assert owed(world, 1, "council", ObligationKind.NOTICE) == []
    assert merged(world, now=LATER + HOUR) == ["council: conclusion"]
    there = follow_up(world, 1, "council")
    first, second = world.every(Conclusion, Conclusion.follow_up_id == there.id)
    assert (first.risk, second.risk) == (Risk.UNLIKELY, Risk.HIGH), "a conclusion is added, never changed"
    assert world.only(Narrative, Narrative.id == second.why_id).text == "Children at risk."
    [notice] = owed(world, 1, "council", ObligationKind.NOTICE)
    assert notice.due_at == FRIDAY + DAYS_72
    [letters] = owed(world, 1, "council", ObligationKind.TELLING_PEOPLE)
    assert letters.due_at == LATER + 24 * HOUR, "asked for no later than there"
    answers = duties(world, 1, "council")
    assert (answers[DutyKind.REGULATOR].required, answers[DutyKind.PEOPLE].required) == (True, True)
    [told] = world.every(History, History.case == "breach:1", History.what == "stricter conclusion carried over")
    assert (told.details["party"], told.details["risk"], told.details["breach"]) == ("council", "high", 2)
    for case in ("breach:1", "breach:2"):
        [row] = world.every(History, History.case == case, col(History.what).in_(["merged from", "merge"]))
        assert row.details["differing"] == ["council: conclusion"]


def test_the_party_is_told_to_look_again_where_the_two_differ(small_world: World) -> None:
    two_reports(small_world)
    concluded(small_world, 1, "council", Risk.UNLIKELY)
    concluded(small_world, 2, "council", Risk.HIGH, "Children at risk.")
    merged(small_world)
    said = bodies(small_world, "breach_merged")
    assert said
    for text in said:
        words = " ".join(text.split())
        assert "what was concluded: the stricter of the two stands" in words
        assert "look again" in words.casefold()
        assert "Children" not in words


def test_where_nothing_differs_nobody_is_told_to_look_again(small_world: World) -> None:
    two_reports(small_world)
    merged(small_world)
    assert all("again" not in text.casefold() for text in bodies(small_world, "breach_merged"))


def test_a_stricter_conclusion_that_stands_there_stays(world: World) -> None:
    two_reports(world)
    concluded(world, 1, "council", Risk.HIGH)
    concluded(world, 2, "council", Risk.UNLIKELY)
    assert merged(world) == ["council: conclusion"]
    there = follow_up(world, 1, "council")
    assert world.only(Conclusion, Conclusion.follow_up_id == there.id).risk is Risk.HIGH
    assert len(owed(world, 1, "council", ObligationKind.TELLING_PEOPLE)) == 1


def test_what_had_ended_there_without_a_risk_goes_on_with_the_stricter_conclusion(world: World) -> None:
    two_reports(world, "council", "police")
    aware(world, 1, "council", FRIDAY)
    did(world, lambda s: done_with(s, 1, LATER, "council"))
    did(world, lambda s: finish_follow_up(s, LATER + HOUR, 1, "council", COORDINATOR))
    concluded(world, 2, "council", Risk.HIGH)
    assert merged(world, now=LATER + 2 * HOUR) == ["council: conclusion"]
    assert follow_up(world, 1, "council").ended_at is None
    kinds = (ObligationKind.ASSESSMENT, ObligationKind.NOTICE, ObligationKind.TELLING_PEOPLE)
    assert [len(owed(world, 1, "council", kind)) for kind in kinds] == [1, 1, 1]


def test_the_same_conclusion_in_both_is_no_difference(small_world: World) -> None:
    two_reports(small_world)
    for number in (1, 2):
        concluded(small_world, number, "council", Risk.LIKELY, f"As in {number}.")
    assert merged(small_world) == []
    there = follow_up(small_world, 1, "council")
    assert len(small_world.every(Conclusion, Conclusion.follow_up_id == there.id)) == 1


def test_what_somebody_decided_to_be_required_is_not_dropped_for_who_decided_otherwise(world: World) -> None:
    two_reports(world)
    for number in (1, 2):
        concluded(world, number, "council", Risk.HIGH)
    did(world, lambda s: decide_duty(s, LATER, 1, "council", DutyKind.PEOPLE, "dpo", "It was encrypted."))
    assert merged(world) == ["council: duties"]
    assert duties(world, 1, "council")[DutyKind.PEOPLE].required is True
    assert len(owed(world, 1, "council", ObligationKind.TELLING_PEOPLE)) == 1


def test_what_was_decided_of_one_duty_comes_with_the_conclusion_it_was_decided_under(small_world: World) -> None:
    two_reports(small_world)
    concluded(small_world, 1, "council", Risk.UNLIKELY)
    concluded(small_world, 2, "council", Risk.HIGH)
    did(small_world, lambda s: decide_duty(s, LATER, 2, "council", DutyKind.PEOPLE, "dpo", "It was encrypted."))
    assert merged(small_world) == ["council: conclusion"]
    answers = duties(small_world, 1, "council")
    assert (answers[DutyKind.REGULATOR].required, answers[DutyKind.PEOPLE].required) == (True, False)
    why = answers[DutyKind.PEOPLE].because_id
    assert small_world.only(Narrative, Narrative.id == why).text == "It was encrypted."


# The capacity and the Act.


def test_what_a_processor_need_not_do_is_not_decided_for_a_controller(world: World) -> None:
    two_reports(world)
    act_as(world, 2, Capacity.PROCESSOR)
    concluded(world, 2, "council", Risk.UNLIKELY)
    assert merged(world, now=LATER + HOUR) == ["council: capacity"]
    there = follow_up(world, 1, "council")
    answers = duties(world, 1, "council")
    assert there.capacity is Capacity.CONTROLLER
    assert (answers[DutyKind.REGULATOR].required, answers[DutyKind.PEOPLE].required) == (None, None)
    assert there.assessed_at is None, "whoever concluded as a processor has not answered for the controller"
    assert len(owed(world, 1, "council", ObligationKind.ASSESSMENT)) == 1
    [notice] = owed(world, 1, "council", ObligationKind.NOTICE)
    assert (notice.due_at, notice.what) == (FRIDAY + DAYS_72, None)


def test_a_stricter_conclusion_in_another_capacity_asks_what_the_capacity_there_asks(world: World) -> None:
    two_reports(world)
    act_as(world, 2, Capacity.PROCESSOR)
    concluded(world, 1, "council", Risk.UNLIKELY)
    concluded(world, 2, "council", Risk.HIGH)
    assert merged(world, now=LATER + HOUR) == ["council: capacity", "council: conclusion"]
    answers = duties(world, 1, "council")
    assert (answers[DutyKind.REGULATOR].required, answers[DutyKind.PEOPLE].required) == (True, True)
    [notice] = owed(world, 1, "council", ObligationKind.NOTICE)
    assert (notice.due_at, notice.what) == (FRIDAY + DAYS_72, None)


def test_what_a_controller_concluded_leaves_a_processor_with_its_own_duty(world: World) -> None:
    two_reports(world)
    act_as(world, 1, Capacity.PROCESSOR)
    concluded(world, 2, "council", Risk.HIGH)
    assert merged(world, now=LATER + HOUR) == ["council: capacity"]
    answers = duties(world, 1, "council")
    assert (answers[DutyKind.REGULATOR].required, answers[DutyKind.CONTROLLER].required) == (False, True)
    [notice] = owed(world, 1, "council", ObligationKind.NOTICE)
    assert "tell the controller" in (notice.what or "")


def test_a_conclusion_that_a_processor_needs_an_awareness_for_is_only_named(small_world: World) -> None:
    two_reports(small_world)
    act_as(small_world, 1, Capacity.PROCESSOR)
    for number, risk in ((1, Risk.NOT_PERSONAL), (2, Risk.UNLIKELY)):
        did(small_world, lambda s, n=number, r=risk: conclude(s, LATER, n, "council", r, "dpo", "So it is."))  # type: ignore[misc]
    assert merged(small_world) == ["council: capacity", "council: conclusion"]
    there = follow_up(small_world, 1, "council")
    assert small_world.only(Conclusion, Conclusion.follow_up_id == there.id).risk is Risk.NOT_PERSONAL


def test_under_another_act_the_reasons_cite_the_one_that_holds_there(small_world: World) -> None:
    two_reports(small_world)
    act_as(small_world, 2, Capacity.CONTROLLER, Regime.LAW_ENFORCEMENT)
    concluded(small_world, 2, "council", Risk.HIGH)
    assert merged(small_world) == ["council: regime"]
    answers = duties(small_world, 1, "council")
    for kind, law in ((DutyKind.REGULATOR, "art. 33"), (DutyKind.PEOPLE, "art. 34")):
        assert answers[kind].required is True
        assert law in str(small_world.only(Narrative, Narrative.id == answers[kind].because_id).text)


def test_a_notice_to_its_controller_is_no_notice_to_the_regulator(small_world: World) -> None:
    two_reports(small_world)
    act_as(small_world, 2, Capacity.PROCESSOR)
    aware(small_world, 2, "council", FRIDAY)
    did(small_world, lambda s: record_notice(s, LATER, 2, "council", LATER, "dpo"))
    merged(small_world, now=LATER + HOUR)
    [notice] = owed(small_world, 1, "council", ObligationKind.NOTICE)
    assert notice.due_at == FRIDAY + DAYS_72
    given = did(small_world, lambda s: record_notice(s, LATER + HOUR, 1, "council", LATER + HOUR, "dpo").number)
    assert given == 1, "it supplements nothing"


# Letters that are held.


def police_report(world: World) -> None:
    """The second report is the police's, too."""
    with world.act() as session:
        party(session, "police").kind = "police"
    report(world, FRIDAY, "council")
    report(world, FRIDAY, "council", "police")
    concluded(world, 1, "council", Risk.HIGH)


def test_the_hold_of_a_party_that_has_left_is_not_lost(world: World) -> None:
    police_report(world)
    did(world, lambda s: place_hold(s, FRIDAY, 2, "police", "police", "An operation."))
    did(world, lambda s: leave(s, LATER, party(s, "police"), SECRETARY, "Dissolved."))
    assert len(owed(world, 1, "council", ObligationKind.TELLING_PEOPLE)) == 1
    merged(world, now=LATER + HOUR)
    assert owed(world, 1, "council", ObligationKind.TELLING_PEOPLE) == [], "no letter goes out"
    [kept] = world.every(LetterHold, LetterHold.breach_id == 1)
    assert (kept.placed_at, kept.released_at) == (FRIDAY, None)
    assert follow_up(world, 1, "police").end is FollowUpEnd.LEFT, "nothing is asked of it"
    left = [matter.key for matter in world.matters() if ":left:" in matter.key]
    assert left == ["westshire:breach:1:left:police"], "somebody is asked how it goes on"
    did(world, lambda s: release_hold(s, LATER + 2 * HOUR, 1, "police", SECRETARY, "They say it is over."))
    assert len(owed(world, 1, "council", ObligationKind.TELLING_PEOPLE)) == 1
    assert broken(world, LATER + 2 * HOUR) == []


def test_a_hold_that_is_carried_began_when_it_was_placed(world: World) -> None:
    police_report(world)
    did(world, lambda s: place_hold(s, FRIDAY + HOUR, 2, "police", "police", "An operation."))
    merged(world, now=LATER + HOUR)
    [kept] = world.every(LetterHold, LetterHold.breach_id == 1)
    assert kept.placed_at == FRIDAY + HOUR
    with pytest.raises(LettersHeld), world.act() as session:
        people_told(session, LATER + HOUR, 1, "council", FRIDAY + 2 * HOUR, "dpo", "By letter.")
    did(world, lambda s: people_told(s, LATER + HOUR, 1, "council", FRIDAY + HOUR / 2, "dpo", "By letter."))
    assert broken(world, LATER + HOUR) == []


def test_people_told_before_anybody_there_knew_of_the_hold_were_told(world: World) -> None:
    police_report(world)
    did(world, lambda s: place_hold(s, FRIDAY + HOUR, 2, "police", "police", "An operation."))
    did(world, lambda s: people_told(s, LATER, 1, "council", FRIDAY + 2 * HOUR, "dpo", "By letter."))
    merged(world, now=LATER + HOUR)
    assert duties(world, 1, "council")[DutyKind.PEOPLE].done_at == FRIDAY + 2 * HOUR


def test_a_hold_that_was_released_still_says_when_nobody_was_to_be_told(small_world: World) -> None:
    police_report(small_world)
    did(small_world, lambda s: place_hold(s, FRIDAY, 2, "police", "police", "An operation."))
    did(small_world, lambda s: release_hold(s, FRIDAY + HOUR, 2, "police", "police", "It is over."))
    merged(small_world, now=LATER)
    [kept] = small_world.every(LetterHold, LetterHold.breach_id == 1)
    assert (kept.placed_at, kept.released_at) == (FRIDAY, FRIDAY + HOUR)
    with pytest.raises(LettersHeld), small_world.act() as session:
        people_told(session, LATER, 1, "council", FRIDAY + HOUR / 2, "dpo", "By letter.")


def test_verify_finds_who_told_people_while_a_carried_hold_stood(small_world: World) -> None:
    police_report(small_world)
    did(small_world, lambda s: place_hold(s, FRIDAY + HOUR, 2, "police", "police", "An operation."))
    merged(small_world, now=LATER + HOUR)
    did(small_world, lambda s: people_told(s, LATER + HOUR, 1, "council", FRIDAY, "dpo", "By letter."))
    number = duties(small_world, 1, "council")[DutyKind.PEOPLE].id
    assert broken(small_world, LATER + HOUR) == []
    with small_world.act() as session:
        session.get_one(BreachDuty, number).done_at = FRIDAY + 2 * HOUR
    assert set(broken(small_world, LATER + HOUR)) == {"breach:1: party 1 told people while letters were held"}


def test_verify_finds_a_hold_that_was_left_behind(small_world: World) -> None:
    police_report(small_world)
    did(small_world, lambda s: place_hold(s, FRIDAY, 2, "police", "police", "An operation."))
    merged(small_world)
    with small_world.act() as session:
        row = session.get_one(LetterHold, 1).model_dump(include={"breach_id", "follow_up_id", "why_id", "placed_by"})
        session.add(LetterHold.model_validate({**row, "placed_at": LATER}))
    assert set(broken(small_world, LATER)) == {"breach:2: was merged, and a hold on letters still stands in it"}


# Clocks, whatever has ended.


@pytest.mark.parametrize("ended", ["both", "there"])
def test_the_earlier_awareness_is_kept_whatever_has_ended(world: World, ended: str) -> None:
    two_reports(world, "council", "police")
    aware(world, 1, "council", FRIDAY + 2 * HOUR)
    aware(world, 2, "council", FRIDAY - HOUR)
    for number in (1, 2) if ended == "both" else (1,):
        did(world, lambda s, n=number: done_with(s, n, LATER, "council"))  # type: ignore[misc]
        did(world, lambda s, n=number: finish_follow_up(s, LATER, n, "council", COORDINATOR))  # type: ignore[misc]
    merged(world)
    there = follow_up(world, 1, "council")
    assert (there.ended_at is None) is (ended == "there")
    known = world.every(Awareness, Awareness.follow_up_id == there.id)
    assert [each.aware_at for each in known] == [FRIDAY + 2 * HOUR, FRIDAY - HOUR]
    if ended == "both":
        did(world, lambda s: reopen_follow_up(s, LONG_AFTER, 1, "council", BY, "A second letter."))
    did(world, lambda s: conclude(s, LONG_AFTER, 1, "council", Risk.LIKELY, "dpo", "A second letter."))
    [notice] = owed(world, 1, "council", ObligationKind.NOTICE)
    assert notice.due_at == FRIDAY - HOUR + DAYS_72, "no hour is gained"
    assert broken(world, LONG_AFTER) == []


def test_who_was_not_concerned_there_was_aware_all_the_same(small_world: World) -> None:
    two_reports(small_world, "council", "police")
    aware(small_world, 1, "police", FRIDAY + 2 * HOUR)
    aware(small_world, 2, "police", FRIDAY)
    did(small_world, lambda s: not_affected(s, LATER, 2, "police", "police", "Not ours."))
    merged(small_world)
    [notice] = owed(small_world, 1, "police", ObligationKind.NOTICE)
    assert notice.due_at == FRIDAY + DAYS_72


def test_a_notice_in_time_by_the_awareness_that_had_ended_says_why_it_is_late(small_world: World) -> None:
    two_reports(small_world, "council", "police")
    aware(small_world, 1, "council", FRIDAY)
    did(small_world, lambda s: record_notice(s, LATER, 1, "council", LATER, "dpo"))
    did(small_world, lambda s: done_with(s, 1, LATER, "council", risk=Risk.LIKELY))
    did(small_world, lambda s: finish_follow_up(s, LATER, 1, "council", COORDINATOR, "By telephone."))
    aware(small_world, 2, "council", FRIDAY - 100 * HOUR)
    did(small_world, lambda s: conclude(s, LATER, 2, "council", Risk.UNLIKELY, "dpo", "Nothing came of it."))
    did(small_world, lambda s: not_affected(s, LATER, 2, "council", "council", "Not ours."))
    merged(small_world)
    assert duties(small_world, 1, "council")[DutyKind.REGULATOR].late_because_id is not None


# What was learnt, and what was left out.


def test_what_was_learnt_counts_where_the_case_goes_on(world: World) -> None:
    two_reports(world)
    did(world, lambda s: learn(
        s, LATER, 2, "council", "wrong recipient", "Two lists.", LessonEffect.ACTION, "dpo", remedy="One list.",
    ))  # fmt: skip
    did(world, lambda s: learn(s, LATER, 2, "council", "wording", "The clause is unclear.", LessonEffect.GAP, "dpo"))
    merged(world)
    with world.act() as session:
        done_without_lesson(session, 1)
        finish_follow_up(session, LATER, 1, "council", COORDINATOR)
    [action] = world.duties(ObligationKind.LOCAL_ACTION)
    assert action.outcome is None, "what was agreed stays owed"
    did(world, lambda s: finish_action(s, LONG_AFTER, action.key, "council", "It is in place."))
    assert {each.case for each in world.every(GapOrigin)} == {"breach:1", "breach:2"}
    assert broken(world, LONG_AFTER) == []


def done_without_lesson(session: Session, number: int) -> None:
    stated = {FactName.CONSEQUENCES: "Distress.", FactName.DONE: "Fetched.", FactName.PEOPLE: 2}
    state_facts(session, LATER, number, stated, COORDINATOR)
    conclude(session, LATER, number, "council", Risk.UNLIKELY, COORDINATOR, "Handed back.")
    breach = session.get_one(Breach, number)
    while waiting := pending(session, breach, "council"):
        skip_step(session, LATER, number, "council", waiting[0], COORDINATOR, "Nothing is left.")


def test_a_step_that_was_skipped_is_not_asked_again(world: World) -> None:
    two_reports(world)
    did(world, lambda s: skip_step(s, LATER, 2, "council", "tell-dpo", "council", "She was in the room."))
    merged(world)
    [record] = world.every(StepRecord, StepRecord.follow_up_id == follow_up(world, 1, "council").id)
    assert (record.step, record.end) == ("tell-dpo", StepEnd.SKIPPED)
    assert "tell-dpo" not in {duty.subject for duty in owed(world, 1, "council", ObligationKind.STEP)}
