"""What is reminded of in place of somebody who is away: whose it is, so that the reminder says so."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from actions.breaches.changing import CASE as BREACH
from actions.breaches.following import asked_of
from actions.breaches.moving import follow_ups_of
from actions.breaches.roles import Asked
from actions.cast import read_contacts
from actions.handing_over import asked_instead
from actions.policy import today_of
from models.breach import Breach
from models.lists import one_of
from models.obligation import Obligation
from models.protocol import Contact, Party, Protocol


def whose_place(session: Session, now: datetime, duties: Sequence[Obligation]) -> Mapping[str, tuple[Contact, ...]]:
    """Of each, by its key, who is away and would else be asked for it; only those of which somebody is. What stayed
    with a stand-in after their return is the stand-in's own."""
    parties = _where_somebody_is_away(session, now, {duty.party_id for duty in duties if duty.party_id})
    at = ((duty, parties[duty.party_id]) for duty in duties if duty.party_id in parties)
    found = {duty.key: _instead_of(session, now, duty, party) for duty, party in at}
    return {key: those for key, those in found.items() if those}


def _where_somebody_is_away(session: Session, now: datetime, numbers: Collection[int]) -> dict[int | None, Party]:
    """Of these parties, by anybody's calendar; and whoever is there, read together."""
    since = (now - timedelta(days=1)).date()
    away = select(Contact.party_id).where(one_of(session, Contact.party_id, numbers), col(Contact.away_until) >= since)
    if not numbers or not (theirs := set(session.exec(away))):
        return {}
    found = session.exec(select(Party).where(one_of(session, Party.id, theirs))).all()
    read_contacts(session, found)
    return {party.id: party for party in found}


def _instead_of(session: Session, now: datetime, duty: Obligation, party: Party) -> tuple[Contact, ...]:
    asked = _asked(session, now, duty, party)
    return tuple(away for away in asked.instead_of if away.id != duty.contact_id) if asked else ()


def _asked(session: Session, now: datetime, duty: Obligation, party: Party) -> Asked | None:
    """Who would be asked for it now."""
    if not duty.case.startswith(BREACH):
        protocol = session.get_one(Protocol, duty.protocol_id)
        return asked_instead(session, today_of(protocol, now), protocol, duty, party)
    breach = session.get_one(Breach, int(duty.case.removeprefix(BREACH)))
    followed = (each for each in follow_ups_of(session, breach) if each.party_id == party.id)
    follow_up = next(followed, None)
    return asked_of(session, now, breach, follow_up, duty.kind, duty.subject) if follow_up else None
