"""From now on somebody owes something: by when, and when the clock looks at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import make_transient_to_detached
from sqlmodel import Session, select

from actions.cast import known_id
from actions.policy import ladder_of, zone_of
from models.inserting import insert_those_not_there
from models.obligation import Obligation, ObligationKind, Reminder
from models.protocol import Contact, Party, Protocol
from rules.instants import end_of_day, local_day, require_aware, zone_named
from rules.reminding import LOOK_AGAIN, next_instant
from rules.working_days import BeyondPublishedHolidays


class EitherDayOrInstant(TypeError):
    """A duty is due on a day, or at an instant where hours were counted: exactly one of them is given."""


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A duty to be opened, as `open_obligation` takes it."""

    key: str
    case: str
    kind: ObligationKind
    contact: Contact
    due_on: date | None = None
    due_at: datetime | None = None
    party: Party | None = None
    subject: str | None = None
    what: str | None = None


class Opened(NamedTuple):
    """What a message about it has to know."""

    id: int
    key: str


def open_obligation(
    session: Session,
    now: datetime,
    protocol: Protocol,
    *,
    key: str,
    case: str,
    kind: ObligationKind,
    contact: Contact,
    due_on: date | None = None,
    due_at: datetime | None = None,
    party: Party | None = None,
    subject: str | None = None,
    what: str | None = None,
) -> Obligation | None:
    """From now on `contact` owes it. None when that key has been opened before: done is a row.

    `due_at` where hours were counted, else `due_on`; `what` (at most 300 characters) where the kind alone does
    not say it. Raises EitherDayOrInstant.
    """
    opening = Opening(
        key=key, case=case, kind=kind, contact=contact, due_on=due_on, due_at=due_at, party=party, subject=subject,
        what=what,
    )  # fmt: skip
    for row in _opened(session, now, protocol, [opening]):
        duty = Obligation(**row)
        make_transient_to_detached(duty)
        session.add(duty)
        return duty
    return None


def open_obligations(
    session: Session, now: datetime, protocol: Protocol, openings: Sequence[Opening]
) -> dict[str, Opened]:
    """The same of many, a few statements however many they are. Those that had been opened before are not answered."""
    return {row["key"]: Opened(row["id"], row["key"]) for row in _opened(session, now, protocol, openings)}


def _opened(session: Session, now: datetime, protocol: Protocol, openings: Sequence[Opening]) -> list[dict[str, Any]]:
    """The rows as they are in the store now."""
    looks: dict[tuple[object, ...], datetime | None] = {}
    rows = []
    for opening in openings:
        row = _row(now, protocol, opening)
        about = (opening.kind, row["nation"], row["due_on"], row["due_at"])
        if about not in looks:
            looks[about] = next_look(session, protocol, Obligation(**row), now)
        rows.append(row | {"next_at": looks[about]})
    session.flush()
    numbers = insert_those_not_there(session, Obligation, rows)
    return [row | {"id": numbers[row["key"]]} for row in rows if row["key"] in numbers]


def _row(now: datetime, protocol: Protocol, opening: Opening) -> dict[str, Any]:
    limit, party = limit_of(opening.due_on, opening.due_at, zone_of(protocol)), opening.party
    return {
        "key": opening.key, "protocol_id": known_id(protocol), "case": opening.case, "kind": opening.kind,
        "subject": opening.subject, "what": opening.what, "party_id": party.id if party else None,
        "contact_id": known_id(opening.contact), "nation": party.nation if party else protocol.nation,
        "zone": protocol.zone, "ladder": opening.kind.value, "opened_at": now, "due_on": limit.on, "due_at": limit.at,
        "exact": limit.exact,
    }  # fmt: skip


class Limit(NamedTuple):
    on: date
    at: datetime
    exact: bool


def limit_of(due_on: date | None, due_at: datetime | None, zone: ZoneInfo) -> Limit:
    """Of an instant, the day is the zone's own."""
    if due_on is not None and due_at is None:
        return Limit(due_on, end_of_day(due_on, zone), exact=False)
    if due_at is not None and due_on is None:
        return Limit(local_day(due_at, zone), require_aware(due_at), exact=True)
    raise EitherDayOrInstant("give due_on or due_at")


def next_look(session: Session, protocol: Protocol, obligation: Obligation, now: datetime) -> datetime | None:
    """When the clock must look at this obligation again.

    A day beyond the published bank holidays is no reason to refuse what somebody owes or promises: the clock
    looks again tomorrow, and puts the missing holidays on the secretary's list.
    """
    try:
        return next_instant(
            ladder_of(protocol, obligation.kind),
            escalate_after=obligation.escalate_after,
            due_day=obligation.due_on,
            due_at=obligation.counted_to,
            nation=obligation.nation,
            zone=zone_named(obligation.zone),
            taken=taken_rungs(session, obligation),
        )
    except BeyondPublishedHolidays:
        return now + LOOK_AGAIN


def taken_rungs(session: Session, obligation: Obligation) -> frozenset[str]:
    if obligation.id is None:
        return frozenset()
    return frozenset(session.exec(select(Reminder.rung).where(Reminder.obligation_id == obligation.id)))
