"""What a sweep, or a delivery, should have left nobody waiting for. Reads only.

Asked right after one, at its own instant: between two of them something may well be due, so `verify` does not.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlmodel import Session, col, select

from actions.absences import absences_due
from actions.breaches.settling import breaches_due
from actions.clockwork import reviews_due
from actions.complaints.settling import complaints_due
from models.obligation import Obligation
from models.outbox import Delivery, Message

OF_CASES = (("breach", breaches_due), ("complaint", complaints_due), ("review", reviews_due))


def left_over(session: Session, now: datetime, stuck: Collection[str] = ()) -> Iterator[str]:
    """After a sweep: steps of cases and looks at obligations that are due still. `stuck`: cases whose step was refused,
    which is on the secretary's list."""
    for kind, due in OF_CASES:
        for number in due(session, now):
            if (case := f"{kind}:{number}") not in stuck:
                yield f"{case}: the clock still owes it a step"
    for case in absences_due(session, now).values():
        if case not in stuck:
            yield f"{case}: somebody is away, and the clock has not seen to it"
    waiting = select(Obligation.key).where(col(Obligation.outcome).is_(None), col(Obligation.next_at) <= now)
    for key in session.exec(waiting.order_by(col(Obligation.id))):
        yield f"{key}: was to be looked at, and has not been"


def not_sent(session: Session, now: datetime) -> Iterator[str]:
    """After a delivery that the mail server let go on to its end: what is due leaves, or is put off."""
    due = select(Message.key).where(Message.state == Delivery.QUEUED, col(Message.next_attempt_at) <= now)
    for key in session.exec(due.order_by(col(Message.id))):
        yield f"message {key}: is due, and was not tried"
