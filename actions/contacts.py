"""Who fills a role, and at which address; what follows when an address is corrected."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.access.sessions import end_sessions_of
from actions.access.tokens import revoke_tokens_of
from actions.breaches.roles import is_away
from actions.came_back import see_to_what_came_back
from actions.cast import case_of, known_id
from actions.matters import close_matter
from actions.moving import protocol_locked
from actions.new_address import tell_what_is_owed
from actions.policy import today_of
from models import history
from models.access import ConsoleUser, SignIn
from models.protocol import Contact, Matter, MatterKind, Party, Protocol, Role
from models.protocol_file.values import is_address
from notifications.once_more import send_anew
from notifications.refusals import contact_locked
from rules.errors import Refused
from rules.sentences import written_day
from rules.texts import shown

OFFICERS = (Role.SECRETARY, Role.ADVISER)


class NotAnAddress(Refused):
    def __init__(self, address: str) -> None:
        super().__init__(f"“{shown(address)}” is not an e-mail address.")


class WrongPlace(Refused):
    def __init__(self, role: Role) -> None:
        of = "the protocol itself, not a party" if role in OFFICERS else "a party, not the protocol itself"
        super().__init__(f"A contact who is {role} belongs to {of}.")


def require_address(address: str) -> None:
    if not is_address(address):
        raise NotAnAddress(address)


def set_contact(
    session: Session, now: datetime, protocol: Protocol, party: Party | None, role: Role, address: str, by: str
) -> Contact:
    """Name who fills a role, at the party or (secretary, adviser) at the protocol itself: at another address it is
    somebody else, who is there."""
    require_address(address)
    if (role in OFFICERS) is not (party is None):
        raise WrongPlace(role)
    protocol_locked(session, protocol)
    contact = filling(session, protocol, party, role)
    if contact is not None:
        correct_address(session, now, contact, address, by, of_somebody_else=True)
        return contact
    contact = Contact(
        protocol_id=known_id(protocol), party_id=party.id if party else None, role=role, address=address
    )  # fmt: skip
    session.add(contact)
    session.flush()
    history.write(
        session, case_of(protocol), now, by, "contact named", contact=contact.id,
        party=party.slug if party else None, role=role.value,
    )  # fmt: skip
    return contact


def filling(session: Session, protocol: Protocol, party: Party | None, role: Role) -> Contact | None:
    at = select(Contact).where(Contact.protocol_id == protocol.id, Contact.role == role)
    return session.exec(at.where(Contact.party_id == party.id if party else col(Contact.party_id).is_(None))).first()


def correct_address(
    session: Session, now: datetime, contact: Contact, address: str, by: str, *, of_somebody_else: bool = False
) -> None:  # fmt: skip
    """A new address, or the same one that works again. After a bounce the last request is sent there once more, what
    else is owed is told, and what else came back is offered to the secretary; the ladder of reminders goes on, it does
    not begin again.

    An absence is a person's: it ends where the address is `of_somebody_else`, and goes on where it is only corrected.
    The next sweep takes its line off the secretary's list.
    """
    require_address(address)
    protocol = session.get_one(Protocol, contact.protocol_id)
    history.hold(session, case_of(protocol))
    contact_locked(session, known_id(contact))
    bounced_at, is_another = contact.bounced_at, contact.address != address
    if not is_another and bounced_at is None:
        return
    if is_another:
        _end_visits(session, now, contact)
        if of_somebody_else:
            _end_absence(session, now, protocol, contact, by)
    contact.address, contact.bounced_at = address, None
    session.add(contact)
    history.write(
        session, case_of(protocol), now, by, "address corrected", contact=contact.id,
        after_bounce=bounced_at is not None,
    )  # fmt: skip
    _close_bounces(session, now, protocol, contact)
    if is_another:
        send_anew(session, now, contact)
    if bounced_at is not None:
        see_to_what_came_back(session, now, contact, since=bounced_at)
    tell_what_is_owed(session, now, protocol, contact)


def absent_until(contact: Contact | None, today: date) -> date | None:
    return contact.away_until if contact is not None and is_away(contact, today) else None


def said_of_absence(contact: Contact, before: date | None) -> str:
    """What became of the absence until that day, as its own sentences behind another; nothing where there was none."""
    if before is None:
        return ""
    if contact.away_until is None:
        return (
            f" Whoever it was is away until {written_day(before)}; whoever is named now is asked from now on. If it is "
            "the same person, say again until when they are away."
        )
    return (
        f" They are still away until {written_day(before)}. If somebody else is reached there now, say that they are "
        "back."
    )


def _end_absence(session: Session, now: datetime, protocol: Protocol, contact: Contact, by: str) -> None:
    if absent_until(contact, today_of(protocol, now)) is None:
        return
    contact.away_until = None
    party = session.get(Party, contact.party_id) if contact.party_id else None
    history.write(
        session, case_of(protocol), now, by, "back", contact=contact.id, party=party.slug if party else None,
        role=contact.role.value, until=None, somebody_else=True,
    )  # fmt: skip


def _end_visits(session: Session, now: datetime, contact: Contact) -> None:
    """Whoever came in by a link to the old address is out, and one that was not used yet lets nobody in, also when the
    old address is the right one again. So it is with programs and calendars of whoever had the account: the new
    address may be a new person's."""
    contact.links_from = now
    end_sessions_of(session, now, contact=contact)
    user = session.exec(select(ConsoleUser).where(ConsoleUser.contact_id == contact.id)).first()
    if user is None:
        return
    end_sessions_of(session, now, user=user)
    revoke_tokens_of(session, now, user)
    unused = select(SignIn).where(
        SignIn.user_id == user.id, col(SignIn.used_at).is_(None), col(SignIn.expires_at) > now
    )
    for sign_in in session.exec(unused.where(col(SignIn.expires_at) > now)):
        sign_in.expires_at = now
        session.add(sign_in)


def _close_bounces(session: Session, now: datetime, protocol: Protocol, contact: Contact) -> None:
    statement = select(Matter).where(
        Matter.protocol_id == protocol.id, Matter.kind == MatterKind.BOUNCE, col(Matter.closed_at).is_(None)
    )
    for matter in session.exec(statement):
        if f":contact-{contact.id}:" in f"{matter.key}:":
            close_matter(session, now, matter, "address corrected")
