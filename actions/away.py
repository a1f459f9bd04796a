"""Somebody is away: whoever stands in at the party is asked instead, at once, for what is owed after breaches."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.breaches.changing import CASE
from actions.breaches.settling import settle
from actions.cast import NoContact, case_of, known_id, officer
from actions.matters import close_matter, keyed_from, open_matter, open_matters
from actions.moving import hold_cases, protocol_locked
from actions.policy import today_of
from models import history
from models.breach import Breach
from models.lists import one_of
from models.obligation import Obligation
from models.protocol import Contact, MatterKind, Party, Protocol, Role
from notifications.refusals import contact_locked
from rules.errors import Refused
from rules.sentences import written_day


class IsOver(Refused):
    def __init__(self, until: date) -> None:
        super().__init__(f"{written_day(until)} has passed: say until when somebody is away from today on.")


def set_away(
    session: Session, now: datetime, protocol: Protocol, party: Party | None, role: Role, until: date | None, by: str
) -> None:
    """`until` is the last day on which somebody else is asked; None: back again. Twice does nothing.

    What was handed over stays where it is when they return. Raises NoContact, IsOver.
    """
    protocol_locked(session, protocol)
    contact = _contact(session, protocol, party, role)
    if until is not None and until < today_of(protocol, now):
        raise IsOver(until)
    breaches = _owing_in(session, contact)
    hold_cases(session, [case_of(protocol), *(breach.case for breach in breaches)])
    contact_locked(session, known_id(contact))
    if contact.away_until == until:
        return
    contact.away_until = until
    session.add(contact)
    history.write(
        session, case_of(protocol), now, by, "away" if until else "back", contact=contact.id,
        party=party.slug if party else None, role=role.value, until=until.isoformat() if until else None,
    )  # fmt: skip
    session.flush()
    for breach in breaches:
        session.refresh(breach, with_for_update=True)
        settle(session, now, breach)
    _note_what_nobody_takes(session, now, protocol, contact)


def _contact(session: Session, protocol: Protocol, party: Party | None, role: Role) -> Contact:
    if party is None:
        return officer(session, known_id(protocol), role)
    found = session.exec(
        select(Contact)
        .where(Contact.party_id == party.id, Contact.role == role)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NoContact(role, party.name)
    return found


def _owing_in(session: Session, contact: Contact) -> list[Breach]:
    """Breaches in which the contact owes something; after one that is closed, a local action."""
    cases = select(Obligation.case).where(Obligation.contact_id == contact.id, col(Obligation.outcome).is_(None))
    numbers = [int(case.removeprefix(CASE)) for case in session.exec(cases) if case.startswith(CASE)]
    owing = select(Breach).where(Breach.protocol_id == contact.protocol_id, one_of(session, Breach.id, numbers))
    return list(session.exec(owing.order_by(col(Breach.id))))


def _note_what_nobody_takes(session: Session, now: datetime, protocol: Protocol, contact: Contact) -> None:
    """What only they may do, or what nobody else at the party can be asked for, waits: the secretary should know."""
    key = f"away:contact-{contact.id}"
    for matter in open_matters(session, protocol, keyed_from(protocol, f"{key}:")):
        close_matter(session, now, matter, "the dates have changed")
    waiting = len(_owing_in(session, contact)) if contact.away_until else 0
    if waiting:
        party = session.get(Party, contact.party_id) if contact.party_id else None
        open_matter(
            session, now, protocol, MatterKind.AWAY, f"{key}:{contact.away_until}",
            f"The {contact.role} of {party.name if party else protocol.short_name} is away, and owes what nobody else "
            f"can be asked for ({waiting} {'breach' if waiting == 1 else 'breaches'}).",
            "Telephone them, or name somebody else with `concordat contact set`.",
        )  # fmt: skip
