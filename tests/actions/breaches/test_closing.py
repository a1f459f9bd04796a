"""A follow-up ends when nothing is left to do; a breach when all have; either early, with why; and goes on again."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from actions.breaches.affecting import end_follow_up, not_affected
from actions.breaches.awareness import record_awareness
from actions.breaches.closing import (
    FollowUpsGoOn,
    NotAnEarlyEnd,
    WasABreach,
    close,
    end_early,
    finish_follow_up,
    reopen,
    reopen_follow_up,
)
from actions.breaches.concluding import conclude, decide_duty
from actions.breaches.duties import DutyView, duties_view
from actions.breaches.early_ends import ConcernsIt, ConcludedOtherwise, HasTold, NobodyFollowedUp
from actions.breaches.finishing import StillToDo, still_to_do
from actions.breaches.holding import place_hold, release_hold
from actions.breaches.merging import merge
from actions.breaches.moving import BreachHasEnded, FollowUpHasEnded, follow_up_at
from actions.breaches.notifying import record_notice
from actions.breaches.people import people_told
from actions.breaches.reopening import HasLeftTheProtocol, WasMerged
from actions.breaches.settling import settle
from actions.breaches.stating import state_facts
from actions.membership import leave
from actions.reasons import ReasonNeeded
from models.breach import Breach, BreachDuty, BreachOutcome, FollowUp, FollowUpEnd, StepRecord
from models.history import History
from models.obligation import Obligation, ObligationKind, Outcome
from rules.breach import Stage, StepNotAllowed
from rules.breach_duties import DutyKind, Risk
from rules.breach_facts import FactName
from tests.actions.breach_world import (
    COORDINATOR,
    DUE,
    FRIDAY,
    begun,
    closed,
    done_with,
    duty_keyed,
    follow_procedure,
    procedure,
    reported,
    sweep_breaches,
)
from tests.actions.databases import SLOW_ON_POSTGRES, on_both, store_of
from tests.actions.world import SECRETARY, World, party, played_once

HOUR = timedelta(hours=1)
LATER, MUCH_LATER = FRIDAY + HOUR, FRIDAY + timedelta(days=30)
NEAR_MISS, NOT_A_BREACH = BreachOutcome.NEAR_MISS, BreachOutcome.NOT_A_BREACH


# Most of it on SQLite: the slow run has PostgreSQL.
@pytest.fixture(params=SLOW_ON_POSTGRES)
def empty_store(request: pytest.FixtureRequest) -> sa.Engine:
    return store_of(request)


@pytest.fixture
def following(world: World) -> World:
    return follow(world)


@played_once
def follow(world: World) -> None:
    """The council, and the police under their own Act."""
    with world.act() as session:
        party(session, "police").kind = "police"
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police")))
        begun(session, FRIDAY, "council", "police")


def do(world: World, action: Any, *about: Any, now: Any = LATER, **how: Any) -> None:
    with world.act() as session:
        action(session, now, 1, *about, **how)


def aware(world: World, slug: str = "council") -> None:
    do(world, record_awareness, slug, FRIDAY, "DPO", COORDINATOR, "Read.")


def the(world: World, slug: str) -> FollowUp:
    with world.read() as session:
        return follow_up_at(session, session.get_one(Breach, 1), slug)[0].model_copy()


def open_duties(world: World, slug: str) -> set[str]:
    """By the keys' middle: `step:contain`, `notice`."""
    owing = [row.key.split(":") for row in world.every(Obligation) if row.outcome is None]
    return {":".join([parts[2], *parts[4:-1]]) for parts in owing if parts[3] == slug}


def test_whoever_is_not_done_is_told_everything_that_is_left(following: World) -> None:
    do(following, place_hold, "police", COORDINATOR, "The inquiry goes on.")
    with pytest.raises(StillToDo) as refused:
        do(following, finish_follow_up, "police", COORDINATOR)
    said = str(refused.value)
    assert len(refused.value.todo) == 7
    for words in (
        "conclude how likely a risk to people is", "“contain”, “tell-dpo”, “investigate” and “many”",
        "the duty “regulator”", "the duty “people”", "“consequences” and “measures” (UK GDPR art. 33(5)",
        "release your hold", "record what was learnt",
    ):  # fmt: skip
        assert words in said
    assert "what happened" not in said, "that has been stated"
    do(following, done_for("council"))
    with pytest.raises(StillToDo) as refused:
        do(following, finish_follow_up, "police", COORDINATOR)
    assert "UK GDPR art. 33(5)" not in str(refused.value)


def done_for(*slugs: str, risk: Risk = Risk.UNLIKELY) -> Any:
    return lambda session, now, number: done_with(session, number, now, *slugs, risk=risk)


def test_each_thing_done_is_one_less_and_then_it_ends(following: World) -> None:
    do(following, done_for("council"))
    with following.read() as session:
        breach = session.get_one(Breach, 1)
        assert still_to_do(session, breach, *follow_up_at(session, breach, "council")) == []
    for _ in range(2):
        do(following, finish_follow_up, "council", COORDINATOR)
    ended = the(following, "council")
    assert (ended.end, ended.ended_at) == (FollowUpEnd.COMPLETE, LATER)
    assert open_duties(following, "council") == set()
    learning = following.only(Obligation, Obligation.kind == ObligationKind.LEARNING)
    assert (learning.outcome, learning.discharged_by) == (Outcome.ANSWERED, COORDINATOR)
    assert following.moves("breach:1").count("follow-up ended") == 1
    assert following.broken(LATER) == []


def test_a_hold_of_its_own_keeps_a_follow_up_open_and_another_s_does_not(following: World) -> None:
    do(following, place_hold, "police", COORDINATOR, "The inquiry goes on.")
    do(following, done_for("council", "police"))
    do(following, finish_follow_up, "council", COORDINATOR)
    with pytest.raises(StillToDo, match=r"Still to do: release your hold on letters \([^;]*\)\.$"):
        do(following, finish_follow_up, "police", COORDINATOR)
    do(following, release_hold, "police", COORDINATOR, "The inquiry has ended.")
    do(following, finish_follow_up, "police", COORDINATOR)
    assert following.broken(LATER) == []


@on_both
def test_it_closes_when_all_have_finished_and_not_before(following: World) -> None:
    do(following, done_for("council", "police"))
    assert following.only(Breach).stage is Stage.LEARNING
    do(following, finish_follow_up, "council", COORDINATOR)
    with pytest.raises(FollowUpsGoOn, match="is followed up by Westshire Police: it closes when each has finished"):
        do(following, close, SECRETARY)
    do(following, finish_follow_up, "police", COORDINATOR)
    for _ in range(2):
        do(following, close, SECRETARY)
    row = following.only(Breach)
    assert (row.stage, row.outcome, row.ended_at) == (Stage.CLOSED, BreachOutcome.FOLLOWED_UP, LATER)
    assert following.moves("breach:1").count("close") == 1
    assert not [duty for duty in following.every(Obligation) if duty.outcome is None]
    assert following.broken(LATER) == []


def test_a_breach_that_nobody_follows_up_is_not_closed_as_followed_up(small_world: World) -> None:
    with small_world.act() as session:
        follow_procedure(session, FRIDAY, procedure())
        begun(session, FRIDAY, PARTIES="unknown")
    with pytest.raises(StepNotAllowed, match="Cannot close: the breach is being assessed"):
        do(small_world, close, SECRETARY)
    do(small_world, end_early, NOT_A_BREACH, SECRETARY, "A drill.")
    with pytest.raises(BreachHasEnded):
        do(small_world, close, SECRETARY)


@on_both
@pytest.mark.parametrize("outcome", [NEAR_MISS, NOT_A_BREACH])
def test_no_breach_after_all_is_an_outcome_with_its_reason(world: World, outcome: BreachOutcome) -> None:
    follow(world)
    aware(world)
    for _ in range(2):
        do(world, end_early, outcome, SECRETARY, "It was encrypted.")
    row = world.only(Breach)
    assert (row.stage, row.outcome, row.ended_at) == (Stage.CLOSED, outcome, LATER)
    assert {each.end for each in world.every(FollowUp)} == {FollowUpEnd.NOT_A_BREACH}
    assert {each.required for each in world.every(BreachDuty)} == {False}
    assert {duty.outcome for duty in world.every(Obligation)} == {Outcome.SUPERSEDED}
    move = world.only(History, History.what == "end early")
    assert (move.moved_from, move.moved_to, move.details["outcome"]) == ("assessing", "closed", outcome.value)
    assert move.why_id is not None
    assert world.broken(LATER) == []


def test_a_report_is_no_breach_before_anybody_has_followed_it_up(world: World) -> None:
    with world.act() as session:
        reported(session, FRIDAY, "council")
    do(world, end_early, NOT_A_BREACH, SECRETARY, "Sent twice by mistake.")
    sweep_breaches(world, LATER)
    assert (world.only(Breach).stage, world.every(FollowUp)) == (Stage.CLOSED, [])
    assert world.broken(LATER) == []


def test_what_the_regulator_or_people_were_told_of_was_a_breach(world: World) -> None:
    follow(world)
    aware(world)
    do(world, conclude, "council", Risk.HIGH, COORDINATOR, "A family at risk.")
    do(world, people_told, "council", LATER, COORDINATOR, "By letter.")
    do(world, record_notice, "council", LATER, COORDINATOR)
    with pytest.raises(WasABreach, match="notified by Westshire Council and the people concerned have been"):
        do(world, end_early, NEAR_MISS, SECRETARY, "It was encrypted.")
    with pytest.raises(NotAnEarlyEnd, match="near miss and not a breach, not as “merged”"):
        do(world, end_early, BreachOutcome.MERGED, SECRETARY, "No.")
    with pytest.raises(ReasonNeeded):
        do(world, end_early, NEAR_MISS, SECRETARY, " ")


@on_both
def test_reopened_nothing_begins_anew(world: World) -> None:
    follow(world)
    aware(world)
    do(world, end_early, NOT_A_BREACH, SECRETARY, "It was encrypted.")
    do(world, reopen, SECRETARY, "The key was lost, too.", now=MUCH_LATER)
    before = world.rows()
    do(world, reopen, SECRETARY, "The key was lost, too.", now=MUCH_LATER)
    assert world.rows() == before
    row = world.only(Breach)
    assert (row.stage, row.outcome, row.ended_at) == (Stage.ASSESSING, None, None)
    council = the(world, "council")
    assert (council.end, council.ended_at, council.assessed_at, council.reopened) == (None, None, None, 1)
    assert open_duties(world, "council") == {"assessment", "notice", "step:contain", "step:tell-dpo"}
    [notice] = [duty for duty in world.duties(ObligationKind.NOTICE) if duty.outcome is None]
    assert notice.due_at == DUE, "72 hours from becoming aware, a month ago"
    undecided = {duty.required for duty in world.every(BreachDuty) if duty.kind is not DutyKind.PARTNERS}
    assert undecided == {None}
    assert world.broken(MUCH_LATER) == []
    do(world, done_for("council", "police"), now=MUCH_LATER)
    assert world.only(Breach).stage is Stage.LEARNING


def test_reopened_after_everything_was_done_what_was_done_stays_done(world: World) -> None:
    follow(world)
    aware(world)
    do(world, done_for("council", risk=Risk.LIKELY))
    do(world, record_notice, "council", LATER, COORDINATOR)
    do(world, done_for("police"))
    for slug in ("council", "police"):
        do(world, finish_follow_up, slug, COORDINATOR)
    do(world, close, SECRETARY)
    steps = [(row.follow_up_id, row.step) for row in world.every(StepRecord)]
    do(world, reopen, SECRETARY, "A third family.", now=MUCH_LATER)
    assert [(row.follow_up_id, row.step) for row in world.every(StepRecord)] == steps
    assert open_duties(world, "council") == {"assessment"}
    duty = world.only(BreachDuty, BreachDuty.kind == DutyKind.REGULATOR, BreachDuty.follow_up_id == 1)
    assert (duty.done_at, duty.required) == (LATER, True)
    do(world, conclude, "council", Risk.LIKELY, COORDINATOR, "As before.", now=MUCH_LATER)
    do(world, conclude, "police", Risk.UNLIKELY, COORDINATOR, "As before.", now=MUCH_LATER)
    assert world.only(Breach).stage is Stage.LEARNING
    assert open_duties(world, "council") == {"learning"}, "somebody has the next step"
    for slug in ("council", "police"):
        do(world, finish_follow_up, slug, COORDINATOR, now=MUCH_LATER)
    do(world, close, SECRETARY, now=MUCH_LATER)
    assert world.broken(MUCH_LATER) == []


def test_reopening_leaves_out_whom_it_did_not_concern_and_who_has_left(world: World) -> None:
    follow(world)
    do(world, not_affected, "police", COORDINATOR, "Not their letter.")
    do(world, lambda session, now, number: closed(session, number, now, "council"))
    do(world, reopen, SECRETARY, "Another look.")
    assert (the(world, "council").end, the(world, "police").end) == (None, FollowUpEnd.NOT_AFFECTED)
    do(world, reopen_follow_up, "police", SECRETARY, "Theirs, too.")
    assert the(world, "police").end is None
    assert "assessment" in open_duties(world, "police")
    with world.act() as session:
        leave(session, LATER, party(session, "police"), SECRETARY, "Merged.")
    with pytest.raises(HasLeftTheProtocol, match="Westshire Police is not a party any more"):
        do(world, reopen_follow_up, "police", SECRETARY, "Once more.")
    assert world.broken(LATER) == []


@on_both
def test_one_follow_up_reopened_reopens_a_closed_breach_for_it_alone(world: World) -> None:
    follow(world)
    do(world, lambda session, now, number: closed(session, number, now, "council", "police"))
    for _ in range(2):
        do(world, reopen_follow_up, "police", SECRETARY, "A second letter.")
    assert world.only(Breach).stage is Stage.ASSESSING
    assert (the(world, "council").end, the(world, "police").end) == (FollowUpEnd.COMPLETE, None)
    assert the(world, "police").reopened == 1
    with pytest.raises(FollowUpHasEnded):
        do(world, conclude, "council", Risk.UNLIKELY, COORDINATOR, "As before.")
    assert world.broken(LATER) == []


def test_what_was_merged_goes_on_in_the_other(world: World) -> None:
    follow(world)
    with world.act() as session:
        begun(session, FRIDAY, "council")
        merge(session, LATER, 1, 2, SECRETARY, "The same letter.")
    with pytest.raises(WasMerged, match="was merged into breach 2"):
        do(world, reopen, SECRETARY, "No.")
    with pytest.raises(WasMerged):
        do(world, reopen_follow_up, "council", SECRETARY, "No.")


def test_a_hold_outlasts_an_early_end_and_is_looked_at_again_when_the_breach_goes_on(world: World) -> None:
    follow(world)
    do(world, place_hold, "police", COORDINATOR, "The inquiry goes on.")
    do(world, end_early, NOT_A_BREACH, SECRETARY, "It was encrypted.")
    assert open_duties(world, "police") == set()
    do(world, reopen, SECRETARY, "Not so.")
    assert "hold" in open_duties(world, "police")
    assert world.broken(LATER) == []


def test_the_protocols_clock_between_partners_goes_on_as_it_was(sqlite_store: Any) -> None:
    world = follow(World(sqlite_store, breaches={"partner_notification": "PT24H"}))
    [before] = [d for d in world.duties(ObligationKind.TELLING_PARTNERS) if ":council:" in d.key]
    do(world, end_early, NOT_A_BREACH, SECRETARY, "It was encrypted.")
    do(world, reopen, SECRETARY, "Not so.", now=MUCH_LATER)
    with world.read() as session:
        again = duty_keyed(session, before.key.replace(":1", ":2").replace("breach:2", "breach:1"))
        assert (again.due_at, again.outcome) == (before.due_at, None)
    assert world.broken(MUCH_LATER) == []


@pytest.mark.parametrize("risk", [Risk.LIKELY, Risk.HIGH])
def test_what_somebody_concluded_is_not_set_aside_by_one_reason(world: World, risk: Risk) -> None:
    follow(world)
    aware(world)
    do(world, conclude, "council", risk, COORDINATOR, "A family at risk.")
    before = world.rows()
    with pytest.raises(ConcludedOtherwise, match=r"concordat breach conclude 1 PARTY") as refused:
        do(world, end_early, NEAR_MISS, SECRETARY, "It was encrypted.")
    assert f"Westshire Council concludes that the risk to people is {risk}" in str(refused.value)
    assert "Westshire Council still has to notify the regulator" in str(refused.value)
    assert ("still has to tell the people concerned" in str(refused.value)) is (risk is Risk.HIGH)
    assert world.rows() == before
    do(world, conclude, "council", Risk.UNLIKELY, COORDINATOR, "It was encrypted.")
    do(world, end_early, NEAR_MISS, SECRETARY, "It was encrypted.")
    assert world.broken(LATER) == []


def test_a_notice_that_is_overdue_is_answered_before_it_was_no_breach(small_world: World) -> None:
    follow(small_world)
    aware(small_world)
    with pytest.raises(ConcludedOtherwise, match="still has to notify the regulator, or to conclude that it need not"):
        do(small_world, end_early, NOT_A_BREACH, SECRETARY, "A drill.", now=DUE + HOUR)
    do(small_world, conclude, "council", Risk.NOT_PERSONAL, COORDINATOR, "A drill.", now=DUE + HOUR)
    do(small_world, end_early, NOT_A_BREACH, SECRETARY, "A drill.", now=DUE + HOUR)


def test_a_letter_that_a_person_asked_for_is_owed_whatever_was_concluded(small_world: World) -> None:
    follow(small_world)
    aware(small_world)
    do(small_world, conclude, "council", Risk.UNLIKELY, COORDINATOR, "Handed back.")
    do(small_world, decide_duty, "council", DutyKind.PEOPLE, COORDINATOR, "They asked.", True)
    with pytest.raises(ConcludedOtherwise, match="Westshire Council still has to tell the people concerned"):
        do(small_world, end_early, NEAR_MISS, SECRETARY, "Handed back.")


def test_what_nobody_followed_up_is_not_closed_as_followed_up(world: World) -> None:
    follow(world)
    for slug in ("council", "police"):
        do(world, not_affected, slug, COORDINATOR, "Not their letter.")
    with pytest.raises(NobodyFollowedUp, match="concordat breach end 1 not-a-breach"):
        do(world, close, SECRETARY)
    do(world, end_early, NOT_A_BREACH, SECRETARY, "Nobody's letter.")
    assert world.only(Breach).outcome is NOT_A_BREACH


def test_what_was_told_before_the_only_party_was_not_affected_can_still_be_closed(small_world: World) -> None:
    """As earlier code recorded it."""
    follow(small_world)
    aware(small_world)
    do(small_world, record_notice, "council", LATER, COORDINATOR)
    do(small_world, not_affected, "police", COORDINATOR, "Not their letter.")
    with small_world.act() as session:
        breach = session.get_one(Breach, 1)
        council = follow_up_at(session, breach, "council")[0]
        end_follow_up(session, LATER, breach, council, FollowUpEnd.NOT_AFFECTED, COORDINATOR, "Not their letter.")
        settle(session, LATER, breach)
    do(small_world, close, SECRETARY)
    assert small_world.only(Breach).stage is Stage.CLOSED


@pytest.mark.parametrize("risk", [Risk.LIKELY, Risk.HIGH])
def test_a_party_does_not_set_aside_by_one_reason_what_it_concluded(world: World, risk: Risk) -> None:
    follow(world)
    aware(world)
    do(world, conclude, "council", risk, COORDINATOR, "A family at risk.")
    before = world.rows()
    with pytest.raises(ConcernsIt, match=r"concordat breach conclude 1 council") as refused:
        do(world, not_affected, "council", COORDINATOR, "Not their letter.")
    assert f"Westshire Council concludes that the risk to people is {risk}" in str(refused.value)
    assert world.rows() == before
    do(world, conclude, "council", Risk.UNLIKELY, COORDINATOR, "It was encrypted.")
    do(world, not_affected, "council", COORDINATOR, "Not their letter.")
    assert world.broken(LATER) == []


def test_a_notice_that_is_overdue_is_answered_before_the_breach_does_not_concern_the_party(small_world: World) -> None:
    follow(small_world)
    aware(small_world)
    with pytest.raises(ConcernsIt, match="still has to notify the regulator, or to conclude that it need not"):
        do(small_world, not_affected, "council", COORDINATOR, "Not their letter.", now=DUE + HOUR)
    do(small_world, conclude, "council", Risk.NOT_PERSONAL, COORDINATOR, "A drill.", now=DUE + HOUR)
    do(small_world, not_affected, "council", COORDINATOR, "Not their letter.", now=DUE + HOUR)
    do(small_world, end_early, NOT_A_BREACH, SECRETARY, "A drill.", now=MUCH_LATER)


def test_whoever_has_told_the_regulator_finishes(small_world: World) -> None:
    follow(small_world)
    aware(small_world)
    do(small_world, record_notice, "council", LATER, COORDINATOR)
    with pytest.raises(HasTold, match=r"the regulator has been notified by Westshire Council.*breach finish 1 council"):
        do(small_world, not_affected, "council", COORDINATOR, "Not their letter.")


def test_what_a_party_concluded_that_has_left_is_not_set_aside(small_world: World) -> None:
    follow(small_world)
    aware(small_world, "police")
    do(small_world, conclude, "police", Risk.HIGH, COORDINATOR, "A family at risk.")
    with small_world.act() as session:
        leave(session, LATER, party(session, "police"), SECRETARY, "Merged.")
    with pytest.raises(ConcludedOtherwise, match=r"Westshire Police still has to tell the people.*breach close 1"):
        do(small_world, end_early, NOT_A_BREACH, SECRETARY, "None.")
    do(small_world, not_affected, "council", COORDINATOR, "Not their letter.")
    do(small_world, close, SECRETARY)
    assert small_world.only(Breach).outcome is BreachOutcome.FOLLOWED_UP
    assert small_world.broken(LATER) == []


def test_what_nobody_had_decided_when_a_party_was_not_affected_stands_against_nothing(small_world: World) -> None:
    follow(small_world)
    aware(small_world)
    do(small_world, not_affected, "council", COORDINATOR, "Not their letter.")
    do(small_world, end_early, NOT_A_BREACH, SECRETARY, "Nobody's letter.", now=MUCH_LATER)


def test_what_a_party_left_undone_that_is_not_concerned_is_late_for_nobody(small_world: World) -> None:
    follow(small_world)
    aware(small_world)
    aware(small_world, "police")
    do(small_world, not_affected, "council", COORDINATOR, "Not their letter.")
    council, police = (views(small_world, slug) for slug in ("council", "police"))
    assert (council.required, council.because, council.late, council.left) == (False, "Not their letter.", False, "")
    assert (police.required, police.late) == (None, True)
    do(small_world, reopen_follow_up, "council", SECRETARY, "Theirs, too.", now=MUCH_LATER)
    assert views(small_world, "council").left.startswith("overdue"), "nothing was answered by it"
    with small_world.act() as session:
        leave(session, MUCH_LATER, party(session, "police"), SECRETARY, "Merged.")
    assert views(small_world, "police").late, "by law its own still"


def views(world: World, slug: str) -> DutyView:
    """The notice to the regulator, a month on."""
    with world.read() as session:
        breach = session.get_one(Breach, 1)
        found = duties_view(session, breach, follow_up_at(session, breach, slug)[0], MUCH_LATER)
    return next(view for view in found if view.kind is DutyKind.REGULATOR)


def test_partners_that_were_to_be_told_are_to_be_told_again_when_it_goes_on(world: World) -> None:
    """The protocol sets no clock here: a person had decided it."""
    follow(world)
    do(world, decide_duty, "council", DutyKind.PARTNERS, COORDINATOR, "The trust has their file.", True)
    do(world, end_early, NOT_A_BREACH, SECRETARY, "It was encrypted.")
    do(world, reopen, SECRETARY, "Not so.", now=MUCH_LATER)
    partners = world.every(BreachDuty, BreachDuty.kind == DutyKind.PARTNERS)
    assert {each.follow_up_id: each.required for each in partners} == {1: True, 2: False}, "each as it stood"
    aware(world)
    do(world, conclude, "council", Risk.UNLIKELY, COORDINATOR, "Handed back.", now=MUCH_LATER)
    assert "telling partners" in open_duties(world, "council")
    assert world.broken(MUCH_LATER) == []


def test_what_the_clock_decided_when_it_ended_at_once_stays_decided(small_world: World) -> None:
    follow(small_world)
    do(small_world, end_early, NOT_A_BREACH, SECRETARY, "A drill.", now=FRIDAY)
    do(small_world, reopen, SECRETARY, "Not so.", now=FRIDAY)
    partners = small_world.every(BreachDuty, BreachDuty.kind == DutyKind.PARTNERS)
    assert {each.required for each in partners} == {False}
    assert small_world.broken(FRIDAY) == []


def test_what_became_known_after_the_notice_is_given_or_it_is_said_why_not(following: World) -> None:
    world = following
    aware(world)
    do(world, record_notice, "council", LATER, COORDINATOR)
    with world.act() as session:
        done_with(session, 1, LATER, "council", risk=Risk.LIKELY)  # how many people is known now
    sentence = r"a supplement to the notice, which differs in .*people"
    with world.act() as session, pytest.raises(StillToDo, match=sentence):
        finish_follow_up(session, LATER, 1, "council", COORDINATOR)
    with world.act() as session, pytest.raises(ReasonNeeded):
        finish_follow_up(session, LATER, 1, "council", COORDINATOR, " ")
    with world.act() as session:
        finish_follow_up(session, LATER, 1, "council", COORDINATOR, "The Commissioner has closed the case.")
    [row] = world.every(History, History.what == "no supplement")
    assert "people" in row.details["differing"]


def test_when_the_last_follow_up_ends_the_secretary_is_asked_to_close(following: World) -> None:
    with following.act() as session:
        done_with(session, 1, LATER, "council", "police")
    do(following, finish_follow_up, "council", COORDINATOR)
    assert following.matters() == []
    for _ in range(2):
        do(following, finish_follow_up, "police", COORDINATOR)
    [matter] = following.matters()
    assert matter.sentence == "Breach 1 can be closed: no party follows it up any more."
    assert "concordat breach close 1" in matter.todo
    do(following, reopen_follow_up, "police", COORDINATOR, "Another letter.")
    assert following.matters() == []
    with following.act() as session:
        done_with(session, 1, LATER, "police")
    do(following, not_affected, "police", COORDINATOR, "It was the council's alone.")
    [matter] = following.matters()
    assert "can be closed" in matter.sentence
    do(following, close, SECRETARY)
    assert following.matters() == []
    assert following.broken(LATER) == []


def test_what_no_party_was_left_for_is_answered_by_the_one_that_goes_on_with_it(following: World) -> None:
    for slug in ("council", "police"):
        do(following, not_affected, slug, COORDINATOR, "Not ours.")
    [matter] = following.matters()
    assert "No party is left" in matter.sentence
    do(following, reopen_follow_up, "council", COORDINATOR, "It was ours.")
    assert following.matters() == []
    do(following, not_affected, "council", COORDINATOR, "Not ours.")
    assert len(following.matters()) == 1
    do(following, state_facts, {FactName.PARTIES: ["fire"]}, COORDINATOR, "It was the fire service's.")
    assert following.matters() == []


def test_a_breach_that_is_merged_into_one_that_could_be_closed_goes_on_in_it(following: World) -> None:
    with following.act() as session:
        done_with(session, 1, LATER, "council", "police")
        for slug in ("council", "police"):
            finish_follow_up(session, LATER, 1, slug, COORDINATOR)
        begun(session, LATER, "council")
        merge(session, LATER, 2, 1, SECRETARY, "One letter, reported twice.")
    assert following.matters() == []
    assert following.broken(LATER) == []
