"""What came back before the address was corrected: what is still owed goes there by itself, the rest is offered."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, or_, select

from actions.access.party_links import NEW_LINK, has_left
from models.obligation import Obligation
from models.outbox import Delivery, Message, MessageAbout
from models.protocol import Contact, Party
from notifications.once_more import ASKED_FOR, copy_of, once_more
from notifications.refusals import close_not_delivered, offer_again

ESCALATED = ("duty_escalated_to_deputy", "duties_escalated_to_secretary")  # of what others owe


def see_to_what_came_back(session: Session, now: datetime, contact: Contact, since: datetime) -> None:
    """`since`: when the first of them did. The contact is held by the caller, and its address is the right one now."""
    lost = _still_owed(session, contact)
    if lost is not None:
        once_more(session, now, lost, contact)
        close_not_delivered(session, now, lost, "sent once more")
    for message in _came_back(session, contact, since):
        offer(session, now, message, contact)


def offer(session: Session, now: datetime, message: Message, contact: Contact) -> bool:
    """On the secretary's list, who says whether it goes to the corrected address. Not what only asks: what is owed is
    told there anyway. Nor what was asked for at that moment, nor what has gone once more or is no longer kept, nor what
    a party has no business with any more. False then."""
    party = session.get(Party, contact.party_id) if contact.party_id else None
    is_past = message.only_while_owed or message.is_emptied or message.kind in {*ASKED_FOR, NEW_LINK}
    if is_past or (party and has_left(party, now)):
        return False
    return copy_of(session, message) is None and offer_again(session, now, message, contact)


def _still_owed(session: Session, contact: Contact) -> Message | None:
    """The newest message that did not arrive and speaks of something that is still owed; not a request for what
    somebody else is asked for by now."""
    is_asked = (col(Obligation.contact_id) == contact.id) | col(Message.kind).in_(ESCALATED)
    statement = (
        select(Message)
        .join(MessageAbout, col(MessageAbout.message_id) == Message.id)
        .join(Obligation, col(Obligation.id) == MessageAbout.obligation_id)
        .where(Message.contact_id == contact.id, col(Obligation.outcome).is_(None))
        .where(or_(col(Message.bounced_at).is_not(None), col(Message.state) == Delivery.FAILED))
        .where(or_(is_asked, ~col(Message.only_while_owed)))
        .order_by(col(Message.id).desc())
    )
    return session.exec(statement).first()


def _came_back(session: Session, contact: Contact, since: datetime) -> Sequence[Message]:
    those = select(Message).where(Message.contact_id == contact.id, col(Message.bounced_at) >= since)
    return session.exec(those.order_by(col(Message.id))).all()
