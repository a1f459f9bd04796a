"""A complaint's stages (protocol §9, §14), its steps, and which step the clock owes."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, assert_never

from rules.errors import Refused


class ComplaintKind(StrEnum):
    """Kinds with clocks of their own. The first two are a person's about how personal data were handled, and have the
    clock of the Data Protection Act 2018, section 164A; the others are not complaints in its sense."""

    DISCLOSURE = "disclosure"  # protocol §9: "complaints relating to disclosure of information"
    PERSON = "person"
    NON_COMPLIANCE = "partner non-compliance"
    CONCERN = "practitioner concern"
    DISAGREEMENT = "partner disagreement"


# “a person’s complaint about Luton Borough Council”: what it is, and how whom it is about follows.
_SAID = {
    ComplaintKind.DISCLOSURE: ("a complaint about disclosure", "by"),
    ComplaintKind.PERSON: ("a person’s complaint", "about"),
    ComplaintKind.NON_COMPLIANCE: ("a partner’s complaint of non-compliance", "by"),
    ComplaintKind.CONCERN: ("a practitioner’s concern", "about"),
    ComplaintKind.DISAGREEMENT: ("a partner’s disagreement", "with"),
}


def said(kind: ComplaintKind, about: str, number: int | None = None) -> str:
    """“a person’s complaint (3) about Luton Borough Council”; the number only where it is given."""
    what, how = _SAID[kind]
    return f"{what} ({number}) {how} {about}" if number is not None else f"{what} {how} {about}"


STATUTORY = frozenset({ComplaintKind.DISCLOSURE, ComplaintKind.PERSON})


class Stage(StrEnum):
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    ANALYSING = "analysing"
    DETERMINED = "determined"
    CLOSED = "closed"


class Step(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    REFER = "refer"
    BEGIN_ANALYSIS = "begin analysis"
    DETERMINE = "determine"
    LOOK_AGAIN = "look again"  # a determination is corrected, or the case is reopened
    CLOSE = "close"
    END_EARLY = "end early"  # withdrawn, or not for this protocol
    ASK_AGAIN = "ask again"  # a later version has answered it: would this now be covered?


# The steps the clock takes when they fall due. Every other step is a person's.
ClockStep = Literal[Step.BEGIN_ANALYSIS, Step.ASK_AGAIN]

MOVES = {
    (Stage.RECEIVED,     Step.ACKNOWLEDGE):    Stage.ACKNOWLEDGED,
    (Stage.RECEIVED,     Step.REFER):          Stage.RECEIVED,
    (Stage.RECEIVED,     Step.BEGIN_ANALYSIS): Stage.ANALYSING,
    (Stage.RECEIVED,     Step.END_EARLY):      Stage.CLOSED,
    (Stage.ACKNOWLEDGED, Step.REFER):          Stage.ACKNOWLEDGED,
    (Stage.ACKNOWLEDGED, Step.BEGIN_ANALYSIS): Stage.ANALYSING,
    (Stage.ACKNOWLEDGED, Step.END_EARLY):      Stage.CLOSED,
    (Stage.ANALYSING,    Step.ACKNOWLEDGE):    Stage.ANALYSING,
    (Stage.ANALYSING,    Step.REFER):          Stage.ANALYSING,
    (Stage.ANALYSING,    Step.DETERMINE):      Stage.DETERMINED,
    (Stage.ANALYSING,    Step.END_EARLY):      Stage.CLOSED,
    (Stage.DETERMINED,   Step.ACKNOWLEDGE):    Stage.DETERMINED,
    (Stage.DETERMINED,   Step.LOOK_AGAIN):     Stage.ANALYSING,
    (Stage.DETERMINED,   Step.CLOSE):          Stage.CLOSED,
    (Stage.CLOSED,       Step.LOOK_AGAIN):     Stage.ANALYSING,
    (Stage.CLOSED,       Step.ASK_AGAIN):      Stage.CLOSED,
}  # fmt: skip


class StepNotAllowed(Refused):
    """Nothing allows this step at this stage."""

    def __init__(self, stage: Stage, step: Step) -> None:
        self.stage, self.step = stage, step
        super().__init__(f"Cannot {step}: the complaint is {as_state(stage)}.")


def as_state(stage: Stage) -> str:
    """Completes “the complaint is …”."""
    return {
        Stage.RECEIVED: "received, and not acknowledged",
        Stage.ACKNOWLEDGED: "acknowledged, and about to be analysed",
        Stage.ANALYSING: "being analysed",
        Stage.DETERMINED: "determined",
        Stage.CLOSED: "closed",
    }[stage]


@dataclass(frozen=True, kw_only=True)
class ComplaintClock:
    """What the clock needs to know of a complaint."""

    stage: Stage
    acknowledgement_owed: bool = True  # it can be acknowledged, has not been, and the day for it has not passed
    answered_by: int = 0  # versions in force that have answered this case and about which nobody was asked yet


def stage_after(stage: Stage, step: Step) -> Stage:
    """Raises StepNotAllowed with a sentence for the person who tried."""
    try:
        return MOVES[stage, step]
    except KeyError:
        raise StepNotAllowed(stage, step) from None


def due_step(complaint: ComplaintClock) -> ClockStep | None:
    """The step the clock owes this complaint, if any. Taking it ends its being due."""
    match complaint.stage:
        case Stage.RECEIVED:
            return None if complaint.acknowledgement_owed else Step.BEGIN_ANALYSIS
        case Stage.ACKNOWLEDGED:
            return Step.BEGIN_ANALYSIS
        case Stage.ANALYSING | Stage.DETERMINED:
            return None
        case Stage.CLOSED:
            return Step.ASK_AGAIN if complaint.answered_by else None
        case _:
            assert_never(complaint.stage)
