"""A breach's lifecycle: every step at every stage is decided, and what the clock owes ends when it is taken."""

from dataclasses import replace
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.breach import (
    MOVES,
    OPEN,
    BreachClock,
    ClockStep,
    Stage,
    Step,
    StepNotAllowed,
    as_state,
    due_step,
    stage_after,
)

CLOCK_STEPS = frozenset(get_args(ClockStep))
PEOPLES_STEPS = frozenset(Step) - CLOCK_STEPS
BACK_AND_FORTH = {
    Stage.ASSESSING: Step.RETURN_TO_ASSESSING,
    Stage.FOLLOWING_UP: Step.BEGIN_FOLLOWING_UP,
    Stage.REPORTING_OUT: Step.BEGIN_REPORTING_OUT,
    Stage.LEARNING: Step.BEGIN_LEARNING,
}

counts = st.integers(0, 3)


@st.composite
def clocks(draw: st.DrawFn) -> BreachClock:
    """As `settling.clock_of` counts: nothing is counted over follow-ups that are not there."""
    followed = draw(counts)
    going_on = draw(st.integers(0, followed))
    return BreachClock(
        stage=draw(st.sampled_from(Stage)),
        follow_ups=followed,
        unfollowed=draw(counts),
        unassessed=draw(st.integers(0, going_on)),
        to_hand_over=draw(counts) if followed else 0,
        steps_to_update=draw(counts) if going_on else 0,
        steps_pending=draw(counts) if going_on else 0,
        duties_open=draw(counts) if going_on else 0,
    )


def taken(clock: BreachClock, step: Step) -> BreachClock:
    """What the clock's own work does to the counts; opening a follow-up leaves it to be assessed."""
    after = replace(clock, stage=stage_after(clock.stage, step))
    match step:
        case Step.OPEN_FOLLOW_UPS:
            opened = clock.unfollowed
            return replace(
                after, unfollowed=0, follow_ups=clock.follow_ups + opened, unassessed=clock.unassessed + opened,
                steps_pending=clock.steps_pending + opened, duties_open=clock.duties_open + opened,
            )  # fmt: skip
        case Step.HAND_OVER:
            return replace(after, to_hand_over=0)
        case Step.UPDATE_STEPS:
            return replace(after, steps_to_update=0)
        case _:
            return after


@pytest.mark.parametrize(("stage", "step"), list(product(Stage, Step)), ids=str)
def test_every_step_at_every_stage_leads_somewhere_or_is_refused_in_a_sentence(stage: Stage, step: Step) -> None:
    if (stage, step) in MOVES:
        assert stage_after(stage, step) is MOVES[stage, step]
        return
    with pytest.raises(StepNotAllowed) as refused:
        stage_after(stage, step)
    assert str(refused.value) == f"Cannot {step}: the breach is {as_state(stage)}."
    assert (refused.value.stage, refused.value.step) == (stage, step)


def test_every_stage_can_be_reached_and_left() -> None:
    reached, growing = {Stage.REPORTED}, True
    while growing:
        further = reached | {after for (before, _), after in MOVES.items() if before in reached}
        growing, reached = further != reached, further
    assert reached == set(Stage)
    assert {before for before, _ in MOVES} == set(Stage)


def test_every_open_stage_can_end_early_or_in_another_case_and_only_a_closed_one_is_reopened() -> None:
    assert frozenset(Stage) - {Stage.CLOSED} == OPEN
    for step in (Step.END_EARLY, Step.MERGE):
        assert {before for before, taking in MOVES if taking is step} == OPEN
        assert {MOVES[stage, step] for stage in OPEN} == {Stage.CLOSED}
    assert [before for before, step in MOVES if step is Step.REOPEN] == [Stage.CLOSED]
    assert [before for before, step in MOVES if step is Step.CLOSE] == [Stage.LEARNING]


def test_only_people_close_reopen_and_merge() -> None:
    assert {Step.CLOSE, Step.END_EARLY, Step.MERGE, Step.REOPEN} == PEOPLES_STEPS


def test_to_learn_is_the_last_of_the_stages_and_each_is_passed() -> None:
    stages = [Stage.REPORTED]
    while step := due_step(BreachClock(stage=stages[-1], follow_ups=1)):
        stages.append(stage_after(stages[-1], step))
    assert stages == [stage for stage in Stage if stage is not Stage.CLOSED]


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (BreachClock(stage=Stage.REPORTED), Step.OPEN_FOLLOW_UPS),
        (BreachClock(stage=Stage.ASSESSING), None),
        (BreachClock(stage=Stage.ASSESSING, follow_ups=2, unassessed=1), None),
        (BreachClock(stage=Stage.ASSESSING, follow_ups=2, unassessed=1, unfollowed=1), Step.OPEN_FOLLOW_UPS),
        (BreachClock(stage=Stage.ASSESSING, follow_ups=1, to_hand_over=1, steps_to_update=1), Step.HAND_OVER),
        (BreachClock(stage=Stage.LEARNING, follow_ups=1, steps_to_update=1), Step.UPDATE_STEPS),
        (BreachClock(stage=Stage.LEARNING, follow_ups=2, unassessed=1), Step.RETURN_TO_ASSESSING),
        (BreachClock(stage=Stage.LEARNING, follow_ups=2, steps_pending=1), Step.BEGIN_FOLLOWING_UP),
        (BreachClock(stage=Stage.LEARNING, follow_ups=2, duties_open=1), Step.BEGIN_REPORTING_OUT),
        (BreachClock(stage=Stage.FOLLOWING_UP, follow_ups=1, steps_pending=1, duties_open=1), None),
        (BreachClock(stage=Stage.FOLLOWING_UP, follow_ups=1), Step.BEGIN_REPORTING_OUT),
        (BreachClock(stage=Stage.REPORTING_OUT, follow_ups=1, duties_open=1), None),
        (BreachClock(stage=Stage.LEARNING, follow_ups=1), None),
        (BreachClock(stage=Stage.CLOSED, follow_ups=1, unfollowed=1, unassessed=1), None),
        (BreachClock(stage=Stage.CLOSED, follow_ups=1, unfollowed=1, to_hand_over=1), Step.HAND_OVER),
    ],
)
def test_the_stage_says_how_far_the_slowest_party_is(clock: BreachClock, expected: Step | None) -> None:
    assert due_step(clock) is expected


@given(clocks())
def test_the_clock_owes_only_what_it_may_take(clock: BreachClock) -> None:
    step = due_step(clock)
    assert step is None or (step in CLOCK_STEPS and (clock.stage, step) in MOVES)


@given(clocks())
def test_every_step_the_clock_takes_ends_its_being_due_and_all_of_them_end(clock: BreachClock) -> None:
    steps: list[Step] = []
    while step := due_step(clock):
        assert step not in steps, f"{step} is due again after {steps}"
        steps.append(step)
        clock = taken(clock, step)
    assert len(steps) <= len(CLOCK_STEPS)


@given(clocks())
def test_when_the_clock_rests_the_stage_is_that_of_the_slowest(clock: BreachClock) -> None:
    while step := due_step(clock):
        clock = taken(clock, step)
    if clock.stage is Stage.CLOSED:
        return
    slowest = (
        Stage.ASSESSING if clock.unassessed or not clock.follow_ups
        else Stage.FOLLOWING_UP if clock.steps_pending
        else Stage.REPORTING_OUT if clock.duties_open
        else Stage.LEARNING
    )  # fmt: skip
    assert clock.stage is slowest


def test_a_stage_moves_by_the_step_that_is_named_for_it() -> None:
    for (_, step), after in MOVES.items():
        if step in BACK_AND_FORTH.values():
            assert BACK_AND_FORTH[after] is step
