"""A breach's stages (protocol §13, §14), its steps, and which step the clock owes.

One case, several parties: the stage says how far the slowest of them is. What each party owes is told by its own
duties and steps, never by the stage.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from rules.errors import Refused


class Stage(StrEnum):
    REPORTED = "reported"
    ASSESSING = "assessing"
    FOLLOWING_UP = "following up"
    REPORTING_OUT = "reporting out"
    LEARNING = "learning"
    CLOSED = "closed"


class Step(StrEnum):
    OPEN_FOLLOW_UPS = "open follow-ups"
    HAND_OVER = "hand over"
    UPDATE_STEPS = "update steps"
    RETURN_TO_ASSESSING = "return to assessing"
    BEGIN_FOLLOWING_UP = "begin following up"
    BEGIN_REPORTING_OUT = "begin reporting out"
    BEGIN_LEARNING = "begin learning"
    CLOSE = "close"
    END_EARLY = "end early"  # a near miss, or no breach at all
    MERGE = "merge"
    REOPEN = "reopen"


# The steps the clock takes when they fall due. Every other step is a person's.
ClockStep = Literal[
    Step.OPEN_FOLLOW_UPS, Step.HAND_OVER, Step.UPDATE_STEPS, Step.RETURN_TO_ASSESSING, Step.BEGIN_FOLLOWING_UP,
    Step.BEGIN_REPORTING_OUT, Step.BEGIN_LEARNING,
]  # fmt: skip

MOVES = {
    (Stage.REPORTED,      Step.OPEN_FOLLOW_UPS):     Stage.ASSESSING,
    (Stage.REPORTED,      Step.END_EARLY):           Stage.CLOSED,
    (Stage.REPORTED,      Step.MERGE):               Stage.CLOSED,
    (Stage.ASSESSING,     Step.OPEN_FOLLOW_UPS):     Stage.ASSESSING,
    (Stage.ASSESSING,     Step.HAND_OVER):           Stage.ASSESSING,
    (Stage.ASSESSING,     Step.UPDATE_STEPS):        Stage.ASSESSING,
    (Stage.ASSESSING,     Step.BEGIN_FOLLOWING_UP):  Stage.FOLLOWING_UP,
    (Stage.ASSESSING,     Step.END_EARLY):           Stage.CLOSED,
    (Stage.ASSESSING,     Step.MERGE):               Stage.CLOSED,
    (Stage.FOLLOWING_UP,  Step.OPEN_FOLLOW_UPS):     Stage.ASSESSING,
    (Stage.FOLLOWING_UP,  Step.HAND_OVER):           Stage.FOLLOWING_UP,
    (Stage.FOLLOWING_UP,  Step.UPDATE_STEPS):        Stage.FOLLOWING_UP,
    (Stage.FOLLOWING_UP,  Step.RETURN_TO_ASSESSING): Stage.ASSESSING,
    (Stage.FOLLOWING_UP,  Step.BEGIN_REPORTING_OUT): Stage.REPORTING_OUT,
    (Stage.FOLLOWING_UP,  Step.END_EARLY):           Stage.CLOSED,
    (Stage.FOLLOWING_UP,  Step.MERGE):               Stage.CLOSED,
    (Stage.REPORTING_OUT, Step.OPEN_FOLLOW_UPS):     Stage.ASSESSING,
    (Stage.REPORTING_OUT, Step.HAND_OVER):           Stage.REPORTING_OUT,
    (Stage.REPORTING_OUT, Step.UPDATE_STEPS):        Stage.FOLLOWING_UP,
    (Stage.REPORTING_OUT, Step.RETURN_TO_ASSESSING): Stage.ASSESSING,
    (Stage.REPORTING_OUT, Step.BEGIN_FOLLOWING_UP):  Stage.FOLLOWING_UP,
    (Stage.REPORTING_OUT, Step.BEGIN_LEARNING):      Stage.LEARNING,
    (Stage.REPORTING_OUT, Step.END_EARLY):           Stage.CLOSED,
    (Stage.REPORTING_OUT, Step.MERGE):               Stage.CLOSED,
    (Stage.LEARNING,      Step.OPEN_FOLLOW_UPS):     Stage.ASSESSING,
    (Stage.LEARNING,      Step.HAND_OVER):           Stage.LEARNING,
    (Stage.LEARNING,      Step.UPDATE_STEPS):        Stage.FOLLOWING_UP,
    (Stage.LEARNING,      Step.RETURN_TO_ASSESSING): Stage.ASSESSING,
    (Stage.LEARNING,      Step.BEGIN_FOLLOWING_UP):  Stage.FOLLOWING_UP,
    (Stage.LEARNING,      Step.BEGIN_REPORTING_OUT): Stage.REPORTING_OUT,
    (Stage.LEARNING,      Step.CLOSE):               Stage.CLOSED,
    (Stage.LEARNING,      Step.END_EARLY):           Stage.CLOSED,
    (Stage.LEARNING,      Step.MERGE):               Stage.CLOSED,
    (Stage.CLOSED,        Step.HAND_OVER):           Stage.CLOSED,
    (Stage.CLOSED,        Step.REOPEN):              Stage.ASSESSING,
}  # fmt: skip

OPEN = frozenset(set(Stage) - {Stage.CLOSED})


class StepNotAllowed(Refused):
    """Nothing allows this step at this stage."""

    def __init__(self, stage: Stage, step: Step) -> None:
        self.stage, self.step = stage, step
        super().__init__(f"Cannot {step}: the breach is {as_state(stage)}.")


def as_state(stage: Stage) -> str:
    """Completes “the breach is …”."""
    return {
        Stage.REPORTED: "reported, and its follow-ups are about to be opened",
        Stage.ASSESSING: "being assessed",
        Stage.FOLLOWING_UP: "being followed up",
        Stage.REPORTING_OUT: "being reported to those who must be told",
        Stage.LEARNING: "waiting for what was learnt",
        Stage.CLOSED: "closed",
    }[stage]


@dataclass(frozen=True, kw_only=True)
class BreachClock:
    """What the clock needs to know of a breach. All but the stage are counts over its open follow-ups; what has to be
    handed over counts also after they have ended."""

    stage: Stage
    follow_ups: int = 0  # of all, ended ones too
    unfollowed: int = 0  # parties that may be affected and have no follow-up
    unassessed: int = 0
    to_hand_over: int = 0  # duties of somebody who is away or cannot be reached, where another can be asked
    steps_to_update: int = 0  # steps that should be open and are not, or are open and are not needed any more
    steps_pending: int = 0  # open, or waiting for a fact that nobody knows yet
    duties_open: int = 0


def stage_after(stage: Stage, step: Step) -> Stage:
    """Raises StepNotAllowed with a sentence for the person who tried."""
    try:
        return MOVES[stage, step]
    except KeyError:
        raise StepNotAllowed(stage, step) from None


def due_step(breach: BreachClock) -> ClockStep | None:
    """The step the clock owes this breach, if any. Taking it ends its being due."""
    if breach.stage is Stage.CLOSED:
        return Step.HAND_OVER if breach.to_hand_over else None  # a local action goes on
    if breach.stage is Stage.REPORTED or breach.unfollowed:
        return Step.OPEN_FOLLOW_UPS
    if breach.to_hand_over:
        return Step.HAND_OVER
    if breach.steps_to_update:
        return Step.UPDATE_STEPS
    return _towards(_where_it_stands(breach), breach.stage)


def _where_it_stands(breach: BreachClock) -> Stage:
    if breach.unassessed or not breach.follow_ups:
        return Stage.ASSESSING
    if breach.steps_pending:
        return Stage.FOLLOWING_UP
    return Stage.REPORTING_OUT if breach.duties_open else Stage.LEARNING


_LADDER = (Stage.ASSESSING, Stage.FOLLOWING_UP, Stage.REPORTING_OUT, Stage.LEARNING)


def _towards(target: Stage, stage: Stage) -> ClockStep | None:
    """Forward one stage at a time, so that history tells each; back at once."""
    if target is stage:
        return None
    if _LADDER.index(target) > _LADDER.index(stage):
        target = _LADDER[_LADDER.index(stage) + 1]
    step: dict[Stage, ClockStep] = {
        Stage.ASSESSING: Step.RETURN_TO_ASSESSING,
        Stage.FOLLOWING_UP: Step.BEGIN_FOLLOWING_UP,
        Stage.REPORTING_OUT: Step.BEGIN_REPORTING_OUT,
        Stage.LEARNING: Step.BEGIN_LEARNING,
    }
    return step[target]
