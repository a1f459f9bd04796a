"""When something about a complaint was done, as a person writes it: a day, or a time on the protocol's own clock."""

from datetime import datetime, time

from sqlmodel import Session

from actions.complaints.moving import complaint_named, protocol_of
from actions.complaints.telling_complainant import last_determined
from actions.policy import zone_of
from models.complaint import NoticeKind
from models.protocol import Protocol
from rules.instants import at_local, local_day, parse_when

NOON = time(12)


def received_when(protocol: Protocol, text: str) -> datetime:
    """A day is its beginning: thirty days are counted from the day. Raises NeitherDayNorInstant, SkippedTime."""
    when = parse_when(text, zone_of(protocol))
    return when if isinstance(when, datetime) else at_local(when, time(), zone_of(protocol))


def told_when(
    session: Session, now: datetime, complaint_id: int, text: str, kind: NoticeKind = NoticeKind.PROGRESS
) -> datetime:
    """A day is its noon; on the day it was received, not before that, nor, of an outcome, before it was determined;
    today, not later than now.

    Raises NotThere, and what `received_when` raises.
    """
    complaint = complaint_named(session, complaint_id)
    zone = zone_of(protocol_of(session, complaint))
    when = parse_when(text, zone)
    if isinstance(when, datetime):
        return when
    at = at_local(when, NOON, zone)
    determined = last_determined(session, complaint) if kind is NoticeKind.OUTCOME else None
    for begin in (complaint.received_at, determined):
        if begin is not None and when == local_day(begin, zone):
            at = max(at, begin)
    return min(at, now) if when == local_day(now, zone) else at
