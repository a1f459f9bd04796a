"""The parties, narrowed and a piece at a time; and one of them with what belongs to it. Reads only."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from actions.cast import known_id
from actions.pieces import From, Order, Piece, piece_of
from models.breach import FollowUp
from models.obligation import Obligation
from models.protocol import Contact, Party, Protocol, Role, Signature, SignatureKind, Succession, Version

BY_NAME = Order(columns=(col(Party.name), col(Party.id)))
MADE_UP = ".example"  # where nothing can be delivered (RFC 2606)


@dataclass(frozen=True, kw_only=True)
class ContactRow:
    number: int
    role: str
    address: str
    bounced_at: datetime | None
    away_until: date | None
    made_up: bool


@dataclass(frozen=True, kw_only=True)
class PartyRow:
    """`signed`: the versions it has signed, oldest first. `successors` are those not applied yet."""

    party: str
    name: str
    kind: str
    nation: str
    joined_on: date | None
    left_on: date | None
    contacts: tuple[ContactRow, ...]
    signed: tuple[str, ...]
    successors: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SignatureRow:
    version: str
    kind: str
    position: str | None
    signed_on: date | None
    note: str


@dataclass(frozen=True, kw_only=True)
class Which:
    """`members`: today's; `left`: those that have gone. Of contacts, one of the party's is enough."""

    members: bool = False
    left: bool = False
    bounced: bool = False
    made_up: bool = False
    unsigned: Version | None = None
    named: str = ""


def party_piece(session: Session, of: Protocol, today: date, by: Which, start: From, size: int = 50) -> Piece[PartyRow]:
    statement = sa.select(col(Party.id)).where(col(Party.protocol_id) == of.id, *_which(today, by))
    return piece_of(session, statement, BY_NAME, start, lambda ids: parties_numbered(session, ids), size)


def _which(today: date, by: Which) -> list[Any]:
    found: list[Any] = []
    if by.members:
        found.append(or_(col(Party.left_on).is_(None), col(Party.left_on) > today))
    if by.left:
        found.append(col(Party.left_on) <= today)
    if by.bounced:
        found.append(_has_contact(col(Contact.bounced_at).is_not(None)))
    if by.made_up:
        found.append(_has_contact(col(Contact.address).endswith(MADE_UP)))
    if by.unsigned is not None:
        signed = (col(Signature.version_id) == by.unsigned.id, col(Signature.kind) == SignatureKind.SIGNED)
        found.append(col(Party.id).not_in(sa.select(col(Signature.party_id)).where(*signed)))
    if by.named:
        said = (col(Party.name), col(Party.slug))
        found.append(or_(*(each.icontains(by.named, autoescape=True) for each in said)))
    return found


def _has_contact(condition: Any) -> Any:
    return col(Party.id).in_(sa.select(col(Contact.party_id)).where(condition))


def parties_numbered(session: Session, ids: Sequence[int]) -> list[PartyRow]:
    """In the order of the ids; a few questions for all of them."""
    parties = {known_id(each): each for each in session.exec(select(Party).where(col(Party.id).in_(ids)))}
    contacts, signed, waiting = _contacts(session, ids), _signed(session, ids), _waiting(session, ids)
    return [
        PartyRow(
            party=each.slug, name=each.name, kind=each.kind, nation=each.nation.value, joined_on=each.joined_on,
            left_on=each.left_on, contacts=tuple(contacts[number]), signed=tuple(dict.fromkeys(signed[number])),
            successors=tuple(waiting[number]),
        )
        for number in ids
        if (each := parties[number])
    ]  # fmt: skip


def contact_row(contact: Contact) -> ContactRow:
    return ContactRow(
        number=known_id(contact), role=contact.role.value, address=contact.address, bounced_at=contact.bounced_at,
        away_until=contact.away_until, made_up=contact.address.endswith(MADE_UP),
    )  # fmt: skip


def _contacts(session: Session, ids: Sequence[int]) -> Mapping[int, list[ContactRow]]:
    found: dict[int, list[ContactRow]] = defaultdict(list)
    for contact in session.exec(select(Contact).where(col(Contact.party_id).in_(ids)).order_by(col(Contact.id))):
        found[contact.party_id or 0].append(contact_row(contact))
    return found


def _signed(session: Session, ids: Sequence[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    statement = (
        select(Signature.party_id, Version.label)
        .join(Version, col(Version.id) == Signature.version_id)
        .where(col(Signature.party_id).in_(ids), Signature.kind == SignatureKind.SIGNED)
        .order_by(col(Version.major), col(Version.minor))
    )
    for number, label in session.exec(statement):
        found[number].append(label)
    return found


def _waiting(session: Session, ids: Sequence[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    not_applied = (col(Succession.party_id).in_(ids), col(Succession.applied_at).is_(None))
    for number, name in session.exec(select(Succession.party_id, Succession.successor_name).where(*not_applied)):
        found[number].append(name)
    return found


def signature_rows(session: Session, party: Party) -> list[SignatureRow]:
    """Every line of the register that is the party's."""
    statement = (
        select(Signature, Version)
        .join(Version, col(Version.id) == Signature.version_id)
        .where(Signature.party_id == party.id)
        .order_by(col(Version.major), col(Version.minor), col(Signature.id))
    )
    return [
        SignatureRow(
            version=version.label, kind=row.kind.value, position=row.position, signed_on=row.signed_on, note=row.note
        )
        for row, version in session.exec(statement)
    ]


def cases_of(session: Session, party: Party, at_most: int = 50) -> list[str]:
    """In which it owes or has owed something, or follows up; those it still owes something in first."""
    still = sa.func.max(sa.case((col(Obligation.outcome).is_(None), 1), else_=0))
    owing = sa.select(col(Obligation.case)).where(col(Obligation.party_id) == party.id).group_by(col(Obligation.case))
    found = [
        row[0]
        for row in session.execute(owing.order_by(still.desc(), sa.func.max(col(Obligation.id)).desc()).limit(at_most))
    ]
    followed = session.exec(
        select(FollowUp.breach_id).where(FollowUp.party_id == party.id).order_by(col(FollowUp.id).desc()).limit(at_most)
    )
    return list(dict.fromkeys([*found, *(f"breach:{number}" for number in followed)]))[:at_most]


def officer_rows(session: Session, protocol: Protocol) -> list[ContactRow]:
    """The protocol's own: its secretary and its adviser. Who else uses the console is on another list."""
    at = select(Contact).where(Contact.protocol_id == protocol.id, col(Contact.party_id).is_(None))
    officers = at.where(col(Contact.role).in_([Role.SECRETARY, Role.ADVISER])).order_by(col(Contact.id))
    return [contact_row(contact) for contact in session.exec(officers)]


def party_names(session: Session, slugs: Iterable[str | None]) -> dict[str, str]:
    """How people call them."""
    wanted = {slug for slug in slugs if slug}
    return dict(session.exec(select(Party.slug, Party.name).where(col(Party.slug).in_(wanted))).all())
