"""Who would be asked in place of those who are away or not reached, in breaches and complaints, for the forecast."""

from sqlmodel import Session

from actions.breaches.changing import CASE as BREACH
from actions.breaches.following import could_be_asked
from actions.breaches.moving import follow_ups_of
from actions.breaches.roles import could_be_asked_as
from actions.complaints.asking import HANDLES
from actions.complaints.changing import is_of_a_complaint
from models.breach import Breach
from models.obligation import Obligation
from models.protocol import Contact, Party


def could_ask(session: Session, duty: Obligation, owner: Contact) -> list[Contact]:
    """The nearest first; nobody where whoever owes it is there, for it then stays with them."""
    if duty.party_id is None or (owner.away_until is None and owner.bounced_at is None):
        return []
    if is_of_a_complaint(duty):
        return could_be_asked_as(session, session.get_one(Party, duty.party_id), *HANDLES)
    breach = session.get(Breach, int(duty.case.removeprefix(BREACH))) if duty.case.startswith(BREACH) else None
    for follow_up in follow_ups_of(session, breach) if breach else ():
        if follow_up.party_id == duty.party_id:
            return could_be_asked(session, follow_up, duty.kind, duty.subject)
    return []
