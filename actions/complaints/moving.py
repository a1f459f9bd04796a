"""The one writer of a complaint's stage, and how a complaint is held."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.cast import NotThere
from actions.moving import protocol_locked
from models import history
from models.complaint import Complaint, Finding
from models.lists import one_of
from models.locking import hold_row
from models.protocol import Party, Protocol
from rules.complaint import Stage, Step, stage_after
from rules.errors import Refused
from rules.working_days import Nation


class ComplaintIsClosed(Refused):
    def __init__(self, complaint: Complaint) -> None:
        super().__init__(
            f"Complaint {complaint.id} is closed ({complaint.outcome}): look at it again first "
            f"(`concordat complaint look-again {complaint.id} --because TEXT`)."
        )


def complaint_named(session: Session, complaint_id: int) -> Complaint:
    """To look at. Raises NotThere."""
    complaint = session.get(Complaint, complaint_id)
    if complaint is None:
        raise NotThere(f"There is no complaint {complaint_id}: see `concordat complaint list`.")
    return complaint


def complaint_locked(session: Session, complaint_id: int) -> Complaint:
    """The complaint as it is now, held with its protocol, so that no two people act in it at once."""
    complaint = complaint_named(session, complaint_id)
    protocol_locked(session, protocol_of(session, complaint))
    history.hold(session, complaint.case)
    hold_row(session, complaint)
    return complaint


def complaints_locked(session: Session, numbers: Collection[int]) -> list[Complaint]:
    """The same of many of one protocol, by number, in a few statements; of those that are there."""
    of_those = select(Complaint).where(one_of(session, Complaint.id, numbers)).order_by(col(Complaint.id))
    first = session.exec(of_those.limit(1)).first()
    if first is None:
        return []
    protocol_locked(session, protocol_of(session, first))
    history.hold(session, *(f"complaint:{number}" for number in numbers))
    now_held = of_those.with_for_update().execution_options(populate_existing=True)
    return list(session.exec(now_held))


def open_complaint_locked(session: Session, complaint_id: int) -> Complaint:
    """Raises NotThere, ComplaintIsClosed."""
    complaint = complaint_locked(session, complaint_id)
    require_open(complaint)
    return complaint


def require_open(complaint: Complaint) -> None:
    """Asked after what was said before is known again: the same order given twice is no new one."""
    if complaint.stage is Stage.CLOSED:
        raise ComplaintIsClosed(complaint)


def finding_locked(session: Session, finding_id: int) -> tuple[Finding, Complaint]:
    """The finding, and its complaint held. A finding itself never changes. Raises NotThere."""
    finding = session.get(Finding, finding_id)
    if finding is None:
        raise NotThere(f"There is no finding {finding_id}: see `concordat complaint show`.")
    return finding, complaint_locked(session, finding.complaint_id)


def protocol_of(session: Session, complaint: Complaint) -> Protocol:
    return session.get_one(Protocol, complaint.protocol_id)


def handler_of(session: Session, complaint: Complaint) -> Party | None:
    """Who answers it now; None: the secretary."""
    return session.get_one(Party, complaint.handler_id) if complaint.handler_id else None


def nation_of(session: Session, complaint: Complaint) -> Nation:
    """Whose working days count: of whoever answers it."""
    handler = handler_of(session, complaint)
    return handler.nation if handler else protocol_of(session, complaint).nation


def forget_the_outcome(complaint: Complaint) -> None:
    """It is looked at again: whatever comes of it is told anew. Whether anybody can be told is not found anew."""
    complaint.outcome, complaint.told_at = None, None


def take_step(
    session: Session, now: datetime, complaint: Complaint, step: Step, by: str, why: str | None = None, **details: Any
) -> None:
    """Raises StepNotAllowed. Writes the history row; of a step that leaves the stage as it is, one without a move."""
    take_steps(session, now, [(complaint, step, details)], by, why)


def take_steps(
    session: Session, now: datetime, steps: Sequence[tuple[Complaint, Step, dict[str, Any]]], by: str,
    why: str | None = None,
) -> None:  # fmt: skip
    """Each with the details of its row; together they are a few statements. Raises StepNotAllowed."""
    moves = []
    for complaint, step, details in steps:
        before, complaint.stage = complaint.stage, stage_after(complaint.stage, step)
        if complaint.stage is not before:  # asked again, it stays ended since it was closed
            complaint.ended_at = now if complaint.stage is Stage.CLOSED else None
        session.add(complaint)
        moved = (before.value, complaint.stage.value) if before is not complaint.stage else (None, None)
        moves.append(history.Move(complaint.case, by, step.value, details, moved, why))
    history.write_many(session, now, moves)
