"""Who is asked in a review: the lead member, or whom the protocol asks instead; and whoever stands in for them."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlmodel import Session

from actions.breaches.roles import STAND_INS, Asked, asked_as, is_away
from actions.cast import contact_at, known_id, lead_of, leads_of, read_contacts
from models.protocol import Contact, Party, Role

# Those whose page shows what the party owes in reviews come first.
IN_PLACE_OF_THE_LEAD = tuple(dict.fromkeys((Role.LEAD_MEMBER, Role.DEPUTY, Role.DESIGNATED_PERSON, *STAND_INS)))


def asked_in_review(session: Session, today: date, party: Party, role: Role = Role.LEAD_MEMBER) -> Asked:
    """Whoever has that role; where there is none, the lead member. Raises NoContact.

    An address that bounces hands nothing over: the party could not be reached, and the secretary sees to it. Where
    nobody at the party can be asked, it waits for those who are away: nobody else speaks for their party.
    """
    own = contact_at(session, party, role) or lead_of(session, party)
    if is_away(own, today):
        asked = asked_as(session, today, party, *dict.fromkeys((own.role, *IN_PLACE_OF_THE_LEAD)))
        if asked.contact.party_id == party.id:
            return asked
    return _themselves(own, party)


def leads_or_stand_ins(session: Session, today: date, parties: Sequence[Party]) -> dict[int, Asked]:
    """Who is asked at each, by the party's id. Raises NoContact."""
    return or_stand_ins(session, today, parties, leads_of(session, parties))


def or_stand_ins(
    session: Session, today: date, parties: Sequence[Party], asked: Mapping[int, Contact]
) -> dict[int, Asked]:  # fmt: skip
    """`asked`, by the party's id, and in place of those who are away whoever stands in: one statement for all."""
    away = [party for party in parties if is_away(asked[known_id(party)], today)]
    if away:
        read_contacts(session, away)
    roles = {known_id(party): asked[known_id(party)].role for party in away}
    return {known_id(party): _themselves(asked[known_id(party)], party) for party in parties} | {
        known_id(party): asked_in_review(session, today, party, roles[known_id(party)]) for party in away
    }


def _themselves(own: Contact, party: Party) -> Asked:
    return Asked(own, f"you are the {own.role.value} of {party.name}")
