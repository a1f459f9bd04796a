"""What is reminded of in place of somebody who is away: whose it is, so that the reminder says so."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from actions.breaches.changing import CASE as BREACH
from actions.breaches.following import asked_of
from actions.breaches.looking_ahead import read_procedures
from actions.breaches.roles import Asked
from actions.cast import read_contacts
from actions.handing_over import asked_instead
from actions.policy import today_of
from models.breach import Breach, FollowUp
from models.lists import one_of
from models.obligation import Obligation
from models.protocol import Contact, Party, Protocol

Followed = Mapping[tuple[str, int | None], tuple[Breach, FollowUp]]


def whose_place(session: Session, now: datetime, duties: Sequence[Obligation]) -> Mapping[str, tuple[Contact, ...]]:
    """Of each, by its key, who is away and would else be asked for it; only those of which somebody is. What stayed
    with a stand-in after their return is the stand-in's own."""
    parties = _where_somebody_is_away(session, now, {duty.party_id for duty in duties if duty.party_id})
    theirs = [duty for duty in duties if duty.party_id in parties]
    followed, found = _followed(session, theirs), {}
    for duty in theirs:
        asked = _asked(session, now, duty, parties[duty.party_id], followed)
        if away := tuple(each for each in asked.instead_of if each.id != duty.contact_id) if asked else ():
            found[duty.key] = away
    return found


def _where_somebody_is_away(session: Session, now: datetime, numbers: Collection[int]) -> dict[int | None, Party]:
    """Of these parties, by anybody's calendar; and whoever is there, read together."""
    since = (now - timedelta(days=1)).date()
    away = select(Contact.party_id).where(one_of(session, Contact.party_id, numbers), col(Contact.away_until) >= since)
    if not numbers or not (theirs := set(session.exec(away))):
        return {}
    found = session.exec(select(Party).where(one_of(session, Party.id, theirs))).all()
    read_contacts(session, found)
    return {party.id: party for party in found}


def _followed(session: Session, duties: Iterable[Obligation]) -> Followed:
    """By case and party, of those in breaches; read together."""
    cases = sorted({duty.case for duty in duties if duty.case.startswith(BREACH)})
    if not cases:
        return {}
    numbers = [int(case.removeprefix(BREACH)) for case in cases]
    rows = session.exec(
        select(Breach, FollowUp)
        .join(FollowUp, col(FollowUp.breach_id) == Breach.id)
        .where(one_of(session, Breach.id, numbers))
    ).all()
    read_procedures(session, [follow_up for _, follow_up in rows])
    return {(breach.case, follow_up.party_id): (breach, follow_up) for breach, follow_up in rows}


def _asked(session: Session, now: datetime, duty: Obligation, party: Party, followed: Followed) -> Asked | None:
    """Who would be asked for it now."""
    if not duty.case.startswith(BREACH):
        protocol = session.get_one(Protocol, duty.protocol_id)
        return asked_instead(session, today_of(protocol, now), protocol, duty, party)
    if (there := followed.get((duty.case, duty.party_id))) is None:
        return None
    return asked_of(session, now, *there, duty.kind, duty.subject)
