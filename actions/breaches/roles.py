"""Who is asked at a party: the role its procedure names, or who stands in for it, and why."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, select

from actions.cast import secretary_of
from models.protocol import Contact, Party, Role
from rules.procedures import Procedure

# Where the role has no address here, or nobody there can be reached.
STAND_INS = (Role.COORDINATOR, Role.DPO, Role.DESIGNATED_PERSON, Role.LEAD_MEMBER, Role.DEPUTY)


class Asked(NamedTuple):
    """`why` completes “You get this because …”."""

    contact: Contact
    why: str


def can_be_asked(contact: Contact, today: date) -> bool:
    """Not away (until the end of that day), and its address has not bounced."""
    return contact.bounced_at is None and (contact.away_until is None or contact.away_until < today)


def asked_for(session: Session, today: date, party: Party, procedure: Procedure, role_id: str) -> Asked:
    """Who takes a step that the procedure gives to a role."""
    role = procedure.roles[role_id]
    named = _contact(session, party, role.contact)
    if named is not None and (can_be_asked(named, today) or role.only):
        return Asked(named, f"the procedure of {party.name} gives this to the {role.name}")
    for stand_in in _fallbacks(procedure, role_id):
        contact = _contact(session, party, procedure.roles[stand_in].contact)
        if contact is not None and can_be_asked(contact, today):
            return Asked(contact, _instead(party, role.name, procedure.roles[stand_in].name, named, today))
    return _stand_in(session, today, party, role.name, named)


def asked_as(session: Session, today: date, party: Party, *roles: Role) -> Asked:
    """Who does what the law asks of the party: the first of these roles that can be asked, or a stand-in."""
    for role in roles:
        contact = _contact(session, party, role.value)
        if contact is not None and can_be_asked(contact, today):
            return Asked(contact, f"you are the {role.value} of {party.name}")
    return _stand_in(session, today, party, roles[0].value, _contact(session, party, roles[0].value))


def _stand_in(session: Session, today: date, party: Party, wanted: str, named: Contact | None) -> Asked:
    for role in STAND_INS:
        contact = _contact(session, party, role.value)
        if contact is not None and can_be_asked(contact, today):
            return Asked(contact, _instead(party, wanted, role.value, named, today))
    why = f"nobody at {party.name} can be reached who could act as its {wanted}"
    return Asked(secretary_of(session, party.protocol_id), why)


def _instead(party: Party, wanted: str, stand_in: str, named: Contact | None, today: date) -> str:
    if named is None:
        return f"{party.name} has named no address for its {wanted}, and you are its {stand_in}"
    why = "away" if named.away_until is not None and named.away_until >= today else "not reached at the known address"
    return f"the {wanted} of {party.name} is {why}, and you are its {stand_in}"


def _fallbacks(procedure: Procedure, role_id: str) -> Iterator[str]:
    """The fallbacks of a role and theirs, each once, the nearest first."""
    waiting, seen = list(procedure.roles[role_id].fallback), {role_id}
    while waiting:
        each = waiting.pop(0)
        if each not in seen:
            seen.add(each)
            yield each
            waiting += procedure.roles[each].fallback


def _contact(session: Session, party: Party, role: str | None) -> Contact | None:
    if role is None:
        return None
    return session.exec(
        select(Contact).where(Contact.party_id == party.id, col(Contact.role) == Role(role))
    ).first()  # fmt: skip
