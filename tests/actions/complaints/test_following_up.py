"""Something follows from every finding: a local action, a breach, a gap; or that nothing changes, because."""

from datetime import date, timedelta
from typing import Any

import pytest

from actions.breaches.learning import ActionHasEnded, HasPassed, NotALocalAction
from actions.complaints.closing import close, end_early, look_again
from actions.complaints.determining import correct, determine
from actions.complaints.following_up import (
    HasItsBreach,
    PutsNothingInPlace,
    act_locally,
    change_nothing,
    finish_action,
    open_breach,
    open_gap,
)
from actions.complaints.moving import ComplaintIsClosed
from actions.complaints.second_reading import NotStanding, second_read
from actions.complaints.standing import standing_of
from actions.complaints.telling_complainant import tell_outcome
from actions.complaints.what_may_follow import NothingFollowsYet, NothingWasToChange, SomethingChanges, StillOpen
from actions.gaps.keeping import GapIsClosed
from actions.gaps.living import close_gap
from actions.membership import leave
from actions.owing import extend, waive
from actions.reasons import ReasonNeeded
from actions.threads.tracing import trace
from models.breach import Breach, BreachFact, FollowUp
from models.complaint import Complaint, ComplaintEffect, ComplaintOutcome
from models.gap import Gap, GapOrigin
from models.obligation import Obligation, ObligationKind
from models.protocol import MatterKind
from rules.breach import Stage as BreachStage
from rules.breach_facts import FactName
from rules.complaint import ComplaintKind, Stage
from tests.actions.breach_world import sweep_breaches
from tests.actions.complaint_world import (
    HANDLER,
    NOT_COVERED,
    UNKNOWN,
    WEDNESDAY,
    N,
    Y,
    acknowledged,
    complaint,
    determined,
    done,
    found,
    given,
    owed_in,
    refused,
)
from tests.actions.world import SECRETARY, World, duty_of, party, protocol

DAY = timedelta(days=1)
TRAIN = "Train everybody at the front desk."
THREE_MONTHS = date(2027, 2, 25)
ACTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "local action": (act_locally, (TRAIN, HANDLER)),
    "breach": (open_breach, ("An address went to the wrong person.", HANDLER)),
    "gap": (open_gap, ("Nobody says how an address is checked.", HANDLER)),
    "no change": (change_nothing, (HANDLER, "It was one slip.")),
}
CHANGES = [effect for effect in ACTIONS if effect != "no change"]
every_effect = pytest.mark.parametrize("effect", ACTIONS)


def wanting(world: World) -> list[list[str]]:
    """Of each finding that stands: what has still to follow, one of each set."""
    with world.read() as session:
        standing = standing_of(session, session.get_one(Complaint, 1))
        return [[" or ".join(sorted(each)) for each in one.wanting] for one in standing]


def follow(world: World, effect: str, finding: int = 1) -> ComplaintEffect:
    action, about = ACTIONS[effect]
    row: ComplaintEffect = done(world, action, finding, *about)
    return row


@every_effect
def test_each_effect_is_recorded_once(world: World, effect: str) -> None:
    determined(world, given(clear=N))
    first = follow(world, effect)
    before = world.rows()
    assert follow(world, effect).id == first.id
    assert world.rows() == before
    assert world.moves("complaint:1").count(f"followed by: {effect}") == 1
    assert world.broken(WEDNESDAY) == []


@every_effect
def test_nothing_follows_from_what_is_undetermined(small_world: World, effect: str) -> None:
    determined(small_world, given(followed=UNKNOWN))
    action, about = ACTIONS[effect]
    caught = refused(small_world, action, 1, *about)
    assert isinstance(caught, NothingFollowsYet)
    assert "concordat complaint correct finding:1" in str(caught)


@every_effect
def test_nothing_new_follows_from_what_was_corrected(small_world: World, effect: str) -> None:
    determined(small_world)
    follow(small_world, "local action")
    done(small_world, correct, 1, given(clear=N), HANDLER, "It is not clear.")
    if effect == "local action":
        before = small_world.rows()
        follow(small_world, effect)
        assert small_world.rows() == before, "said again"
    else:
        action, about = ACTIONS[effect]
        assert isinstance(refused(small_world, action, 1, *about), NotStanding)


@every_effect
def test_an_effect_without_words_is_refused(small_world: World, effect: str) -> None:
    determined(small_world, given(clear=N))
    about = {"no change": (HANDLER, " ")}.get(effect, (" ", HANDLER))
    assert isinstance(refused(small_world, ACTIONS[effect][0], 1, *about), ReasonNeeded)
    assert "There is no finding 9" in str(refused(small_world, ACTIONS[effect][0], 9, *about))


@pytest.mark.parametrize(
    ("answers", "wants"),
    [
        (given(), ["breach or local action"]),
        (given(followed=Y), ["gap"]),
        (given(clear=N), ["breach or local action", "gap"]),
        (given(**NOT_COVERED, harm=N), ["no change"]),
    ],
)
def test_what_each_result_wants(small_world: World, answers: Any, wants: list[str]) -> None:
    determined(small_world, answers)
    assert wanting(small_world) == [wants]
    follow(small_world, "no change")
    assert wanting(small_world) == [[]]


def test_what_followed_from_a_finding_counts_for_the_one_that_corrects_it(small_world: World) -> None:
    """But not that nothing changes: that was said of the one that does not stand."""
    determined(small_world, given(clear=N))
    follow(small_world, "gap")
    done(small_world, correct, 1, given(clear=N, harm=N), HANDLER, "Nobody was harmed.")
    assert wanting(small_world) == [["breach or local action"]]
    follow(small_world, "no change", 2)
    assert wanting(small_world) == [[]]
    done(small_world, correct, 2, given(clear=N), HANDLER, "Somebody was.")
    assert wanting(small_world) == [["breach or local action"]]


# Local actions


def test_the_party_owes_a_local_action_also_after_the_complaint_is_closed(world: World) -> None:
    number = determined(world)
    effect = follow(world, "local action", number)
    assert owed_in(world)["local action"] == ("lead.member@police", THREE_MONTHS)
    done(world, tell_outcome, 1, HANDLER, "by letter")
    done(world, close, 1, HANDLER)
    assert set(owed_in(world)) == {"local action"}
    asked = world.said("complaint_asked")[-1]
    assert "put in place what was agreed after complaint 1" in world.words(asked)
    assert TRAIN not in world.words(asked)
    for _ in range(2):
        done(world, finish_action, effect.obligation_id, HANDLER, "All are trained.", now=WEDNESDAY + 30 * DAY)
    assert (owed_in(world), complaint(world).stage) == ({}, Stage.CLOSED)
    assert world.moves("complaint:1").count("local action in place") == 1
    assert world.broken(WEDNESDAY + 30 * DAY) == []


def test_a_local_action_has_more_time_or_is_waived(small_world: World) -> None:
    determined(small_world)
    effect = follow(small_world, "local action")
    with small_world.act() as session:
        duty = duty_of(session, ObligationKind.LOCAL_ACTION, "police")
        extend(session, WEDNESDAY, duty, date(2027, 6, 1), SECRETARY, "The trainer is ill.")
        waive(session, WEDNESDAY, duty, SECRETARY, "The desk is closed for good.")
    assert "local action" not in owed_in(small_world)
    assert isinstance(refused(small_world, finish_action, effect.obligation_id, HANDLER, "Done."), ActionHasEnded)
    assert small_world.broken(WEDNESDAY) == []


def test_a_local_action_by_a_day_of_its_own_and_of_the_party_whose_doing_it_was(small_world: World) -> None:
    acknowledged(small_world)
    found(small_world, 1, given(party="trust"))
    assert isinstance(
        refused(small_world, act_locally, 1, TRAIN, HANDLER, WEDNESDAY.date() - DAY), HasPassed
    )  # fmt: skip
    done(small_world, act_locally, 1, TRAIN, HANDLER, WEDNESDAY.date())
    assert owed_in(small_world)["local action"] == ("lead.member@trust", WEDNESDAY.date())


def test_a_party_that_has_left_puts_nothing_in_place(small_world: World) -> None:
    determined(small_world)
    with small_world.act() as session:
        leave(session, WEDNESDAY, party(session, "police"), SECRETARY, "Dissolved.")
    caught = refused(small_world, act_locally, 1, TRAIN, HANDLER)
    assert isinstance(caught, PutsNothingInPlace)
    follow(small_world, "no change")
    assert wanting(small_world) == [[]]
    assert small_world.broken(WEDNESDAY) == []


def test_only_a_local_action_after_a_complaint_is_finished_here(small_world: World) -> None:
    acknowledged(small_world)
    number = small_world.only(Obligation, Obligation.kind == ObligationKind.PROGRESS).id
    assert isinstance(refused(small_world, finish_action, number, HANDLER, "Done."), NotALocalAction)
    assert "There is no obligation" in str(refused(small_world, finish_action, 999, HANDLER, "Done."))
    assert "There is no obligation" in str(refused(small_world, finish_action, "nothing", HANDLER, "Done."))


# Breaches


def test_a_breach_that_is_opened_is_a_real_one_that_the_sweep_takes_up(world: World) -> None:
    determined(world)
    effect = follow(world, "breach")
    breach = world.only(Breach, Breach.id == effect.breach_id)
    assert breach.stage is BreachStage.REPORTED
    facts = {row.name: row.value for row in world.every(BreachFact)}
    assert (facts[FactName.PARTIES], facts[FactName.PROTOCOL_BROKEN]) == (["police"], True)
    assert facts[FactName.CLAUSES] == ["12-security"]
    assert (facts[FactName.OCCURRED_FROM], facts[FactName.OCCURRED_TO]) == ("2026-05-06", "2026-05-06")
    assert world.counts()["breach_reported"] == 1
    sweep_breaches(world, WEDNESDAY)
    assert world.only(Breach).stage is BreachStage.ASSESSING
    assert world.only(FollowUp).party_id == complaint(world).party_id
    assert [row.due_at for row in world.duties(ObligationKind.ASSESSMENT)] == [WEDNESDAY + DAY]
    assert world.broken(WEDNESDAY) == []


def test_a_second_breach_of_one_finding_is_refused_and_names_the_first(small_world: World) -> None:
    determined(small_world)
    follow(small_world, "breach")
    caught = refused(small_world, open_breach, 1, "Something quite different.", HANDLER)
    assert isinstance(caught, HasItsBreach)
    assert "concordat breach show 1" in str(caught)
    assert len(small_world.every(Breach)) == 1


def test_a_correction_of_the_words_makes_no_second_breach_of_it(small_world: World) -> None:
    determined(small_world)
    follow(small_world, "breach")
    done(small_world, correct, 1, given(harm=N), HANDLER, "It was upheld by mistake.")
    caught = refused(small_world, open_breach, 2, "The same, in other words.", HANDLER)
    assert isinstance(caught, HasItsBreach)
    assert "Finding 1 has led to breach 1" in str(caught)
    another = done(small_world, determine, 1, given(), HANDLER, "The delay.")
    done(small_world, open_breach, another.id, "That was another day.", HANDLER)
    assert len(small_world.every(Breach)) == 2
    assert small_world.broken(WEDNESDAY) == []


# Gaps


def origins(world: World) -> list[tuple[int, str]]:
    return [(row.gap_id, row.case) for row in world.every(GapOrigin)]


def test_a_gap_is_opened_under_the_findings_clause_and_another_complaint_joins_it(world: World) -> None:
    determined(world, given(clear=N))
    follow(world, "gap")
    gap = world.only(Gap)
    assert (gap.clause_id, gap.urgent, gap.words) == (2, False, ACTIONS["gap"][1][0])
    number = acknowledged(world)
    second = found(world, number, given(clear=N))
    effect = done(world, open_gap, second, "Here too.", HANDLER, gap_id=1)
    assert (effect.gap_id, origins(world)) == (1, [(1, "complaint:1"), (1, "complaint:2")])
    assert world.broken(WEDNESDAY) == []


def test_the_same_question_again_is_the_same_gap(small_world: World) -> None:
    determined(small_world, given(clear=N))
    follow(small_world, "gap")
    second = found(small_world, acknowledged(small_world), given(clear=N))
    follow(small_world, "gap", second)
    assert origins(small_world) == [(1, "complaint:1"), (1, "complaint:2")]


def test_two_questions_that_begin_alike_are_two_gaps(small_world: World) -> None:
    determined(small_world, given(**NOT_COVERED))
    for end in ("Who asks?", "Who locks?"):
        done(small_world, open_gap, 1, f"{'Nobody says. ' * 60}{end}", HANDLER, "7-consent")
    assert origins(small_world) == [(1, "complaint:1"), (2, "complaint:1")]
    assert small_world.broken(WEDNESDAY) == []


def test_of_two_gaps_joined_in_the_same_words_both_are(small_world: World) -> None:
    determined(small_world, given(**NOT_COVERED))
    for clause, words in (("7-consent", "Who asks?"), ("12-security", "Who locks?")):
        done(small_world, open_gap, 1, words, HANDLER, clause)
    second = found(small_world, acknowledged(small_world), given(**NOT_COVERED))
    for gap in (1, 2, 2):
        done(small_world, open_gap, second, "Here too.", HANDLER, gap_id=gap)
    assert origins(small_world)[2:] == [(1, "complaint:2"), (2, "complaint:2")]
    assert small_world.broken(WEDNESDAY) == []


def test_a_gap_where_no_clause_is_and_an_urgent_one(small_world: World) -> None:
    determined(small_world, given(**NOT_COVERED))
    done(small_world, open_gap, 1, "Nothing on addresses.", HANDLER, urgent=True)
    gap = small_world.only(Gap)
    assert (gap.clause_id, gap.urgent) == (None, True)
    assert [matter.kind for matter in small_world.matters()] == [MatterKind.COMPLAINT, MatterKind.GAP]
    assert small_world.broken(WEDNESDAY) == []


def test_a_gap_that_cannot_be_joined(small_world: World) -> None:
    determined(small_world, given(clear=N))
    follow(small_world, "gap")
    with small_world.act() as session:
        close_gap(session, WEDNESDAY, 1, SECRETARY, "It is answered elsewhere.")
    assert isinstance(refused(small_world, open_gap, 1, "Here too.", HANDLER, gap_id=1), GapIsClosed)
    assert "There is no gap 9" in str(refused(small_world, open_gap, 1, "Here too.", HANDLER, gap_id=9))
    assert "There is no clause “99”" in str(refused(small_world, open_gap, 1, "Else.", HANDLER, "99"))


def test_all_that_changes_may_follow_from_one_finding(small_world: World) -> None:
    determined(small_world, given(clear=N))
    for effect in CHANGES:
        follow(small_world, effect)
    rows = [row.effect.value for row in small_world.every(ComplaintEffect)]
    assert rows == list(CHANGES)
    assert small_world.broken(WEDNESDAY) == []


def test_that_nothing_more_changes_is_said_where_more_was_asked_for(small_world: World) -> None:
    determined(small_world, given(clear=N))
    follow(small_world, "local action")
    done(small_world, change_nothing, 1, HANDLER, "The group has a gap for it in another protocol.")
    assert [row.effect.value for row in small_world.every(ComplaintEffect)] == ["local action", "no change"]


@pytest.mark.parametrize("effect", CHANGES)
def test_nothing_changes_is_not_said_beside_a_change(small_world: World, effect: str) -> None:
    determined(small_world, given(clear=N))
    follow(small_world, effect)
    follow(small_world, "local action" if effect == "gap" else "gap")
    caught = refused(small_world, change_nothing, 1, HANDLER, "Enough.")
    assert isinstance(caught, SomethingChanges)
    assert f"a {effect}" in str(caught)
    second = found(small_world, acknowledged(small_world), given(clear=N))
    follow(small_world, "no change", second)
    action, about = ACTIONS[effect]
    caught = refused(small_world, action, second, *about)
    assert isinstance(caught, NothingWasToChange)
    assert f"concordat complaint correct finding:{second} " in str(caught)
    third = done(small_world, correct, second, given(clear=N), HANDLER, "So it is, and more follows.").id or 0
    follow(small_world, effect, third)


@every_effect
def test_nothing_follows_from_what_the_second_reader_has_not_agreed_with(small_world: World, effect: str) -> None:
    number = acknowledged(small_world, kind=ComplaintKind.DISAGREEMENT)
    finding = found(small_world, number, given(clear=N))
    action, about = ACTIONS[effect]
    unread = refused(small_world, action, finding, *about)
    assert f"concordat complaint read-again finding:{finding} agree|disagree" in str(unread)
    done(small_world, second_read, finding, False, "reader", "The text says otherwise.")
    disputed = refused(small_world, action, finding, *about)
    assert isinstance(disputed, StillOpen)
    assert f"reader did not agree with finding {finding}: correct it" in str(disputed)


def test_while_it_is_looked_at_again_nothing_follows_until_it_is_answered(small_world: World) -> None:
    determined(small_world)
    done(small_world, look_again, 1, HANDLER, "More is known.")
    caught = refused(small_world, change_nothing, 1, HANDLER, "Enough.")
    assert "is being looked at again: correct finding 1" in str(caught)
    finding = done(small_world, correct, 1, given(), HANDLER, "It holds.").id or 0
    follow(small_world, "no change", finding)


def test_of_two_issues_one_is_followed_by_something_while_the_other_is_open(small_world: World) -> None:
    determined(small_world)
    done(small_world, look_again, 1, HANDLER, "There is more in it.")
    done(small_world, determine, 1, given(followed=UNKNOWN), HANDLER, "The letter.")
    follow(small_world, "local action")
    assert complaint(small_world).stage is Stage.ANALYSING


def test_nothing_follows_once_it_was_withdrawn(small_world: World) -> None:
    determined(small_world)
    done(small_world, look_again, 1, HANDLER, "More is known.")
    done(small_world, end_early, 1, ComplaintOutcome.WITHDRAWN, HANDLER, "By telephone.")
    assert isinstance(refused(small_world, act_locally, 1, TRAIN, HANDLER), ComplaintIsClosed)


def test_what_a_party_agreed_to_put_in_place_is_the_secretarys_to_give_on_when_it_leaves(world: World) -> None:
    number = acknowledged(world)
    concluded = found(world, number)
    with world.act() as session:
        act_locally(session, WEDNESDAY, concluded, "Train the desk.", HANDLER)
    before = {matter.key for matter in world.matters()}
    for _ in range(2):
        with world.act() as session:
            leave(session, WEDNESDAY, party(session, "police"), HANDLER, "Dissolved.")
    [sentence] = [m.sentence for m in world.matters() if m.key not in before and "local-actions" in m.key]
    assert sentence == (
        "Westshire Police has left, and with it ends a local action that it had agreed after complaint 1."
    )
    with world.read() as session:
        states = [each.state for each in trace(session, protocol(session), "complaint:1").nodes]
    assert "ended: the party has left" in states
    assert "put off to another day" not in states
    assert world.broken(WEDNESDAY) == []
