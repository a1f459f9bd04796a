"""Where a follow-up stands in its procedure: which steps are open, what the others wait for, and what is over.

Everything follows from what is known and what has ended; asking twice answers the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from typing import Any

from rules.errors import Refused
from rules.procedure_conditions import Asked, ask
from rules.procedures import Limit, Moment, Procedure, ProcedureStep


class StepsGoInACircle(Refused):
    """No procedure that was read from a file has one."""

    def __init__(self, circle: tuple[str, ...]) -> None:
        self.circle = circle
        super().__init__(f"These steps wait for each other: {' → '.join(circle)}.")


class StepState(StrEnum):
    WAITING = "waiting"  # for a step before it
    UNKNOWN = "unknown"  # whether it is needed: nobody knows the facts yet
    NOT_NEEDED = "not needed"
    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"


OVER = frozenset({StepState.NOT_NEEDED, StepState.DONE, StepState.SKIPPED})


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEnded:
    """The newest record of a step's end. `round` counts from 1: final answers and repetitions are further rounds."""

    at: datetime
    provisional: bool = False
    skipped: bool = False
    round: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """`limit` is the one that counts in this round: the step's own, that of a final answer, or a repetition's."""

    state: StepState
    waits_for: tuple[str, ...] = ()  # steps
    missing: tuple[str, ...] = ()  # subjects of the condition that nobody knows
    round: int = 1
    limit: Limit | None = None


def cycle_in(steps: Mapping[str, ProcedureStep]) -> tuple[str, ...] | None:
    """Steps of which each waits for the next, the first again at the end; None if every step can be reached."""
    try:
        TopologicalSorter(_before(steps)).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return tuple(reversed(circle))
    return None


def in_order(steps: Mapping[str, ProcedureStep]) -> tuple[str, ...]:
    """Every step after those it waits for. Raises StepsGoInACircle."""
    if circle := cycle_in(steps):
        raise StepsGoInACircle(circle)
    return tuple(id for id in TopologicalSorter(_before(steps)).static_order() if id in steps)


def _before(steps: Mapping[str, ProcedureStep]) -> dict[str, tuple[str, ...]]:
    return {id: tuple(dict.fromkeys(waits_for(step))) for id, step in steps.items()}


def waits_for(step: ProcedureStep) -> Iterator[str]:
    """Steps without which this one never opens, or is never due, or never ends."""
    yield from step.after
    if step.limit and step.limit.moment is Moment.STEP and step.limit.step:
        yield step.limit.step
    if step.repeat and step.repeat.until:
        yield step.repeat.until


def states(procedure: Procedure, known: Mapping[str, Any], ended: Mapping[str, StepEnded]) -> Mapping[str, StepView]:
    """By step, in the procedure's order. `known` as `ask` takes it. Raises StepsGoInACircle."""
    views: dict[str, StepView] = {}
    for id in in_order(procedure.steps):
        views[id] = _view(procedure.steps[id], known, ended, views)
    return {id: views[id] for id in procedure.steps}


def _view(
    step: ProcedureStep, known: Mapping[str, Any], ended: Mapping[str, StepEnded], views: Mapping[str, StepView]
) -> StepView:
    asked = ask(step.when, known) if step.when else Asked(True)
    if end := ended.get(step.id):
        return _after_its_end(step, end, asked, views)
    # what was done for the time being, or is done again and again, holds nobody up
    waits = tuple(id for id in step.after if id not in ended and views[id].state not in OVER)
    if waits:
        return StepView(state=StepState.WAITING, waits_for=waits)
    if asked.truth is None:
        return StepView(state=StepState.UNKNOWN, missing=asked.missing)
    return StepView(state=StepState.OPEN, limit=step.limit) if asked.truth else StepView(state=StepState.NOT_NEEDED)


def _after_its_end(step: ProcedureStep, end: StepEnded, asked: Asked, views: Mapping[str, StepView]) -> StepView:
    if end.skipped:
        return StepView(state=StepState.SKIPPED, round=end.round)
    if end.provisional and step.may_be_provisional:
        if asked.truth is False:
            return StepView(state=StepState.NOT_NEEDED, round=end.round + 1)
        return StepView(state=StepState.OPEN, round=end.round + 1, limit=step.final)
    if step.repeat and asked.truth is not False and not _stopped(step.repeat.until, views):
        again = Limit(period=step.repeat.every, moment=Moment.STEP, step=step.id)
        return StepView(state=StepState.OPEN, round=end.round + 1, limit=again)
    return StepView(state=StepState.DONE, round=end.round)


def _stopped(until: str | None, views: Mapping[str, StepView]) -> bool:
    """A repetition ends with the step it is to last until, also where that one is skipped or not needed."""
    return until is not None and views[until].state in OVER
