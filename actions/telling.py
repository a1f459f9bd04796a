"""Put messages into the outbox, in the transaction of their cause."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from sqlmodel import Session, select

from actions.cast import known_id, leads_of, secretary_of
from models.lists import one_of
from models.obligation import Obligation
from models.outbox import Message as OutboxRow
from models.protocol import Contact, Party, Protocol, Role
from notifications.messages import Message
from notifications.outbox import Letter, Owed, queue, queue_many


class Header(TypedDict):
    """What every message says of itself."""

    protocol: str
    party: str | None
    role: str
    secretary: str
    reference: str
    in_place_of: str | None


@dataclass(frozen=True, kw_only=True)
class Told:
    """Something to tell somebody, as `tell` takes it. `in_place_of`: a sentence, where it would else go to somebody who
    is away (`actions.breaches.roles.in_place_of`)."""

    protocol: Protocol
    to: Contact
    case: str
    key: str
    say: Callable[[Header], Message]
    about: Sequence[Owed] = ()
    only_while_owed: bool = False
    in_place_of: str | None = None


def header(session: Session, protocol: Protocol, to: Contact, case: str, in_place_of: str | None = None) -> Header:
    party = session.get(Party, to.party_id) if to.party_id else None
    secretary = to if _is_secretary(to) else secretary_of(session, to.protocol_id)
    return _header(protocol, to, case, party.name if party else None, secretary.address, in_place_of)


def _header(
    protocol: Protocol, to: Contact, case: str, party: str | None, secretary: str, in_place_of: str | None
) -> Header:  # fmt: skip
    return Header(
        protocol=protocol.short_name, party=party, role=to.role.value, secretary=secretary, reference=case,
        in_place_of=in_place_of,
    )  # fmt: skip


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
    asked_for: bool = False,
    in_place_of: str | None = None,
) -> OutboxRow | None:
    """Queue what `say` makes of the header. None where it has been said already or the address has bounced; what is
    `asked_for` at this moment is tried there all the same. A higher `sequence` moves the calendar entry of the
    obligation it is about.
    """
    message = say(header(session, protocol, to, case, in_place_of))
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
        asked_for=asked_for,
    )


def tell_many(session: Session, now: datetime, those: Sequence[Told]) -> dict[str, int]:
    """The same to many, a few statements however many they are. Answers the numbers of the messages, by key, without
    those that had been said already and those to addresses that have bounced."""
    numbers = {told.to.party_id for told in those if told.to.party_id}
    names = dict(session.exec(select(Party.id, Party.name).where(one_of(session, Party.id, numbers))).all())
    secretaries = {number: secretary_of(session, number).address for number in {told.to.protocol_id for told in those}}
    letters = []
    for told in those:
        names_of = names.get(told.to.party_id), secretaries[told.to.protocol_id], told.in_place_of
        letters.append(
            Letter(
                message=told.say(_header(told.protocol, told.to, told.case, *names_of)), to=told.to, key=told.key,
                case=told.case, protocol=told.protocol, about=told.about, only_while_owed=told.only_while_owed,
            )
        )  # fmt: skip
    return queue_many(session, now, letters)


def tell_leads(
    session: Session, now: datetime, protocol: Protocol, parties: Sequence[Party], case: str, what: str,
    say: Callable[[Header], Message],
) -> None:  # fmt: skip
    """The same to the lead member of each; `what` and the party make the key. Raises NoContact."""
    leads = leads_of(session, parties)
    tell_many(session, now, [
        Told(protocol=protocol, to=leads[known_id(party)], case=case, key=f"{case}:{what}:{party.slug}", say=say)
        for party in parties
    ])  # fmt: skip
