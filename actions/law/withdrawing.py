"""A change of the law that was recorded by mistake is taken back: it marks nothing any more.

The record stays, as everything does. The review that it opened or joined stays too: a person cancels it, or goes on.
"""

from datetime import datetime

from sqlmodel import Session, select

from actions.law.changing import MATTER
from actions.law.marks import change_numbered, close_if_answered
from actions.law.of_file import reopen_what_named_it
from actions.law.said import WITHDRAWN, withdrawn_changes
from actions.matters import close_matter
from actions.moving import protocol_locked
from actions.reasons import reason
from models import history
from models.protocol import LegislationChange, Matter, Protocol


def withdraw_change(
    session: Session, now: datetime, protocol: Protocol, change_id: int, by: str, because: str
) -> LegislationChange:
    """Its marks end, and what the file says is to be recorded is on the list again. Said twice, it stays as it was
    said first. Raises NotThere, ReasonNeeded, NotText."""
    why = reason(because, "taking back a change of the law")
    protocol_locked(session, protocol)
    case = f"protocol:{protocol.slug}"
    history.hold(session, case)
    change = change_numbered(session, protocol, change_id)
    if change_id not in withdrawn_changes(session, protocol):
        history.write(session, case, now, by, WITHDRAWN, why=why, change=change_id)
        _close_matter(session, now, protocol, change)
        close_if_answered(session, now, protocol, change)
    reopen_what_named_it(session, protocol, change)
    return change


def _close_matter(session: Session, now: datetime, protocol: Protocol, change: LegislationChange) -> None:
    key = f"{protocol.slug}:{MATTER}{change.id}"
    for matter in session.exec(select(Matter).where(Matter.key == key)):
        close_matter(session, now, matter, "the change was recorded by mistake")
