"""What follows when a message cannot be delivered, whether the server says so at once or a report later.

A bounce is not silence: the address gets nothing more, and the secretary gets work.
"""

from datetime import datetime

from sqlmodel import Session, select

from models import history
from models.outbox import Message as OutboxRow
from models.protocol import Contact, MatterKind, Party, Protocol, Role
from notifications.matters import close_opened_under, open_matter, whose
from notifications.messages import AddressBounced
from notifications.outbox import queue


def address_refused(session: Session, now: datetime, row: OutboxRow, said: str, by: str) -> bool:
    """The address does not exist or takes no mail. True when that was news.

    Not news: the address bounced before, or the contact has another one by now.
    """
    history.hold(session, row.case)
    contact = contact_locked(session, row.contact_id)
    is_news = contact.bounced_at is None and contact.address == row.address
    row.bounced_at = row.bounced_at or now
    session.add(row)
    history.write(session, row.case, now, by, "bounced", why=said, message=row.key, contact=contact.id)
    if is_news:
        contact.bounced_at = now
        session.add(contact)
        _open_work(session, now, row, contact)
        _tell_secretary(session, now, row, contact, said)
    return is_news


def contact_locked(session: Session, contact_id: int) -> Contact:
    """As it is now, and nobody else's to change; rows that only point at it are inserted meanwhile."""
    session.flush()
    return session.get_one(Contact, contact_id, with_for_update={"key_share": True}, populate_existing=True)


def not_delivered(session: Session, now: datetime, row: OutboxRow, said: str, by: str) -> None:
    """The server refuses the message for another reason than its address, or has not taken it for days."""
    history.write(session, row.case, now, by, "not delivered", why=said, message=row.key)
    open_matter(
        session,
        now,
        row.protocol_id,
        MatterKind.UNREACHABLE,
        key=f"{_not_delivered(row)}:{now.isoformat()}",  # tried again, it may fail again
        sentence=f"“{row.subject}” could not be delivered to {whose(session, row.contact_id)}: {said}",
        todo="Tell them another way; show the server's words to whoever looks after your mail.",
    )


def offer_again(session: Session, now: datetime, row: OutboxRow, contact: Contact) -> bool:
    """It came back, and the contact is reached elsewhere now, or there again. False when it is on the list."""
    reached = "That address works again" if contact.address == row.address else f"They are at {contact.address} now"
    return open_matter(
        session,
        now,
        row.protocol_id,
        MatterKind.UNREACHABLE,
        key=f"{_not_delivered(row)}:{now.isoformat()}",
        sentence=f"“{row.subject}” to {whose(session, row.contact_id)} came back from {row.address}. {reached}: what "
        "is owed has been told there, and this message has not.",
        todo=f"Read it: `concordat message show {row.id}`. If they still need it, send it: "
        f"`concordat outbox again {row.id}`.",
    )


def close_not_delivered(session: Session, now: datetime, row: OutboxRow, outcome: str) -> None:
    """Also what older versions opened, without an instant in its key."""
    close_opened_under(session, now, row.protocol_id, key=_not_delivered(row), outcome=outcome)


def _not_delivered(row: OutboxRow) -> str:
    return f"not-delivered:message-{row.id}"


def _open_work(session: Session, now: datetime, row: OutboxRow, contact: Contact) -> None:
    open_matter(
        session,
        now,
        row.protocol_id,
        MatterKind.BOUNCE,
        key=_bounce_key(now, row),
        sentence=f"Mail to {whose(session, row.contact_id)} at {contact.address} comes back; "
        "nothing more is sent to it.",
        todo=f"Telephone them, then correct the address: `{correction_of(session, contact)}`.",
    )


def _tell_secretary(session: Session, now: datetime, row: OutboxRow, contact: Contact, said: str) -> None:
    protocol = session.get_one(Protocol, row.protocol_id)
    at = select(Contact).where(Contact.protocol_id == protocol.id, Contact.role == Role.SECRETARY)
    secretary = session.exec(at).first()
    if secretary is None:
        return
    message = AddressBounced(
        protocol=protocol.short_name,
        party=None,
        role=secretary.role.value,
        secretary=secretary.address,
        reference=row.case,
        address=contact.address,
        about_party=_party_or_role(session, contact),
        said=said,
        command=correction_of(session, contact),
    )
    queue(session, now, message, to=secretary, key=_bounce_key(now, row), case=row.case, protocol=protocol)


def _party_or_role(session: Session, contact: Contact) -> str:
    party = session.get(Party, contact.party_id) if contact.party_id else None
    return party.name if party else f"the {contact.role.value}"


def correction_of(session: Session, contact: Contact) -> str:
    """The command that corrects it, but for the address."""
    party = session.get(Party, contact.party_id) if contact.party_id else None
    place = party.slug if party else session.get_one(Protocol, contact.protocol_id).slug
    return f"concordat contact correct {place} {contact.role.value.replace(' ', '-')} ADDRESS"


def _bounce_key(now: datetime, row: OutboxRow) -> str:
    """With the instant: sent again after the address was said to work, the same message may be refused again."""
    return f"bounce:contact-{row.contact_id}:message-{row.id}:{now.isoformat()}"
