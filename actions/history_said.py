"""Details of a row of history as a person reads them: days in words, versions by their labels, and how it was told."""

import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from actions.policy import zone_of
from models.breach import Breach
from models.complaint import Complaint, ComplaintNotice
from models.gap import Gap
from models.history import History
from models.protocol import Protocol, Version
from models.review import Review
from rules.instants import LONDON
from rules.sentences import written_day, written_instant

CASES: dict[str, type[Complaint | Breach | Gap | Review]] = {
    "complaint": Complaint, "breach": Breach, "gap": Gap, "review": Review
}  # fmt: skip
DAY = re.compile(r"\d{4}-\d\d-\d\d")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(\+\d\d:\d\d|Z)")
HASH = re.compile(r"[0-9a-f]{64}")


def zone_of_case(session: Session, case: str) -> ZoneInfo:
    """The protocol's; London's where the case is of none."""
    kind, _, name = case.partition(":")
    if kind == "protocol":
        protocol = session.exec(select(Protocol).where(Protocol.slug == name)).first()
    else:
        found = session.get(CASES[kind], int(name)) if kind in CASES and name.isdecimal() else None
        protocol = session.get(Protocol, found.protocol_id) if found is not None else None
    return zone_of(protocol) if protocol is not None else LONDON


def said_of_row(session: Session, row: History, zone: ZoneInfo) -> dict[str, Any]:
    """The row's details; what history holds only the hash of is left out. `how` is in the notice, not in history."""
    details = {
        key: _version(session, value) if key == "version" else _said(value, zone)
        for key, value in row.details.items()
        if not (isinstance(value, str) and HASH.fullmatch(value))
    }
    how = _how(session, row)
    return details | ({"how": how} if how else {})


def _version(session: Session, value: Any) -> Any:
    found = session.get(Version, value) if isinstance(value, int) else None
    return found.label if found is not None else value


def _said(value: Any, zone: ZoneInfo) -> Any:
    match value:
        case dict():
            return {key: _said(each, zone) for key, each in value.items()}
        case list():
            return [_said(each, zone) for each in value]
        case str() if INSTANT.fullmatch(value):
            return _instant(datetime.fromisoformat(value), zone)
        case str() if DAY.fullmatch(value):
            return written_day(date.fromisoformat(value))
        case _:
            return value


def _instant(value: datetime, zone: ZoneInfo) -> str:
    """A day where nobody said at what time."""
    local = value.astimezone(zone)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return written_day(local)
    return written_instant(value.replace(second=0, microsecond=0), zone)


def _how(session: Session, row: History) -> str | None:
    kind, _, number = row.case.partition(":")
    if kind != "complaint" or "given_at" not in row.details or not number.isdecimal():
        return None
    notices = select(ComplaintNotice).where(
        ComplaintNotice.complaint_id == int(number), ComplaintNotice.recorded_at == row.at
    )
    given_at = datetime.fromisoformat(row.details["given_at"])
    return next((each.how for each in session.exec(notices) if each.given_at == given_at), None)
