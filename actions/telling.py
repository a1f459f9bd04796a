"""Put a message into the outbox, in the transaction of its cause."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypedDict

from sqlmodel import Session

from actions.cast import secretary_of
from models.obligation import Obligation
from models.outbox import Message as OutboxRow
from models.protocol import Contact, Party, Protocol, Role
from notifications.messages import Message
from notifications.outbox import queue


class Header(TypedDict):
    """What every message says of itself."""

    protocol: str
    party: str | None
    role: str
    secretary: str
    reference: str


def header(session: Session, protocol: Protocol, to: Contact, case: str) -> Header:
    party = session.get(Party, to.party_id) if to.party_id else None
    return Header(
        protocol=protocol.short_name,
        party=party.name if party else None,
        role=to.role.value,
        secretary=(to if _is_secretary(to) else secretary_of(session, to.protocol_id)).address,
        reference=case,
    )


def _is_secretary(contact: Contact) -> bool:
    return contact.role is Role.SECRETARY and contact.party_id is None


def tell(
    session: Session,
    now: datetime,
    protocol: Protocol,
    to: Contact,
    case: str,
    key: str,
    say: Callable[[Header], Message],
    about: Sequence[Obligation] = (),
    only_while_owed: bool = False,
    sequence: int = 0,
    not_before: datetime | None = None,
) -> OutboxRow | None:
    """Queue what `say` makes of the header. None where it has been said already or the address has bounced.

    A higher `sequence` moves the calendar entry of the obligation it is about.
    """
    message = say(header(session, protocol, to, case))
    return queue(
        session,
        now,
        message,
        to=to,
        key=key,
        case=case,
        protocol=protocol,
        about=about,
        only_while_owed=only_while_owed,
        sequence=sequence,
        not_before=not_before,
    )
