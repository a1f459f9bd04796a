"""The one writer of a gap's stage, and how a gap is held: with its protocol, then as a case of its own."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlmodel import Session

from actions.cast import NotThere, known_id
from actions.gaps.naming import gaps_named_in, proposals_answering
from actions.moving import hold_cases, protocol_locked
from models import history
from models.gap import Gap
from models.locking import hold_row
from models.protocol import Protocol, Version
from models.review import Review
from rules.errors import Refused
from rules.gap import WAITING, Stage, Step, stage_after


class GapIsClosed(Refused):
    def __init__(self, gap: Gap, version: Version | None = None) -> None:
        ended = f"was resolved in version {version.label}" if version else f"is closed ({gap.closed_because})"
        super().__init__(
            f"Gap {gap.id} {ended}: open another one, or reopen it with `concordat gap reopen {gap.id} --because TEXT`."
        )


def gap_locked(session: Session, gap_id: int) -> Gap:
    """The gap as it is now, held with its protocol. Raises NotThere."""
    gap = session.get(Gap, gap_id)
    if gap is None:
        raise NotThere(f"There is no gap {gap_id}: see `concordat gap list`.")
    protocol_locked(session, session.get_one(Protocol, gap.protocol_id))
    return held(session, gap)


def held(session: Session, gap: Gap) -> Gap:
    """As it is now. The protocol is held by the caller."""
    history.hold(session, gap.case)
    hold_row(session, gap)
    return gap


def hold_gaps(session: Session, gaps: Collection[int | None]) -> None:
    """Before any rows: whoever ends what several gaps hang on takes their cases first."""
    hold_cases(session, (f"gap:{number}" for number in gaps if number is not None))


def hold_gaps_of(session: Session, review: Review) -> None:
    hold_gaps(session, gaps_named_in(session, review))


def require_waiting(session: Session, gap: Gap) -> None:
    """Raises GapIsClosed."""
    if gap.stage not in WAITING:
        raise GapIsClosed(gap, session.get(Version, gap.resolved_in_id) if gap.resolved_in_id else None)


def take_step(
    session: Session, now: datetime, gap: Gap, step: Step, by: str, why: str | None = None, **details: Any
) -> None:
    """Raises StepNotAllowed. Writes the history row of the move; what goes with the stage is set by the caller."""
    before, gap.stage = gap.stage, stage_after(gap.stage, step)
    session.add(gap)
    history.write(
        session, gap.case, now, by, step.value, moved=(before.value, gap.stage.value), why=why, **details
    )  # fmt: skip


def settle_gaps(session: Session, now: datetime, gaps: Collection[int], by: str) -> None:
    """A gap that a proposal on some review's table names is proposed, one that none names any more is open again."""
    answering = proposals_answering(session, gaps)
    for number in sorted(set(gaps)):
        gap = held(session, session.get_one(Gap, number))
        named = answering.get(known_id(gap), [])
        if gap.stage is Stage.OPEN and named:
            take_step(session, now, gap, Step.PROPOSE, by, proposals=named)
        elif gap.stage is Stage.PROPOSED and not named:
            take_step(session, now, gap, Step.DROP, by)
