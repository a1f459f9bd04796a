"""A complaint's lifecycle: every step at every stage is decided, and what the clock owes ends when it is taken."""

from dataclasses import replace
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.complaint import (
    MOVES,
    ClockStep,
    ComplaintClock,
    Stage,
    Step,
    StepNotAllowed,
    as_state,
    due_step,
    stage_after,
)

CLOCK_STEPS = frozenset(get_args(ClockStep))
PERSONS = sorted(frozenset(Step) - CLOCK_STEPS)

clocks = st.builds(
    ComplaintClock, stage=st.sampled_from(Stage), acknowledgement_owed=st.booleans(), answered_by=st.integers(0, 3)
)


def taken(clock: ComplaintClock, step: Step) -> ComplaintClock:
    """What the clock's own work does: whoever was asked about a version is not asked of it again."""
    after = replace(clock, stage=stage_after(clock.stage, step))
    return replace(after, answered_by=0) if step is Step.ASK_AGAIN else after


@pytest.mark.parametrize(("stage", "step"), list(product(Stage, Step)), ids=str)
def test_every_step_at_every_stage_leads_somewhere_or_is_refused_in_a_sentence(stage: Stage, step: Step) -> None:
    if (stage, step) in MOVES:
        assert stage_after(stage, step) is MOVES[stage, step]
        return
    with pytest.raises(StepNotAllowed) as refused:
        stage_after(stage, step)
    assert str(refused.value) == f"Cannot {step}: the complaint is {as_state(stage)}."
    assert (refused.value.stage, refused.value.step) == (stage, step)


def test_every_stage_can_be_reached_and_left() -> None:
    reached, growing = {Stage.RECEIVED}, True
    while growing:
        further = reached | {after for (before, _), after in MOVES.items() if before in reached}
        growing, reached = further != reached, further
    assert reached == set(Stage)
    assert {before for before, _ in MOVES} == set(Stage)


def test_it_can_be_acknowledged_late_at_every_open_stage() -> None:
    acknowledged = {before for before, step in MOVES if step is Step.ACKNOWLEDGE}
    assert acknowledged == {Stage.RECEIVED, Stage.ANALYSING, Stage.DETERMINED}


def test_it_is_closed_only_when_determined_and_ends_early_only_before_that() -> None:
    assert [before for before, step in MOVES if step is Step.CLOSE] == [Stage.DETERMINED]
    early = {before for before, step in MOVES if step is Step.END_EARLY}
    assert early == {Stage.RECEIVED, Stage.ACKNOWLEDGED, Stage.ANALYSING}


def test_only_people_determine_close_refer_and_look_again() -> None:
    assert {Step.BEGIN_ANALYSIS, Step.ASK_AGAIN} == CLOCK_STEPS


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (ComplaintClock(stage=Stage.RECEIVED), None),
        (ComplaintClock(stage=Stage.RECEIVED, acknowledgement_owed=False), Step.BEGIN_ANALYSIS),
        (ComplaintClock(stage=Stage.ACKNOWLEDGED), Step.BEGIN_ANALYSIS),
        (ComplaintClock(stage=Stage.ANALYSING, answered_by=1), None),
        (ComplaintClock(stage=Stage.DETERMINED, answered_by=1), None),
        (ComplaintClock(stage=Stage.CLOSED), None),
        (ComplaintClock(stage=Stage.CLOSED, answered_by=2), Step.ASK_AGAIN),
    ],
)
def test_the_clock_begins_the_analysis_and_asks_again_after_a_version(
    clock: ComplaintClock, expected: Step | None
) -> None:
    assert due_step(clock) is expected


@given(clocks)
def test_every_step_the_clock_takes_is_its_own_ends_its_being_due_and_all_of_them_end(clock: ComplaintClock) -> None:
    steps: list[Step] = []
    while step := due_step(clock):
        assert step in CLOCK_STEPS
        assert step not in steps, f"{step} is due again after {steps}"
        steps.append(step)
        clock = taken(clock, step)


@given(st.lists(st.sampled_from(PERSONS), max_size=12))
def test_whatever_people_do_it_stands_at_one_stage_and_can_go_on(tried: list[Step]) -> None:
    """Of the steps tried, those that are allowed are taken; the clock takes what is due between them."""
    clock = ComplaintClock(stage=Stage.RECEIVED)
    for step in tried:
        if (clock.stage, step) in MOVES:
            clock = taken(clock, step)
            clock = replace(clock, acknowledgement_owed=clock.acknowledgement_owed and step is not Step.ACKNOWLEDGE)
        while due := due_step(clock):
            clock = taken(clock, due)
        assert clock.stage is not Stage.ACKNOWLEDGED, "nobody has to wait for the clock"
        assert any(before is clock.stage and taking in PERSONS for before, taking in MOVES)
