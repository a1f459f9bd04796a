"""The review's lifecycle, walked as the table it is."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.review import (
    ENDED,
    JOINABLE,
    MOVES,
    ClockStep,
    ReviewClock,
    Stage,
    Step,
    StepNotAllowed,
    as_state,
    due_step,
    next_instant,
    stage_after,
)

OPENS = datetime(2027, 2, 26, 9, tzinfo=UTC)
CLOSES = datetime(2027, 3, 31, 23, tzinfo=UTC)
CLOCK_STEPS = frozenset(get_args(ClockStep))

stages = st.sampled_from(list(Stage))
instants = st.integers(-40 * 24, 400 * 24).map(lambda hours: OPENS + timedelta(hours=hours))


def clock(stage: Stage, signatures_owed: int = 0) -> ReviewClock:
    return ReviewClock(stage=stage, opens_at=OPENS, due_at=CLOSES, signatures_owed=signatures_owed, signed=1)


@pytest.mark.parametrize(("stage", "step"), list(product(Stage, Step)), ids=lambda value: str(value))
def test_every_step_at_every_stage_is_a_move_or_a_sentence(stage: Stage, step: Step) -> None:
    if (stage, step) in MOVES:
        assert stage_after(stage, step) is MOVES[stage, step]
        assert stage_after(stage, step) is not stage
        return
    with pytest.raises(StepNotAllowed) as refused:
        stage_after(stage, step)
    assert (refused.value.stage, refused.value.step) == (stage, step)
    assert str(refused.value) == f"Cannot {step}: the review is {as_state(stage)}."


def test_the_sentence_can_be_read() -> None:
    with pytest.raises(StepNotAllowed, match=r"^Cannot adopt: the review is collecting feedback\.$"):
        stage_after(Stage.COLLECTING, Step.ADOPT)


def reachable(start: Stage) -> set[Stage]:
    seen, ahead = {start}, [start]
    while ahead:
        here = ahead.pop()
        new = {after for (before, _), after in MOVES.items() if before is here} - seen
        seen |= new
        ahead += new
    return seen


def test_every_stage_can_be_reached() -> None:
    assert reachable(Stage.SCHEDULED) == set(Stage)


@pytest.mark.parametrize("stage", Stage)
def test_every_review_can_come_to_an_end_and_stays_there(stage: Stage) -> None:
    assert reachable(stage) & ENDED
    assert (reachable(stage) == {stage}) == (stage in ENDED)


def test_every_step_leads_somewhere() -> None:
    assert {step for _, step in MOVES} == set(Step)


@pytest.mark.parametrize("stage", sorted(JOINABLE))
def test_a_review_that_may_be_joined_collects_or_can_collect_again(stage: Stage) -> None:
    assert stage is Stage.COLLECTING or stage_after(stage, Step.REOPEN_FEEDBACK) is Stage.COLLECTING


@pytest.mark.parametrize("stage", sorted({Stage.SCHEDULED, *JOINABLE}))
def test_until_its_text_stands_a_review_can_be_cancelled(stage: Stage) -> None:
    assert stage_after(stage, Step.CANCEL) is Stage.CANCELLED


def test_what_is_being_signed_can_be_neither_joined_nor_cancelled() -> None:
    assert Stage.SIGNING not in JOINABLE
    assert (Stage.SIGNING, Step.CANCEL) not in MOVES


@given(stages, instants, st.integers(0, 3))
def test_the_clock_owes_only_steps_that_are_its_own_and_allowed(stage: Stage, now: datetime, owed: int) -> None:
    step = due_step(clock(stage, owed), now)
    if step is not None:
        assert step in CLOCK_STEPS
        assert (stage, step) in MOVES


@given(stages, instants, st.integers(0, 3))
def test_a_step_of_the_clock_ends_its_own_dueness(stage: Stage, now: datetime, owed: int) -> None:
    step = due_step(clock(stage, owed), now)
    if step is not None:
        assert due_step(clock(stage_after(stage, step), owed), now) is not step


@given(stages, instants)
def test_the_clock_looks_again_exactly_when_a_step_falls_due(stage: Stage, now: datetime) -> None:
    review = clock(stage, signatures_owed=1)
    looks = next_instant(review)
    assert (due_step(review, now) is not None) == (looks is not None and now >= looks)


@pytest.mark.parametrize(
    ("stage", "at", "owed", "expected"),
    [
        (Stage.SCHEDULED, OPENS - timedelta(microseconds=1), 0, None),
        (Stage.SCHEDULED, OPENS, 0, Step.INVITE_FEEDBACK),
        (Stage.COLLECTING, CLOSES - timedelta(microseconds=1), 0, None),
        (Stage.COLLECTING, CLOSES, 0, Step.CLOSE_FEEDBACK),
        (Stage.SIGNING, CLOSES, 1, None),
        (Stage.SIGNING, OPENS, 0, Step.ADOPT),
        (Stage.DRAFTING, CLOSES + timedelta(days=365), 0, None),
    ],
)  # fmt: skip
def test_when_the_clock_acts(stage: Stage, at: datetime, owed: int, expected: Step | None) -> None:
    assert due_step(clock(stage, owed), at) is expected
