"""The life of a gap: a question to the protocol, until a version answers it or somebody says why none has to."""

from enum import StrEnum

from rules.errors import Refused


class Stage(StrEnum):
    OPEN = "open"
    PROPOSED = "proposed"  # a proposal on a review's table names it
    RESOLVED = "resolved"  # in a version
    CLOSED = "closed"  # because


class Step(StrEnum):
    PROPOSE = "propose"
    DROP = "drop"  # no proposal that stands names it any more
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"


MOVES = {
    (Stage.OPEN,     Step.PROPOSE): Stage.PROPOSED,
    (Stage.OPEN,     Step.CLOSE):   Stage.CLOSED,
    (Stage.PROPOSED, Step.DROP):    Stage.OPEN,
    (Stage.PROPOSED, Step.RESOLVE): Stage.RESOLVED,
    (Stage.RESOLVED, Step.REOPEN):  Stage.OPEN,
    (Stage.CLOSED,   Step.REOPEN):  Stage.OPEN,
}  # fmt: skip

WAITING = (Stage.OPEN, Stage.PROPOSED)  # on the agenda of the next review
FIRST = Stage.OPEN


class StepNotAllowed(Refused):
    def __init__(self, stage: Stage, step: Step) -> None:
        self.stage, self.step = stage, step
        super().__init__(f"Cannot {step}: the gap is {as_state(stage)}.")


def as_state(stage: Stage) -> str:
    """Completes “the gap is …”."""
    return {
        Stage.OPEN: "open, and no proposal answers it yet",
        Stage.PROPOSED: "answered by a proposal that is on a review's table",
        Stage.RESOLVED: "resolved in a version",
        Stage.CLOSED: "closed",
    }[stage]


def stage_after(stage: Stage, step: Step) -> Stage:
    """Raises StepNotAllowed with a sentence for the person who tried."""
    try:
        return MOVES[stage, step]
    except KeyError:
        raise StepNotAllowed(stage, step) from None
