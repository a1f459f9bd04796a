"""A complaint comes in: to any party, or to the secretary, about any party, in its own words (protocol §9)."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, select

from actions.cast import is_active, known_id, party_named
from actions.complaints.asking import ask_to_acknowledge
from actions.complaints.moving import open_complaint_locked, protocol_of
from actions.complaints.narratives import NothingToRead, OtherScript, narrative_of
from actions.complaints.versions_in_force import BeforeTheFirstVersion, version_on
from actions.moving import protocol_locked
from actions.policy import today_of, zone_of
from actions.reasons import reason
from models import history
from models.complaint import Complaint
from models.fitting import made
from models.history import Narrative
from models.inserting import insert_unless_there
from models.protocol import Party, Protocol
from rules.complaint import ComplaintKind, Stage
from rules.errors import Refused
from rules.instants import local_day
from rules.personal_details import looks_personal
from rules.sentences import written_day
from rules.texts import plain

FEWEST_SIGNS = 3  # of a complaint, in any script; whether more is enough, a person judges
MOST_ATTACHMENTS, LONGEST_REFERENCE = 50, 120


class WhatIsComplainedOf(Refused):
    def __init__(self) -> None:
        super().__init__("Say what is complained of, in a few sentences and without names of third persons (`--what`).")


class NotYet(Refused):
    def __init__(self, what: str, day: date) -> None:
        super().__init__(f"{what} lies ahead ({written_day(day)}): give a day that has come.")


class ReceivedBeforeTheProtocol(Refused):
    def __init__(self, protocol: Protocol, day: date) -> None:
        super().__init__(
            f"It cannot have been received on {written_day(day)}: the {protocol.short_name} had no version then. Look "
            "at `--received` again."
        )


class HappenedBackwards(Refused):
    def __init__(self) -> None:
        super().__init__("It cannot have ended before it began: look at `--happened-from` and `--happened-to` again.")


class ReceivedBeforeItHappened(Refused):
    def __init__(self) -> None:
        super().__init__("It cannot have been received before it happened: look at the dates again.")


class NotAPartyNow(Refused):
    def __init__(self, party: Party) -> None:
        super().__init__(
            f"{party.name} has left the protocol and answers no complaint under it: name its successor, or, if none "
            "is a party, tell whoever complains where to turn."
        )


class NoSuchReference(Refused):
    def __init__(self) -> None:
        super().__init__(
            f"An attachment is named by the reference under which the party keeps it: one line of at most "
            f"{LONGEST_REFERENCE} characters, at most {MOST_ATTACHMENTS} of them. The file itself stays there."
        )


class AnotherComplaintHasThisKey(Refused):
    """Answering with the first one would lose the second."""

    def __init__(self, key: str, complaint: Complaint) -> None:
        super().__init__(f"The key “{key}” belongs to complaint {complaint.id}, which says something else.")


@dataclass(frozen=True, kw_only=True)
class Received:
    """As it came. Parties are short names; `received_by` None: the secretary; `received_at` None: now. `reach` is how
    whoever complained is answered, if that is to be kept here; `key` is the sender's own."""

    kind: ComplaintKind
    what: str
    about: str
    received_by: str | None = None
    received_at: datetime | None = None
    happened_from: date | None = None
    happened_to: date | None = None
    wanted: str | None = None
    reach: str | None = None
    attachments: Sequence[str] = ()
    key: str | None = None


def receive(session: Session, now: datetime, protocol: Protocol, received: Received, by: str) -> Complaint:
    """Keep it, and ask whoever has it now to acknowledge it. The same again, by its key, is the same complaint.

    Raises WhatIsComplainedOf, NarrativeTooLong, NotText, NotThere, NotAPartyNow, NotYet, HappenedBackwards,
    ReceivedBeforeItHappened, ReceivedBeforeTheProtocol, BeforeTheFirstVersion, NoSuchReference,
    AnotherComplaintHasThisKey, DoesNotFit.
    """
    protocol_locked(session, protocol)
    what, key = _what(received.what), _key(protocol, received)
    if key and (known := session.exec(select(Complaint).where(Complaint.key == key)).first()):
        if not _is_the_same(session, protocol, known, received, what):
            raise AnotherComplaintHasThisKey(plain(received.key or ""), known)
        return known
    row = _row(session, now, protocol, received) | {"key": key}
    texts = {"what_id": what, "wanted_id": plain(received.wanted or ""), "reach_id": plain(received.reach or "")}
    kept = {name: history.narrate(session, text) for name, text in texts.items() if text}
    complaint = made(Complaint, row | kept | {"recorded_at": now, "recorded_by": by})
    insert_unless_there(session, complaint)
    complaint = session.get_one(Complaint, complaint.id)
    history.write(
        session, complaint.case, now, by, "received", moved=(None, Stage.RECEIVED.value), kind=received.kind.value,
        about=received.about, received_by=received.received_by, received_at=complaint.received_at.isoformat(),
        told=history.sha256_of(what), version=complaint.version_id,
    )  # fmt: skip
    ask_to_acknowledge(session, now, complaint)
    return complaint


def warnings_of(what: str) -> tuple[str, ...]:
    """A sentence for everything that looks like a personal detail. A warning: nothing is refused."""
    return tuple(
        f"It holds {found}: leave it out, no names and numbers of people are needed here."
        for found in looks_personal(what)
    )


def _what(text: str) -> str:
    """In whatever script: what cannot be compared with clauses in English is kept all the same."""
    said = plain(text)
    if sum(not sign.isspace() for sign in said) < FEWEST_SIGNS:
        raise WhatIsComplainedOf
    with suppress(OtherScript, NothingToRead):
        narrative_of(said)
    return said


def _row(session: Session, now: datetime, protocol: Protocol, received: Received) -> dict[str, Any]:
    today, zone = today_of(protocol, now), zone_of(protocol)
    about = _active(session, protocol, received.about, today)
    by = _active(session, protocol, received.received_by, today) if received.received_by else None
    received_at = received.received_at or now
    if received_at > now:
        raise NotYet("The day it was received", local_day(received_at, zone))
    _require_a_version(session, protocol, local_day(received_at, zone))
    happened = require_days(received.happened_from, received.happened_to, local_day(received_at, zone), today)
    version = version_on(session, protocol, happened[0], about).version
    return {
        "protocol_id": known_id(protocol), "kind": received.kind,
        "received_at": received_at, "received_by_id": by.id if by else None, "party_id": known_id(about),
        "handler_id": by.id if by else None, "happened_from": happened[0], "happened_to": happened[1],
        "attachments": _references(received.attachments), "version_id": version.id if version else None,
    }  # fmt: skip


def _require_a_version(session: Session, protocol: Protocol, received_on: date) -> None:
    """Raises ReceivedBeforeTheProtocol."""
    try:
        version_on(session, protocol, received_on)
    except BeforeTheFirstVersion:
        raise ReceivedBeforeTheProtocol(protocol, received_on) from None


def _key(protocol: Protocol, received: Received) -> str | None:
    key = plain(received.key or "")
    return f"{protocol.slug}:{key}" if key else None


def _is_the_same(session: Session, protocol: Protocol, known: Complaint, received: Received, what: str) -> bool:
    """Of the same kind, about the same party, in the same words; a party that has left since is no hindrance."""
    about = party_named(session, protocol, plain(received.about))
    told = session.get_one(Narrative, known.what_id).sha256
    return (known.kind, known.party_id, told) == (received.kind, about.id, history.sha256_of(what))


def _active(session: Session, protocol: Protocol, slug: str, today: date) -> Party:
    party = party_named(session, protocol, plain(slug))
    if not is_active(party, today):
        raise NotAPartyNow(party)
    return party


def require_days(
    first: date | None, last: date | None, received_on: date, today: date
) -> tuple[date | None, date | None]:
    """One day given is both. Raises NotYet, HappenedBackwards, ReceivedBeforeItHappened."""
    first, last = first or last, last or first
    if first is None or last is None:
        return None, None
    if last > today:
        raise NotYet("The day it happened", last)
    if first > last:
        raise HappenedBackwards
    if first > received_on:
        raise ReceivedBeforeItHappened
    return first, last


def _references(attachments: Sequence[str]) -> list[str]:
    tidy = [plain(each) for each in attachments]
    if len(tidy) > MOST_ATTACHMENTS or any(
        not each or len(each) > LONGEST_REFERENCE or len(each.splitlines()) > 1 for each in tidy
    ):
        raise NoSuchReference
    return list(dict.fromkeys(tidy))


def restate_days(
    session: Session, now: datetime, complaint_id: int, first: date | None, last: date | None, by: str, because: str
) -> Complaint:
    """When it happened is known better now; the version in force then with it. Findings stay as they were made."""
    complaint = open_complaint_locked(session, complaint_id)
    why, protocol = reason(because, "other days"), protocol_of(session, complaint)
    received_on = local_day(complaint.received_at, zone_of(protocol))
    days = require_days(first, last, received_on, today_of(protocol, now))
    if days == (complaint.happened_from, complaint.happened_to):
        return complaint
    before = [str(complaint.happened_from), str(complaint.happened_to)]
    in_force = version_on(session, protocol, days[0], session.get_one(Party, complaint.party_id))
    complaint.happened_from, complaint.happened_to = days
    complaint.version_id = in_force.version.id if in_force.version else None
    session.add(complaint)
    history.write(
        session, complaint.case, now, by, "when it happened restated", why=why, before=before,
        after=[str(day) for day in days], version=complaint.version_id,
    )  # fmt: skip
    return complaint
