"""The directory: who is a party, how each is reached, what it has signed, what became of it. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.cast import known_id
from models.protocol import Contact, Party, Protocol, Signature, SignatureKind, Succession, Version


@dataclass(frozen=True, kw_only=True)
class ContactLine:
    role: str
    address: str
    bounced_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PartyLine:
    """`signed`: the versions it has signed, oldest first. `successors` are those not applied yet."""

    party: str
    name: str
    kind: str
    nation: str
    joined_on: date | None
    left_on: date | None
    contacts: tuple[ContactLine, ...]
    signed: tuple[str, ...]
    successors: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SuccessionLine:
    number: int
    party: str
    party_name: str
    successor: str
    successor_name: str
    kind: str
    happened: str
    source: str
    note: str
    applied_at: datetime | None


def party_lines(session: Session, protocol: Protocol) -> list[PartyLine]:
    """Every party there is or was, by name."""
    parties = session.exec(select(Party).where(Party.protocol_id == protocol.id).order_by(col(Party.name)))
    contacts = session.exec(select(Contact).where(Contact.protocol_id == protocol.id).order_by(col(Contact.id))).all()
    signed, waiting = list(_signed(session, protocol)), succession_lines(session, protocol)
    return [
        PartyLine(
            party=party.slug, name=party.name, kind=party.kind, nation=party.nation.value,
            joined_on=party.joined_on, left_on=party.left_on,
            contacts=tuple(_contact_line(contact) for contact in contacts if contact.party_id == party.id),
            signed=tuple(label for party_id, label in signed if party_id == party.id),
            successors=tuple(
                line.successor_name for line in waiting if line.party == party.slug and line.applied_at is None
            ),
        )
        for party in parties
    ]  # fmt: skip


def _signed(session: Session, protocol: Protocol) -> Iterator[tuple[int, str]]:
    statement = (
        select(Signature.party_id, Version.label)
        .join(Version, col(Version.id) == Signature.version_id)
        .where(Version.protocol_id == protocol.id, Signature.kind == SignatureKind.SIGNED)
        .order_by(col(Version.major), col(Version.minor))
    )
    yield from dict.fromkeys(session.exec(statement))


def _contact_line(contact: Contact) -> ContactLine:
    return ContactLine(role=contact.role.value, address=contact.address, bounced_at=contact.bounced_at)


def officer_lines(session: Session, protocol: Protocol) -> list[ContactLine]:
    """The protocol's own contacts: its secretary and its adviser."""
    statement = select(Contact).where(Contact.protocol_id == protocol.id, col(Contact.party_id).is_(None))
    return [_contact_line(contact) for contact in session.exec(statement.order_by(col(Contact.id)))]


def succession_lines(session: Session, protocol: Protocol | None = None) -> list[SuccessionLine]:
    statement = select(Succession, Party).join(Party, col(Party.id) == Succession.party_id)
    if protocol is not None:
        statement = statement.where(Succession.protocol_id == protocol.id)
    return [
        SuccessionLine(
            number=known_id(row), party=party.slug, party_name=party.name, successor=row.successor_slug,
            successor_name=row.successor_name, kind=row.kind.value, happened=row.happened_words, source=row.source,
            note=row.note, applied_at=row.applied_at,
        )
        for row, party in session.exec(statement.order_by(col(Succession.id)))
    ]  # fmt: skip
