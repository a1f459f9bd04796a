"""Bank holidays that are not published yet: a matter for the secretary, and never in the way of anybody."""

from datetime import datetime

from sqlmodel import Session

from actions.matters import open_matter
from models.protocol import MatterKind, Protocol
from rules.working_days import BeyondPublishedHolidays


def ask_for_holidays(session: Session, now: datetime, protocol: Protocol, unknown: BeyondPublishedHolidays) -> None:
    """Asked once for every year."""
    open_matter(
        session, now, protocol, MatterKind.HOLIDAYS, f"holidays:{unknown.day.year}", str(unknown),
        "Install a release whose bank holidays reach further; reminders go on by themselves then.",
    )  # fmt: skip
