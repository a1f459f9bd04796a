"""The review of the protocol (protocol §14): its stages, its steps, and which step the clock owes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal, assert_never
from zoneinfo import ZoneInfo

from rules.errors import Refused
from rules.instants import end_of_day

DAY = timedelta(days=1)


class ReviewKind(StrEnum):
    ANNUAL = "annual"
    EXTRAORDINARY = "extraordinary"  # "unless legislative change requires more immediate action"


class Stage(StrEnum):
    SCHEDULED = "scheduled"
    COLLECTING = "collecting"
    DRAFTING = "drafting"
    ADVISING = "advising"
    DECIDING = "deciding"
    SIGNING = "signing"
    ADOPTED = "adopted"
    NO_CHANGE = "no change"
    CANCELLED = "cancelled"
    JOINED = "joined"  # its reasons went into a review that was open already


class Step(StrEnum):
    INVITE_FEEDBACK = "invite feedback"
    CLOSE_FEEDBACK = "close feedback"
    REOPEN_FEEDBACK = "reopen feedback"
    SEEK_ADVICE = "seek advice"
    BEGIN_DECIDING = "begin deciding"
    RETURN_TO_DRAFTING = "return to drafting"
    OPEN_SIGNING = "open signing"
    ANNOUNCE = "announce"
    ADOPT = "adopt"
    CONCLUDE_UNCHANGED = "conclude unchanged"
    CANCEL = "cancel"
    JOIN = "join"


# The steps the clock takes when they fall due. Every other step is a person's.
ClockStep = Literal[Step.INVITE_FEEDBACK, Step.CLOSE_FEEDBACK, Step.ADOPT]

MOVES = {
    (Stage.SCHEDULED,  Step.INVITE_FEEDBACK):    Stage.COLLECTING,
    (Stage.SCHEDULED,  Step.JOIN):               Stage.JOINED,
    (Stage.SCHEDULED,  Step.CANCEL):             Stage.CANCELLED,
    (Stage.COLLECTING, Step.CLOSE_FEEDBACK):     Stage.DRAFTING,
    (Stage.COLLECTING, Step.CANCEL):             Stage.CANCELLED,
    (Stage.DRAFTING,   Step.SEEK_ADVICE):        Stage.ADVISING,
    (Stage.DRAFTING,   Step.BEGIN_DECIDING):     Stage.DECIDING,
    (Stage.DRAFTING,   Step.REOPEN_FEEDBACK):    Stage.COLLECTING,
    (Stage.DRAFTING,   Step.CONCLUDE_UNCHANGED): Stage.NO_CHANGE,
    (Stage.DRAFTING,   Step.CANCEL):             Stage.CANCELLED,
    (Stage.ADVISING,   Step.BEGIN_DECIDING):     Stage.DECIDING,
    (Stage.ADVISING,   Step.RETURN_TO_DRAFTING): Stage.DRAFTING,
    (Stage.ADVISING,   Step.REOPEN_FEEDBACK):    Stage.COLLECTING,
    (Stage.ADVISING,   Step.CANCEL):             Stage.CANCELLED,
    (Stage.DECIDING,   Step.RETURN_TO_DRAFTING): Stage.DRAFTING,
    (Stage.DECIDING,   Step.REOPEN_FEEDBACK):    Stage.COLLECTING,
    (Stage.DECIDING,   Step.OPEN_SIGNING):       Stage.SIGNING,
    (Stage.DECIDING,   Step.ANNOUNCE):           Stage.ADOPTED,
    (Stage.DECIDING,   Step.CONCLUDE_UNCHANGED): Stage.NO_CHANGE,
    (Stage.DECIDING,   Step.CANCEL):             Stage.CANCELLED,
    (Stage.SIGNING,    Step.ADOPT):              Stage.ADOPTED,
}  # fmt: skip

# A review that another one may still join: its text is not settled yet.
JOINABLE = frozenset({Stage.COLLECTING, Stage.DRAFTING, Stage.ADVISING, Stage.DECIDING})
ENDED = frozenset({Stage.ADOPTED, Stage.NO_CHANGE, Stage.CANCELLED, Stage.JOINED})


class StepNotAllowed(Refused):
    """The protocol does not allow this step at this stage."""

    def __init__(self, stage: Stage, step: Step) -> None:
        self.stage, self.step = stage, step
        super().__init__(f"Cannot {step}: the review is {as_state(stage)}.")


def as_state(stage: Stage) -> str:
    """Completes “the review is …”."""
    return _AS_STATE[stage]


_AS_STATE = {
    Stage.SCHEDULED: "scheduled and has not opened",
    Stage.COLLECTING: "collecting feedback",
    Stage.DRAFTING: "being drafted",
    Stage.ADVISING: "waiting for advice",
    Stage.DECIDING: "being decided",
    Stage.SIGNING: "being signed",
    Stage.ADOPTED: "closed: its version was adopted",
    Stage.NO_CHANGE: "closed: reviewed with no change",
    Stage.CANCELLED: "cancelled",
    Stage.JOINED: "part of another review",
}


@dataclass(frozen=True, kw_only=True)
class ReviewClock:
    """What the clock needs to know of a review."""

    stage: Stage
    opens_at: datetime
    due_at: datetime  # end of the last day for feedback, exclusive
    signatures_owed: int = 0
    signed: int = 0  # parties that carry the version that is being signed
    newcomer_at: datetime | None = None  # since when there is, or will be, a party that has not been asked


def stage_after(stage: Stage, step: Step) -> Stage:
    """Raises StepNotAllowed with a sentence for the person who tried."""
    try:
        return MOVES[stage, step]
    except KeyError:
        raise StepNotAllowed(stage, step) from None


def due_step(review: ReviewClock, now: datetime) -> ClockStep | None:
    """The step the clock owes this review at this instant, if any."""
    match review.stage:
        case Stage.SCHEDULED:
            return Step.INVITE_FEEDBACK if now >= review.opens_at else None
        case Stage.COLLECTING:
            return _while_collecting(review, now)
        case Stage.SIGNING:
            return Step.ADOPT if review.signatures_owed == 0 and review.signed else None
        case (
            Stage.DRAFTING | Stage.ADVISING | Stage.DECIDING
            | Stage.ADOPTED | Stage.NO_CHANGE | Stage.CANCELLED | Stage.JOINED
        ):  # fmt: skip
            return None
        case _:
            assert_never(review.stage)


def _while_collecting(review: ReviewClock, now: datetime) -> ClockStep | None:
    """A party that begins to count in the middle is invited as the others were: that moves the review nowhere."""
    if now >= review.due_at:
        return Step.CLOSE_FEEDBACK
    return Step.INVITE_FEEDBACK if review.newcomer_at is not None and now >= review.newcomer_at else None


def first_newcomer(joined: Iterable[date | None], opened_at: datetime, zone: ZoneInfo) -> datetime | None:
    """When the first of the parties that have not been asked begins to count: as its day begins, in that zone."""
    return min((end_of_day(day - DAY, zone) if day else opened_at for day in joined), default=None)


def next_instant(review: ReviewClock) -> datetime | None:
    """When the clock has to look at this review next; None while it waits for people."""
    match review.stage:
        case Stage.SCHEDULED:
            return review.opens_at
        case Stage.COLLECTING:
            return min(review.due_at, review.newcomer_at or review.due_at)
        case _:
            return None
