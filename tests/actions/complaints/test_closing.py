"""A complaint ends answered, with what follows from it and its outcome told; or early; and may be looked at again."""

from datetime import UTC, date, datetime, timedelta

import pytest

from actions.complaints.answering import Given
from actions.complaints.closing import (
    EndsOtherwise,
    NotDetermined,
    NothingFollowed,
    NotOursUntold,
    OutcomeNotTold,
    WasNotClosed,
    close,
    end_early,
    look_again,
)
from actions.complaints.determining import correct, determine
from actions.complaints.following_up import act_locally, change_nothing, open_breach, open_gap
from actions.complaints.moving import ComplaintIsClosed
from actions.complaints.paper import paper_facts
from actions.complaints.paper_numbers import UNTOLD
from actions.complaints.referring import refer
from actions.complaints.telling_complainant import (
    HasBeenTold,
    acknowledge,
    cannot_be_told,
    report_progress,
    tell_outcome,
)
from actions.first_page import first_page
from actions.reasons import ReasonNeeded
from models.complaint import ComplaintOutcome
from models.obligation import ObligationKind
from models.protocol import Matter, MatterKind
from rules.complaint import ComplaintKind, Stage, StepNotAllowed
from tests.actions.complaint_world import (
    HANDLER,
    NOT_COVERED,
    UNKNOWN,
    WEDNESDAY,
    N,
    Y,
    acknowledged,
    acknowledgements,
    complaint,
    determined,
    done,
    found,
    given,
    owed_in,
    received,
    refused,
    sweep_complaints,
)
from tests.actions.world import World, protocol

DAY = timedelta(days=1)
TUESDAY = date(2026, 12, 29)
LETTER = "by letter"
WITHDRAWN, NOT_OURS = ComplaintOutcome.WITHDRAWN, ComplaintOutcome.NOT_OURS


def closed(world: World, answers: Given | None = None, kind: ComplaintKind = ComplaintKind.PERSON) -> None:
    determined(world, answers, kind=kind)
    done(world, change_nothing, 1, HANDLER, "It was one slip.")
    done(world, tell_outcome, 1, HANDLER, LETTER)
    done(world, close, 1, HANDLER)


def test_closed_as_answered_and_closed_twice_is_once(world: World) -> None:
    closed(world)
    row = complaint(world)
    assert (row.stage, row.outcome, row.ended_at) == (Stage.CLOSED, ComplaintOutcome.ANSWERED, WEDNESDAY)
    assert owed_in(world) == {}
    before = world.rows()
    done(world, close, 1, "somebody else", now=WEDNESDAY + DAY)
    assert world.rows() == before
    assert world.broken(WEDNESDAY) == []


def test_it_is_not_closed_before_something_followed_and_the_outcome_was_told(world: World) -> None:
    acknowledged(world)
    assert isinstance(refused(world, close, 1, HANDLER), NotDetermined)
    found(world, 1)
    nothing = refused(world, close, 1, HANDLER)
    assert isinstance(nothing, NothingFollowed)
    assert "Finding 1 (breakdown) is still to be followed by a breach or a local action" in str(nothing)
    done(world, change_nothing, 1, HANDLER, "It was one slip.")
    untold = refused(world, close, 1, HANDLER)
    assert isinstance(untold, OutcomeNotTold)
    assert "concordat complaint outcome 1" in str(untold)
    done(world, tell_outcome, 1, HANDLER, LETTER)
    done(world, close, 1, HANDLER)


WORDS = ("What is to be done.", HANDLER)


@pytest.mark.parametrize(
    ("answers", "steps"),
    [
        (given(), [act_locally]),
        (given(), [open_breach]),
        (given(followed=Y), [open_gap]),
        (given(clear=N), [act_locally, open_gap]),
        (given(clear=N), [open_gap, open_breach]),
    ],
)
def test_every_result_is_followed_by_what_it_wants(small_world: World, answers: Given, steps: list[object]) -> None:
    determined(small_world, answers)
    done(small_world, tell_outcome, 1, HANDLER, LETTER)
    for step in steps:
        assert isinstance(refused(small_world, close, 1, HANDLER), NothingFollowed)
        done(small_world, step, 1, *WORDS)  # type: ignore[arg-type]
    done(small_world, close, 1, HANDLER)
    assert small_world.broken(WEDNESDAY) == []


def test_a_gap_does_not_stand_for_a_breakdown_nor_an_action_for_an_inadequacy(small_world: World) -> None:
    for number, (answers, step) in enumerate(((given(), open_gap), (given(followed=Y), act_locally)), 1):
        acknowledged(small_world)
        found(small_world, number, answers)
        done(small_world, step, number, *WORDS)
        done(small_world, tell_outcome, number, HANDLER, LETTER)
        assert isinstance(refused(small_world, close, number, HANDLER), NothingFollowed)


def test_neither_says_why_nothing_changes(small_world: World) -> None:
    determined(small_world, given(**NOT_COVERED, harm=N))
    done(small_world, tell_outcome, 1, HANDLER, LETTER)
    caught = refused(small_world, close, 1, HANDLER)
    assert "Finding 1 (neither) is still to be followed by “no change”, with why" in str(caught)
    done(small_world, change_nothing, 1, HANDLER, "Nothing was wrong.")
    done(small_world, close, 1, HANDLER)


def test_every_issue_has_to_be_followed_by_something(small_world: World) -> None:
    determined(small_world)
    done(small_world, determine, 1, given(**NOT_COVERED), HANDLER, "He waited.")
    done(small_world, change_nothing, 1, HANDLER, "One slip.")
    done(small_world, tell_outcome, 1, HANDLER, LETTER)
    assert "Finding 2 (inadequacy) is still to be followed by a gap" in str(refused(small_world, close, 1, HANDLER))


def test_of_a_concern_nobody_outside_has_to_be_told(small_world: World) -> None:
    determined(small_world, kind=ComplaintKind.CONCERN)
    done(small_world, change_nothing, 1, HANDLER, "One slip.")
    done(small_world, close, 1, HANDLER)
    assert small_world.broken(WEDNESDAY) == []


def test_where_whoever_complained_cannot_be_reached_it_closes_with_why(small_world: World) -> None:
    with small_world.act() as session:
        received(session)
    found(small_world, 1)
    done(small_world, change_nothing, 1, HANDLER, "It was one slip.")
    told = refused(small_world, close, 1, HANDLER)
    assert "--cannot-be-told" in str(told)
    assert isinstance(refused(small_world, cannot_be_told, 1, HANDLER, " "), ReasonNeeded)
    done(small_world, cannot_be_told, 1, HANDLER, "She left no address.")
    before = small_world.rows()
    done(small_world, cannot_be_told, 1, HANDLER, "She left no address.")
    assert small_world.rows() == before
    done(small_world, close, 1, HANDLER)
    assert acknowledgements(small_world) == [(TUESDAY, "lapsed")]
    assert small_world.broken(WEDNESDAY) == []
    with small_world.read() as session:
        ended = paper_facts(session, WEDNESDAY, protocol(session), WEDNESDAY.date(), WEDNESDAY.date())["ended"]
    assert ended == {"answered": 1, "withdrawn": 0, "not ours": 0, UNTOLD: 1}
    done(small_world, look_again, 1, HANDLER, "She rang.")
    assert complaint(small_world).untold_id is None
    assert "acknowledgement" in owed_in(small_world)
    assert small_world.broken(WEDNESDAY) == []


def test_what_was_told_needs_no_reason_why_nobody_can_be_told(small_world: World) -> None:
    acknowledged(small_world)
    found(small_world, 1)
    done(small_world, tell_outcome, 1, HANDLER, LETTER)
    assert isinstance(refused(small_world, cannot_be_told, 1, HANDLER, "Gone."), HasBeenTold)


def test_what_cannot_be_acknowledged_is_looked_into_all_the_same_and_nobody_is_late(world: World) -> None:
    with world.act() as session:
        received(session, received_by=None)
        received(session, received_by=None)
    done(world, cannot_be_told, 1, HANDLER, "No address was left.")
    assert (acknowledgements(world), owed_in(world)) == ([(TUESDAY, "lapsed")], {})
    assert world.broken(WEDNESDAY) == []
    sweep_complaints(world, WEDNESDAY)
    assert (complaint(world).stage, set(owed_in(world))) == (Stage.ANALYSING, {"analysis"})
    done(world, end_early, 1, NOT_OURS, HANDLER, "It is a bank's.")
    late = WEDNESDAY + 100 * DAY
    done(world, cannot_be_told, 2, HANDLER, "No address was left.", now=late)
    with world.read() as session:
        facts = paper_facts(session, late, protocol(session), WEDNESDAY.date(), late.date())
    assert facts["acknowledgements"]["due"] == 0
    assert UNTOLD not in facts["ended"], "it was not answered"
    assert world.broken(late) == []


def test_whoever_could_not_be_told_and_rings_is_told_after_all(world: World) -> None:
    with world.act() as session:
        received(session)
    done(world, cannot_be_told, 1, HANDLER, "No address was left.")
    sweep_complaints(world, WEDNESDAY)
    done(world, acknowledge, 1, HANDLER, "by telephone", now=WEDNESDAY + DAY)
    assert complaint(world).untold_id is None
    assert set(owed_in(world)) == {"analysis", "progress"}
    done(world, cannot_be_told, 1, HANDLER, "She has moved.", now=WEDNESDAY + 2 * DAY)
    assert set(owed_in(world)) == {"analysis"}
    found(world, 1, now=WEDNESDAY + 2 * DAY)
    done(world, change_nothing, 1, HANDLER, "It was one slip.", now=WEDNESDAY + 2 * DAY)
    done(world, close, 1, HANDLER, now=WEDNESDAY + 2 * DAY)
    assert isinstance(refused(world, cannot_be_told, 1, HANDLER, " "), ReasonNeeded)
    assert world.broken(WEDNESDAY + 2 * DAY) == []


def test_an_acknowledgement_that_is_late_keeps_nobody_from_looking_into_it(world: World) -> None:
    with world.act() as session:
        received(session)
    before, after = datetime(2026, 12, 29, 23, tzinfo=UTC), datetime(2026, 12, 30, 0, 1, tzinfo=UTC)
    sweep_complaints(world, before)
    assert set(owed_in(world)) == {"acknowledgement"}
    sweep_complaints(world, after)
    assert set(owed_in(world)) == {"acknowledgement", "analysis"}
    assert world.broken(after) == []


def on_the_list(world: World) -> list[tuple[str, str | None]]:
    """What is or was on the secretary's list of what is determined, and how it ended."""
    return [(row.key, row.outcome) for row in world.every(Matter, Matter.kind == MatterKind.COMPLAINT)]


@pytest.mark.parametrize("kind", [ComplaintKind.PERSON, ComplaintKind.CONCERN])
def test_what_is_determined_waits_on_the_list_until_it_is_closed_or_looked_at_again(
    world: World, kind: ComplaintKind
) -> None:
    determined(world, kind=kind)
    if kind is ComplaintKind.PERSON:
        done(world, tell_outcome, 1, HANDLER, LETTER)
    assert owed_in(world) == {}
    first, second = "westshire:complaint:1:determined:1", "westshire:complaint:1:determined:2"
    assert on_the_list(world) == [(first, None)], "nobody owes anything, and somebody sees it"
    with world.read() as session:
        assert not first_page(session, WEDNESDAY).all_clear
    done(world, correct, 1, given(clear=N), HANDLER, "Nobody can read it.")
    assert on_the_list(world) == [(first, "the complaint is looked at again"), (second, None)]
    assert world.broken(WEDNESDAY) == []
    done(world, look_again, 1, HANDLER, "She rang.")
    assert [outcome is None for _, outcome in on_the_list(world)] == [False, False]
    assert world.broken(WEDNESDAY) == []


def test_what_is_closed_is_off_the_list(small_world: World) -> None:
    closed(small_world)
    assert [outcome for _, outcome in on_the_list(small_world)] == ["the complaint was closed"]


# Early


@pytest.mark.parametrize("outcome", [WITHDRAWN, NOT_OURS])
def test_withdrawn_or_not_ours_at_any_time_before_it_is_determined(world: World, outcome: ComplaintOutcome) -> None:
    with world.act() as session:
        received(session, kind=ComplaintKind.CONCERN)
    acknowledged(world)
    for number in (1, 2):
        done(world, end_early, number, outcome, HANDLER, "She rang.")
        row = complaint(world, number)
        assert (row.stage, row.outcome, owed_in(world, number)) == (Stage.CLOSED, outcome, {})
    assert acknowledgements(world, 1) == [(date(2026, 12, 9), "lapsed")]
    before = world.rows()
    done(world, end_early, 1, outcome, HANDLER, "She rang.")
    assert world.rows() == before
    other = WITHDRAWN if outcome is NOT_OURS else NOT_OURS
    assert isinstance(refused(world, end_early, 1, other, HANDLER, "Otherwise."), ComplaintIsClosed)
    assert world.broken(WEDNESDAY) == []


def test_whoever_complained_hears_that_it_came_before_it_is_not_ours_and_a_withdrawal_ends_it_at_once(
    small_world: World,
) -> None:
    for _ in range(2):
        with small_world.act() as session:
            received(session)
    assert isinstance(refused(small_world, end_early, 1, NOT_OURS, HANDLER, "Not ours."), NotOursUntold)
    done(small_world, acknowledge, 1, HANDLER, LETTER)
    done(small_world, end_early, 1, NOT_OURS, HANDLER, "Not ours.")
    done(small_world, end_early, 2, WITHDRAWN, HANDLER, "She rang.")
    assert acknowledgements(small_world, 2) == [(TUESDAY, "lapsed")]
    assert small_world.broken(WEDNESDAY) == []


def test_what_is_no_early_end(small_world: World) -> None:
    determined(small_world)
    answered = ComplaintOutcome.ANSWERED
    assert isinstance(refused(small_world, end_early, 1, answered, HANDLER, "Answered."), EndsOtherwise)
    assert isinstance(refused(small_world, end_early, 1, WITHDRAWN, HANDLER, " "), ReasonNeeded)
    assert isinstance(refused(small_world, end_early, 1, WITHDRAWN, HANDLER, "She rang."), StepNotAllowed)


def test_nothing_is_done_in_what_is_closed(small_world: World) -> None:
    closed(small_world)
    for action, about in (
        (report_progress, (HANDLER, LETTER)),
        (refer, ("fire", HANDLER, "Theirs.")),
        (determine, (given(clear=N), HANDLER, "Another issue.")),
    ):
        assert isinstance(refused(small_world, action, 1, *about), ComplaintIsClosed)
    before = small_world.rows()
    done(small_world, acknowledge, 1, HANDLER, LETTER)
    done(small_world, determine, 1, given(), HANDLER)
    assert small_world.rows() == before, "what was said before is known again"


# Again


def test_determined_and_looked_at_again_its_clocks_go_on(world: World) -> None:
    determined(world)
    done(world, look_again, 1, HANDLER, "She rang.", now=WEDNESDAY + DAY)
    assert complaint(world).stage is Stage.ANALYSING
    assert owed_in(world) == {
        "progress": ("lead.member@police", TUESDAY), "analysis": ("lead.member@police", date(2027, 2, 25))
    }  # fmt: skip
    assert world.broken(WEDNESDAY + DAY) == []


def test_closed_and_looked_at_again_the_outcome_is_told_anew(small_world: World) -> None:
    closed(small_world)
    now = WEDNESDAY + 200 * DAY
    done(small_world, look_again, 1, HANDLER, "A letter came.", now=now)
    row = complaint(small_world)
    assert (row.stage, row.outcome, row.told_at, row.ended_at) == (Stage.ANALYSING, None, None, None)
    assert owed_in(small_world)["analysis"][1] == date(2027, 9, 13), "three months from today: the first have passed"
    assert owed_in(small_world)["progress"][1] == date(2027, 7, 13)
    done(small_world, correct, 1, given(), HANDLER, "Nothing new.", now=now)
    assert isinstance(refused(small_world, close, 1, HANDLER, now=now), NothingFollowed), "said of another finding"
    done(small_world, change_nothing, 2, HANDLER, "Still one slip.", now=now)
    assert isinstance(refused(small_world, close, 1, HANDLER, now=now), OutcomeNotTold)
    done(small_world, tell_outcome, 1, HANDLER, LETTER, now=now)
    done(small_world, close, 1, HANDLER, now=now)
    assert small_world.broken(now) == []


def test_withdrawn_and_taken_up_again_the_thirty_days_are_those_of_its_receipt(small_world: World) -> None:
    with small_world.act() as session:
        received(session)
    done(small_world, end_early, 1, WITHDRAWN, HANDLER, "She rang.")
    now = WEDNESDAY + 60 * DAY
    done(small_world, look_again, 1, HANDLER, "She rang again.", now=now)
    assert owed_in(small_world)["acknowledgement"] == ("lead.member@police", TUESDAY)
    assert small_world.duties(ObligationKind.ACKNOWLEDGEMENT)[-1].is_overdue(now)
    done(small_world, acknowledge, 1, HANDLER, LETTER, now=now)
    assert complaint(small_world).stage is Stage.ANALYSING
    assert small_world.broken(now) == []


def test_corrected_after_it_was_closed_it_is_open_again(small_world: World) -> None:
    closed(small_world)
    done(small_world, correct, 1, given(clear=N), HANDLER, "It is not clear.", now=WEDNESDAY + DAY)
    assert (complaint(small_world).stage, complaint(small_world).outcome) == (Stage.DETERMINED, None)
    assert set(owed_in(small_world)) == {"progress"}
    assert small_world.broken(WEDNESDAY + DAY) == []


def test_there_is_nothing_to_look_at_again_before_it_was_determined(small_world: World) -> None:
    determined(small_world, given(followed=UNKNOWN))
    assert isinstance(refused(small_world, look_again, 1, HANDLER, "She rang."), WasNotClosed)
    assert isinstance(refused(small_world, look_again, 1, HANDLER, " "), ReasonNeeded)
