"""A stand-in that somebody asked for from their page, accepted: all that it takes, in one transaction."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.away import set_away
from actions.cast import contact_at
from actions.contacts import set_contact
from actions.matters import close_matter
from actions.moving import protocol_locked
from actions.owing import NoDeputy, delegate
from actions.party_answers import NobodyAsked, Request, request_of, still_waits
from actions.party_matters import Ask
from actions.party_requests import deputy_of, owed_outside_breaches
from models import history
from models.obligation import Obligation
from models.protocol import Contact, Party, Role
from rules.errors import Refused
from rules.sentences import written_day


class ByHandOnly(Refused):
    def __init__(self, role: Role) -> None:
        super().__init__(
            f"Nobody stands in for the {role} by the list of contacts, so this cannot be accepted here: do what the "
            "line on your list says, then take it off the list."
        )


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """What accepting it does: `deputy` is the address from then on, `replaces` that of the deputy until then."""

    contact: Contact
    party: Party
    until: date
    deputy: str
    replaces: str | None
    duties: tuple[Obligation, ...]


def has_a_deputy(contact: Contact) -> bool:
    """Or may have one: an adviser and a deputy have nobody who stands in by the list of contacts."""
    return contact.party_id is not None and contact.role is not Role.DEPUTY


def stand_in_of(session: Session, request: Request) -> StandIn:
    """Raises NobodyAsked, ByHandOnly, NoDeputy."""
    contact, party = request.contact, request.party
    if request.ask is not Ask.STAND_IN or request.until is None:
        raise NobodyAsked(request.matter, Ask.STAND_IN)
    if party is None or not has_a_deputy(contact):
        raise ByHandOnly(contact.role)
    now = contact_at(session, party, Role.DEPUTY)
    if now is None and request.address is None:
        raise NoDeputy(party)
    address = request.address or (now.address if now else "")
    return StandIn(
        contact=contact, party=party, until=request.until, deputy=address,
        replaces=now.address if now and now.address != address else None,
        duties=tuple(duty for duty in owed_outside_breaches(session, contact) if duty.party_id == party.id),
    )  # fmt: skip


def accept_stand_in(session: Session, now: datetime, number: int, by: str) -> StandIn:
    """The deputy is whoever was named, and does what is owed now; until the day whoever stands in is asked.

    Both hear of each duty that goes over. Raises as above, NotThere, AnsweredAlready, IsOver,
    DeputyIsAway.
    """
    request = request_of(session, number)
    protocol_locked(session, request.protocol)
    those = [each.id for each in (request.contact, deputy_of(session, request.contact)) if each]
    owed = select(Obligation.case).where(col(Obligation.contact_id).in_(those), col(Obligation.outcome).is_(None))
    still_waits(session, request, Ask.STAND_IN, cases=session.exec(owed).all())
    accepted = stand_in_of(session, request)
    contact, party = accepted.contact, accepted.party
    if request.address is not None:
        set_contact(session, now, request.protocol, party, Role.DEPUTY, request.address, by)
        set_away(session, now, request.protocol, party, Role.DEPUTY, None, by)  # somebody else is it now, and is there
    why = f"The {contact.role} asked for somebody to stand in until {written_day(accepted.until)}."
    for duty in accepted.duties:
        delegate(session, now, duty, by, why)
    set_away(session, now, request.protocol, party, contact.role, accepted.until, by)
    close_matter(session, now, request.matter, "accepted")
    history.write(session, request.case, now, by, "accepts the stand-in", matter=request.matter.key)
    return accepted
