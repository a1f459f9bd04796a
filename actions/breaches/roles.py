"""Who is asked at a party: the role its procedure names, or who stands in for it, and why."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from sqlmodel import Session

from actions.cast import contact_at, secretary_of
from models.protocol import Contact, Party, Role
from rules.procedures import Procedure
from rules.sentences import definite, written_day

# Where the role has no address here, or nobody there can be reached.
STAND_INS = (Role.COORDINATOR, Role.DPO, Role.DESIGNATED_PERSON, Role.LEAD_MEMBER, Role.DEPUTY)


class Asked(NamedTuple):
    """`why` completes “You get this because …”. `instead_of`: who would have come first, and is away."""

    contact: Contact
    why: str
    instead_of: tuple[Contact, ...] = ()


def is_away(contact: Contact, today: date) -> bool:
    """Until the end of that day."""
    return contact.away_until is not None and contact.away_until >= today


def can_be_asked(contact: Contact, today: date) -> bool:
    """Not away, and its address has not bounced."""
    return contact.bounced_at is None and not is_away(contact, today)


def asked_for(session: Session, today: date, party: Party, procedure: Procedure, role_id: str) -> Asked:
    """Who takes a step that the procedure gives to a role."""
    role = procedure.roles[role_id]
    named = _contact(session, party, role.contact)
    gives = f"the procedure of {party.name} gives this to {definite(role.name)}"
    if named is not None and (can_be_asked(named, today) or role.only):
        return Asked(named, gives)
    passed_over = [f"{gives}, {_whom_nobody_reaches(named, today)}"]
    away = _if_away(named, today)
    for stand_in in _fallbacks(procedure, role_id):
        name, contact = procedure.roles[stand_in].name, _contact(session, party, procedure.roles[stand_in].contact)
        if contact is not None and can_be_asked(contact, today):
            return Asked(contact, _instead(passed_over, f"you are {definite(name)}"), away)
        if contact is not None:
            passed_over.append(f"{definite(name)} {_why_not(contact, today)}")
            away = away or _if_away(contact, today)
    return _stand_in(session, today, party, definite(role.name), passed_over, away)


def asked_as(session: Session, today: date, party: Party, *roles: Role) -> Asked:
    """Who does what the law asks of the party: the first of these roles that can be asked, or a stand-in."""
    passed_over: list[str] = []
    away: tuple[Contact, ...] = ()
    for role in roles:
        contact = _contact(session, party, role.value)
        if contact is not None and can_be_asked(contact, today):
            instead = _instead(passed_over, f"you are its {role.value}") if passed_over else None
            return Asked(contact, instead or f"you are the {role.value} of {party.name}", away)
        if contact is not None:
            passed_over.append(f"the {role.value} of {party.name} {_why_not(contact, today)}")
            away = away or _if_away(contact, today)
    passed_over = passed_over or [f"{party.name} has named no address for its {roles[0].value}"]
    return _stand_in(session, today, party, f"the {roles[0].value}", passed_over, away)


def could_be_asked_for(session: Session, party: Party, procedure: Procedure, role_id: str) -> list[Contact]:
    """The same whoever is away: all of whom `asked_for` would take the first that can be asked."""
    role = procedure.roles[role_id]
    named = _contact(session, party, role.contact)
    if named is not None and role.only:
        return [named]
    of_roles = [_contact(session, party, procedure.roles[each].contact) for each in _fallbacks(procedure, role_id)]
    return [each for each in (named, *of_roles) if each] + could_be_asked_as(session, party)


def could_be_asked_as(session: Session, party: Party, *roles: Role) -> list[Contact]:
    """All of whom `asked_as` would take the first that can be asked."""
    contacts = [contact_at(session, party, role) for role in (*roles, *STAND_INS)]
    return [*(each for each in contacts if each), secretary_of(session, party.protocol_id)]


def in_place_of(session: Session, to: Contact, away: Iterable[Contact]) -> str | None:
    """A sentence for whoever gets something that would else go to others; None where it would go to them."""
    others = {each.id: each for each in away if each.id != to.id}.values()
    said = [_who_is_away(session, to, each) for each in others]
    return f"You get this in place of {', and of '.join(said)}." if said else None


def _who_is_away(session: Session, to: Contact, away: Contact) -> str:
    """Whoever stands in is at the same party, or the secretary: both may know until when."""
    elsewhere = away.party_id is not None and away.party_id != to.party_id
    of = f" of {session.get_one(Party, away.party_id).name}" if elsewhere else ""
    until = f" until {written_day(away.away_until)}" if away.away_until else ""
    return f"the {away.role.value}{of}, who is away{until}"


def _if_away(contact: Contact | None, today: date) -> tuple[Contact, ...]:
    return (contact,) if contact is not None and is_away(contact, today) else ()


def _stand_in(
    session: Session, today: date, party: Party, wanted: str, passed_over: list[str], away: tuple[Contact, ...]
) -> Asked:
    for role in STAND_INS:
        contact = _contact(session, party, role.value)
        if contact is not None and can_be_asked(contact, today):
            return Asked(contact, _instead(passed_over, f"you are its {role.value}"), away)
        away = away or _if_away(contact, today)
    why = f"nobody at {party.name} can be reached who could act in place of {wanted}"
    return Asked(secretary_of(session, party.protocol_id), why, away)


def _instead(passed_over: list[str], you: str) -> str:
    """Each who would have come first, and why not; then why it is the reader."""
    return f"{'; '.join(dict.fromkeys(passed_over))}{';' if len(passed_over) > 1 else ','} and {you}"


def _whom_nobody_reaches(contact: Contact | None, today: date) -> str:
    return "for whom there is no address here" if contact is None else f"who {_why_not(contact, today)}"


def _why_not(contact: Contact, today: date) -> str:
    return "is away" if is_away(contact, today) else "is not reached at the known address"


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
    return contact_at(session, party, Role(role)) if role else None
