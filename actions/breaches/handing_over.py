"""Whoever is away, or cannot be reached, is stood in for; the clocks go on as they are."""

from datetime import datetime

from sqlmodel import Session

from actions.breaches.following import asked_of
from actions.breaches.moving import follow_ups_of, protocol_of
from actions.breaches.roles import Asked, can_be_asked
from actions.breaches.telling import tell_of_hand_over
from actions.cast import contact_numbered, known_id
from actions.duties import still_owed
from actions.policy import today_of
from models.breach import Breach
from models.obligation import Obligation


def to_hand_over(session: Session, now: datetime, breach: Breach) -> list[tuple[Obligation, Asked]]:
    """What is owed by somebody who is away or cannot be reached, where another can be asked."""
    today = today_of(protocol_of(session, breach), now)
    followed = {each.party_id: each for each in follow_ups_of(session, breach)}  # local actions go on after its end
    found = []
    for duty in still_owed(session, breach.case):
        contact = contact_numbered(session, duty.contact_id)
        if can_be_asked(contact, today) or duty.party_id not in followed:
            continue
        asked = asked_of(session, now, breach, followed[duty.party_id], duty.kind, duty.subject)
        if asked.contact.id != contact.id and can_be_asked(asked.contact, today):
            found.append((duty, asked))
    return found


def hand_over(session: Session, now: datetime, breach: Breach) -> list[str]:
    """Whoever stands in is asked from now on; the clocks go on as they are. Answers what was handed over."""
    handed = to_hand_over(session, now, breach)
    for duty, asked in handed:
        duty.contact_id = known_id(asked.contact)
        session.add(duty)
    tell_of_hand_over(session, now, breach, handed)
    return [duty.key for duty, _ in handed]
