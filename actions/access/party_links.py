"""One link for a contact: it stands in every message to them, opens their page, and is renewed at their address.

The link is the message's: it says to whom, about what, and since when. It is kept nowhere; a new address, or somebody
who revokes it, ends those sent before for good, whichever address comes after.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.access.sessions import begin_session, end_sessions_of
from actions.cast import NotThere, case_of, known_id, secretary_of
from actions.telling import tell
from models import history
from models.outbox import Message
from models.protocol import Contact, Party, Protocol, Role
from models.secret_key import is_token, number_and_token
from notifications.links import PARTY_LINK, whose
from notifications.messages import NewLink
from notifications.once_more import send_anew
from notifications.refusals import contact_locked
from rules.errors import Refused
from rules.instants import LONDON, local_day

LASTS = timedelta(days=45)
NOT_BEFORE_AGAIN = timedelta(minutes=2)
NEW_LINK = "new_link"  # as the outbox calls the message
SENT_AT_MOST = ((timedelta(hours=1), 3), (timedelta(days=1), 10))  # to one contact, whoever asks
OWN_PAGES = frozenset(Role) - {Role.SECRETARY, Role.ASSISTANT, Role.AUDITOR}


class LinkOpensNothing(Refused):
    """Unknown, tampered with, or revoked: one sentence for all."""

    def __init__(self) -> None:
        super().__init__(
            "This link opens nothing. Look for the newest message from Concordat, or ask the secretary for one."
        )


@dataclass(frozen=True, kw_only=True)
class PartyLink:
    """`over`: it has expired, and a new one can be sent to the registered address."""

    message_id: int
    contact: Contact
    party: Party | None
    protocol: Protocol
    case: str
    over: bool


def party_link(session: Session, now: datetime, said: str) -> PartyLink:
    """Looking changes nothing, so that a mail scanner may look. Raises LinkOpensNothing."""
    found = number_and_token(said)
    message = session.get(Message, found[0]) if found else None
    if message is None or found is None or not is_token(PARTY_LINK, found[0], whose(message), found[1]):
        raise LinkOpensNothing
    contact = session.get_one(Contact, message.contact_id)
    party = session.get(Party, contact.party_id) if contact.party_id else None
    if party is not None and has_left(party, now):
        raise LinkOpensNothing
    if contact.role not in OWN_PAGES or has_ended(contact, message) or message.address != contact.address:
        raise LinkOpensNothing
    return PartyLink(
        message_id=known_id(message), contact=contact, party=party, case=message.case,
        protocol=session.get_one(Protocol, contact.protocol_id), over=is_over(message, now),
    )  # fmt: skip


def is_over(message: Message, now: datetime) -> bool:
    return now >= message.queued_at + LASTS


def has_ended(contact: Contact, message: Message) -> bool:
    """What was not sent yet goes where the contact is reached now, and its link opens. What may have been sent and
    waits to go again does not: it is replaced when links end (`notifications.once_more`)."""
    since, sent = contact.links_from, message.settled_at
    return since is not None and message.queued_at < since and sent is not None and sent <= since


def links_open(contact: Contact) -> sa.ColumnElement[bool]:
    """The same of many: messages to this contact whose links have not been ended."""
    since = contact.links_from
    if since is None:
        return sa.true()
    return (col(Message.queued_at) >= since) | col(Message.settled_at).is_(None) | (col(Message.settled_at) > since)


def has_left(party: Party, now: datetime) -> bool:
    """Its pages are closed from that day on; what it answered is in the record."""
    return party.left_on is not None and party.left_on <= local_day(now, LONDON)


def follow(session: Session, now: datetime, said: str) -> tuple[str, PartyLink]:
    """The session's secret. Raises LinkOpensNothing."""
    link = party_link(session, now, said)
    if link.over:
        raise LinkOpensNothing
    return begin_session(session, now, contact=link.contact, message_id=link.message_id), link


def send_new_link(session: Session, now: datetime, said: str) -> PartyLink:
    """To the registered address, once in two minutes and seldom enough, whoever asks. Raises LinkOpensNothing."""
    link = party_link(session, now, said)
    if _sent_often(session, now, link.contact):
        return link  # an old link may be in many hands: none of them fills a mailbox, or learns that it was tried
    minutes = int(now.timestamp() // NOT_BEFORE_AGAIN.total_seconds())
    tell(
        session, now, link.protocol, link.contact, link.case, f"new-link:contact-{link.contact.id}:{minutes}",
        lambda h: NewLink(**h), asked_for=True,
    )  # fmt: skip
    return link


def _sent_often(session: Session, now: datetime, contact: Contact) -> bool:
    sent = select(Message.queued_at).where(
        Message.contact_id == contact.id, Message.kind == NEW_LINK, col(Message.queued_at) > now - SENT_AT_MOST[-1][0]
    )
    at = session.exec(sent).all()
    return any(sum(each > now - within for each in at) >= most for within, most in SENT_AT_MOST)


def revoke_links(session: Session, now: datetime, contact_id: int, by: str, because: str) -> Contact:
    """What has been sent, or may have been, opens nothing any more, and who came by it is out. Raises NotThere."""
    contact = session.get(Contact, contact_id)
    if contact is None:
        raise NotThere(f"There is no contact {contact_id}.")
    protocol = session.get_one(Protocol, contact.protocol_id)
    history.hold(session, case_of(protocol))
    contact_locked(session, contact_id)
    contact.links_from = now
    session.add(contact)
    end_sessions_of(session, now, contact=contact)
    send_anew(session, now, contact)
    history.write(session, case_of(protocol), now, by, "links revoked", why=because, contact=contact_id)
    return contact


def secretary_address(session: Session, link: PartyLink) -> str:
    return secretary_of(session, known_id(link.protocol)).address
