"""Recording a delivery report. A bounce is not silence: it stops the ladder for the address and becomes work."""

from datetime import datetime

from sqlmodel import Session, select

from actions.came_back import offer
from models import history
from models.history import History
from models.outbox import Delivery
from models.outbox import Message as OutboxRow
from notifications.bounces import BounceReport
from notifications.doubt import close_doubt
from notifications.matters import whose
from notifications.refusals import address_refused, contact_locked
from rules.sentences import written_day

DELAYED = "delivery delayed"


def record_bounce(session: Session, now: datetime, report: BounceReport, by: str) -> str:
    """Answers in one sentence what follows. The same report twice changes nothing the second time."""
    row = session.exec(select(OutboxRow).where(OutboxRow.message_id == report.message_id)).first()
    if row is None:
        return f"No message {report.message_id} was sent from here: nothing was changed."
    history.hold(session, row.case)
    contact = contact_locked(session, row.contact_id)
    session.refresh(row, with_for_update=True)
    if not report.permanent:
        return _record_delay(session, now, row, report, by)
    if row.bounced_at is not None:
        return f"This bounce was recorded before: “{row.subject}” to {row.address}."
    before = contact.bounced_at
    _end_doubt(session, now, row)
    if address_refused(session, now, row, report.said, by):
        return f"Recorded: {row.address} takes no mail. It is on the secretary's list, and nothing more is sent to it."
    who = whose(session, row.contact_id)
    if contact.address != row.address:
        said = f"Recorded. The address of {who} has been corrected since, from {row.address} to {contact.address}."
        is_offered = before is None and offer(session, now, row, contact)
        return f"{said} Whether it is sent there too is on the secretary's list." if is_offered else said
    assert before is not None
    return f"Recorded. That {row.address} takes no mail is known since {written_day(before)}."


def _end_doubt(session: Session, now: datetime, row: OutboxRow) -> None:
    """It did not arrive, and what waits to go to that address again would not. A link in it stays ended."""
    if row.in_doubt_at is None or row.state not in (Delivery.QUEUED, Delivery.IN_DOUBT):
        return
    row.state, row.settled_at = Delivery.FAILED, row.settled_at or now
    session.add(row)
    close_doubt(session, now, row, "it came back")


def _record_delay(session: Session, now: datetime, row: OutboxRow, report: BounceReport, by: str) -> str:
    """The server is still trying, or tells of something else than a failure: only history."""
    details = {"message": row.key, "status": report.status}
    told = session.exec(select(History).where(History.case == row.case, History.what == DELAYED))
    if not any(line.details == details for line in told):
        why = report.said or None
        history.write(session, row.case, now, by, DELAYED, why=why, message=row.key, status=report.status)
    return f"Noted: the mail server has not given up on “{row.subject}” to {row.address}. Nothing needs doing yet."
