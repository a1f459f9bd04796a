"""The one writer of a complaint's stage, and how a complaint is held."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from actions.cast import NotThere
from actions.moving import protocol_locked
from models import history
from models.complaint import Complaint, Finding
from models.protocol import Party, Protocol
from models.store import hold_row
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
    """It is looked at again: whatever comes of it is told anew."""
    complaint.outcome, complaint.told_at, complaint.untold_id = None, None, None


def take_step(
    session: Session, now: datetime, complaint: Complaint, step: Step, by: str, why: str | None = None, **details: Any
) -> None:
    """Raises StepNotAllowed. Writes the history row; of a step that leaves the stage as it is, one without a move."""
    before, complaint.stage = complaint.stage, stage_after(complaint.stage, step)
    complaint.ended_at = now if complaint.stage is Stage.CLOSED else None
    session.add(complaint)
    moved = (before.value, complaint.stage.value) if before is not complaint.stage else (None, None)
    history.write(session, complaint.case, now, by, step.value, moved=moved, why=why, **details)
