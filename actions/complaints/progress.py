"""Where a complaint stands, for an operator: parties by their ids, nothing of what was told."""

from datetime import datetime

from sqlmodel import Session, col, select

from actions.complaints.moving import complaint_named, handler_of, protocol_of
from actions.complaints.standing import standing_of
from actions.policy import zone_of
from models.complaint import Complaint
from models.obligation import Obligation
from rules.complaint import Stage
from rules.sentences import written_instant

NEXT = {
    Stage.RECEIVED: "Whoever has it acknowledges it.",
    Stage.ACKNOWLEDGED: "The clock begins the analysis.",
    Stage.ANALYSING: "The four questions are answered.",
    Stage.DETERMINED: "Something follows from it, whoever complained is told, and it is closed.",
    Stage.CLOSED: "It has ended.",
}


def complaint_progress(session: Session, now: datetime, complaint_id: int) -> str:
    """Markdown: the stage, what is next, what is owed, and what its findings are."""
    complaint = complaint_named(session, complaint_id)
    protocol, handler = protocol_of(session, complaint), handler_of(session, complaint)
    head = [
        f"# Complaint {complaint.id} of {protocol.slug}: {complaint.stage}",
        f"Answered by {handler.slug if handler else 'the secretary'}. As of {written_instant(now, zone_of(protocol))}.",
        NEXT[complaint.stage],
    ]
    return "\n\n".join([*head, *_findings(session, complaint), *_duties(session, now, complaint)])


def _findings(session: Session, complaint: Complaint) -> list[str]:
    rows = [
        f"| {each.finding.issue} | {each.finding.result} | "
        f"{', '.join(sorted({effect.effect.value for effect in each.effects})) or 'nothing yet'} |"
        for each in standing_of(session, complaint)
    ]
    return ["\n".join(["| issue | finding | followed by |", "|---|---|---|", *rows])] if rows else []


def _duties(session: Session, now: datetime, complaint: Complaint) -> list[str]:
    statement = select(Obligation).where(Obligation.case == complaint.case).order_by(col(Obligation.id))
    rows = [
        f"| {duty.kind} | {duty.outcome or ('overdue' if duty.is_overdue(now) else 'owed')} | {duty.due_on} |"
        for duty in session.exec(statement)
    ]
    return ["\n".join(["| duty | state | due |", "|---|---|---|", *rows])] if rows else []
