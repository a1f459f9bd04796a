"""Whoever is reached at a new address learns what is owed: links to the old one are dead, and a ladder may be over."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from actions.access.party_links import links_open
from actions.breaches.roles import in_place_of
from actions.describing import described
from actions.telling import tell
from actions.whose_place import whose_place
from models.obligation import Obligation
from models.outbox import Delivery, Message, MessageAbout
from models.protocol import Contact, Protocol
from notifications.messages import DutyReminder

NOT_SAID = (Delivery.FAILED, Delivery.WITHDRAWN)


def tell_what_is_owed(session: Session, now: datetime, protocol: Protocol, contact: Contact) -> None:
    """In one reminder, all that nothing at this address tells of yet: not what waits in the outbox, which goes there,
    nor what was sent there before with a link that still opens. No rung is taken by it. The contact is held
    by the caller."""
    session.flush()
    duties = _not_said(session, contact)
    if not duties:
        return
    spoken = tuple(described(session, duty, now) for duty in duties)
    cases = {duty.case for duty in duties}
    away = [each for those in whose_place(session, now, duties).values() for each in those]
    tell(
        session, now, protocol, contact, cases.pop() if len(cases) == 1 else f"protocol:{protocol.slug}",
        f"new-address:contact-{contact.id}:{now.isoformat()}",
        lambda h: DutyReminder(**h, duties=spoken), about=duties, only_while_owed=True,
        in_place_of=in_place_of(session, contact, away),
    )  # fmt: skip


def _not_said(session: Session, contact: Contact) -> Sequence[Obligation]:
    said = (
        select(MessageAbout.obligation_id)
        .join(Message, col(Message.id) == MessageAbout.message_id)
        .where(
            Message.contact_id == contact.id, Message.address == contact.address,
            col(Message.state).not_in(NOT_SAID), col(Message.bounced_at).is_(None), links_open(contact),
        )
    )  # fmt: skip
    owed = select(Obligation).where(
        Obligation.contact_id == contact.id, col(Obligation.outcome).is_(None), col(Obligation.id).not_in(said)
    )
    return session.exec(owed.order_by(col(Obligation.due_at), col(Obligation.id))).all()
