"""The life of a gap: every step at every stage is decided, and it ends only in a version or with a reason."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.gap import FIRST, MOVES, WAITING, Stage, Step, StepNotAllowed, as_state, stage_after


@pytest.mark.parametrize(("stage", "step"), list(product(Stage, Step)), ids=str)
def test_every_step_at_every_stage_leads_somewhere_or_is_refused_in_a_sentence(stage: Stage, step: Step) -> None:
    if (stage, step) in MOVES:
        assert stage_after(stage, step) is MOVES[stage, step]
        return
    with pytest.raises(StepNotAllowed) as refused:
        stage_after(stage, step)
    assert str(refused.value) == f"Cannot {step}: the gap is {as_state(stage)}."
    assert (refused.value.stage, refused.value.step) == (stage, step)


def test_one_that_waits_is_on_the_agenda_and_one_that_has_ended_is_not() -> None:
    assert FIRST is Stage.OPEN
    assert set(WAITING) == {before for before, step in MOVES if step is not Step.REOPEN}
    assert {before for before, step in MOVES if step is Step.REOPEN} == set(Stage) - set(WAITING)


@given(st.lists(st.sampled_from(Step), max_size=20))
def test_it_is_resolved_only_after_a_proposal_named_it_and_closed_only_by_a_person(tried: list[Step]) -> None:
    stage, taken = FIRST, list[Step]()
    for step in tried:
        if (stage, step) in MOVES:
            stage = stage_after(stage, step)
            taken.append(step)
    if stage is Stage.RESOLVED:
        assert taken[-2:] == [Step.PROPOSE, Step.RESOLVE]
    if stage is Stage.CLOSED:
        assert taken[-1] is Step.CLOSE
    assert taken.count(Step.REOPEN) >= taken.count(Step.RESOLVE) + taken.count(Step.CLOSE) - (stage not in WAITING)
