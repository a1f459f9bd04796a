"""Somebody is away: whoever stands in at the party is asked instead, at once, for all that is not theirs alone."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.absences import note_what_waits
from actions.breaches.changing import CASE
from actions.breaches.settling import settle
from actions.cast import NoContact, case_of, known_id, officer
from actions.handing_over import hand_over
from actions.moving import hold_cases, protocol_locked
from actions.policy import today_of
from models import history
from models.breach import Breach
from models.lists import one_of
from models.obligation import Obligation
from models.protocol import Contact, Party, Protocol, Role
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
    cases = _owing_in(session, contact)
    hold_cases(session, [case_of(protocol), *cases])
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
    for breach in _breaches(session, cases):
        session.refresh(breach, with_for_update=True)
        settle(session, now, breach)
    hand_over(session, now, protocol, cases)
    note_what_waits(session, now, protocol)


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


def _owing_in(session: Session, contact: Contact) -> list[str]:
    owed = select(Obligation.case).where(Obligation.contact_id == contact.id, col(Obligation.outcome).is_(None))
    return sorted(set(session.exec(owed)))


def _breaches(session: Session, cases: Sequence[str]) -> list[Breach]:
    """Also one that is closed, in which a local action is owed."""
    numbers = [int(case.removeprefix(CASE)) for case in cases if case.startswith(CASE)]
    return list(session.exec(select(Breach).where(one_of(session, Breach.id, numbers)).order_by(col(Breach.id))))
