"""Bank holidays that are not published yet: a matter for the secretary, and never in the way of anybody."""

from datetime import datetime

from sqlmodel import Session

from actions.matters import keyed, open_matter, open_matters
from models.protocol import MatterKind, Protocol
from rules.working_days import BeyondPublishedHolidays


def ask_for_holidays(session: Session, now: datetime, protocol: Protocol, unknown: BeyondPublishedHolidays) -> None:
    """Asked once for every year."""
    open_matter(
        session, now, protocol, MatterKind.HOLIDAYS, _key(unknown), str(unknown),
        "Install a release whose bank holidays reach further; reminders, and a review that waits for them, go on by "
        "themselves then.",
    )  # fmt: skip


def holidays_are_asked_for(session: Session, protocol: Protocol, unknown: BeyondPublishedHolidays) -> bool:
    """It stands on the list now."""
    return bool(open_matters(session, protocol, keyed(protocol, _key(unknown))))


def _key(unknown: BeyondPublishedHolidays) -> str:
    return f"holidays:{unknown.day.year}"
