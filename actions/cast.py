"""Who is who: the contacts a case needs, and the parties that count on a day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from models.lists import one_of
from models.protocol import Contact, Party, Protocol, Role
from models.remembering import keep, recall, remembered
from rules.errors import Refused
from rules.texts import shown


class NotThere(Refused):
    """What was asked for does not exist; the sentence says what does."""


class NoContact(Refused):
    def __init__(self, role: Role, of: str) -> None:
        super().__init__(f"{of} has no {role}: add one with `concordat contact set`.")


def case_of(protocol: Protocol) -> str:
    return f"protocol:{protocol.slug}"


def protocol_named(session: Session, slug: str) -> Protocol:
    found = session.exec(select(Protocol).where(Protocol.slug == slug)).first()
    if found is None:
        known = session.exec(select(Protocol.slug).order_by(Protocol.slug)).all()
        raise NotThere(f"There is no protocol “{shown(slug)}” here. Loaded: {', '.join(known) or 'none yet'}.")
    return found


@remembered(Party)
def party_named(session: Session, protocol: Protocol, slug: str) -> Party:
    found = session.exec(_PARTY, params={"of": protocol.id, "slug": slug}).first()
    if found is None:
        raise NotThere(f"There is no party “{shown(slug)}” in {protocol.slug}: see `concordat parties`.")
    return found


_PARTY = select(Party).where(Party.protocol_id == sa.bindparam("of"), Party.slug == sa.bindparam("slug"))


def active_parties(session: Session, protocol: Protocol, day: date) -> Sequence[Party]:
    """Parties on that day: joined by then (or always there) and not left."""
    return session.exec(select(Party).where(*active_on(protocol, day)).order_by(col(Party.name))).all()


def active_on(protocol: Protocol, day: date) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(Party.protocol_id) == protocol.id,
        or_(col(Party.joined_on).is_(None), col(Party.joined_on) <= day),
        or_(col(Party.left_on).is_(None), col(Party.left_on) > day),
    )


def is_active(party: Party, day: date) -> bool:
    return (party.joined_on is None or party.joined_on <= day) and (party.left_on is None or party.left_on > day)


def contact_at(session: Session, party: Party, role: Role) -> Contact | None:
    return _contacts_at(session, party).get(role)


@remembered(Contact)
def _contacts_at(session: Session, party: Party) -> Mapping[Role, Contact]:
    """They are few, and whoever asks for one asks for another where that one is away or is not there."""
    known: Mapping[Role, Contact] | None = recall(session, (Contact, party.id))
    if known is None:
        known = {contact.role: contact for contact in session.exec(_CONTACTS, params={"of": party.id})}
    return known


_CONTACTS = select(Contact).where(Contact.party_id == sa.bindparam("of"))


def read_contacts(session: Session, parties: Iterable[Party]) -> None:
    """For a batch: who is there at each of them, asked for together."""
    at: dict[int | None, dict[Role, Contact]] = {party.id: {} for party in parties}
    for contact in session.exec(select(Contact).where(one_of(session, Contact.party_id, list(at)))):
        at[contact.party_id][contact.role] = contact
    for number, there in at.items():
        keep(session, (Contact, number), there, Contact)


@remembered(Contact)
def contact_numbered(session: Session, number: int) -> Contact:
    return session.get_one(Contact, number)


def lead_of(session: Session, party: Party) -> Contact:
    contact = contact_at(session, party, Role.LEAD_MEMBER)
    if contact is None:
        raise NoContact(Role.LEAD_MEMBER, party.name)
    return contact


def leads_of(session: Session, parties: Sequence[Party]) -> dict[int, Contact]:
    """Each party's lead member, by the party's id. Raises NoContact."""
    lead = select(Contact).where(Contact.role == Role.LEAD_MEMBER)
    found = session.exec(lead.where(one_of(session, Contact.party_id, [known_id(party) for party in parties])))
    leads = {contact.party_id or 0: contact for contact in found}
    for party in parties:
        if party.id not in leads:
            raise NoContact(Role.LEAD_MEMBER, party.name)
    return leads


@remembered(Contact)
def officer(session: Session, protocol_id: int, role: Role) -> Contact:
    """The protocol's secretary or adviser."""
    found = session.exec(_OFFICER, params={"of": protocol_id, "as": role}).first()
    if found is None:
        raise NoContact(role, "The protocol")
    return found


_OFFICER = select(Contact).where(
    Contact.protocol_id == sa.bindparam("of"), col(Contact.party_id).is_(None), Contact.role == sa.bindparam("as")
)


def secretary_of(session: Session, protocol_id: int) -> Contact:
    return officer(session, protocol_id, Role.SECRETARY)


def known_id(row: object) -> int:
    """The id of a row that has been flushed."""
    number = getattr(row, "id", None)
    assert isinstance(number, int)
    return number
