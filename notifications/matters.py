"""What delivery puts on the secretary's list."""

from datetime import datetime

from sqlmodel import Session

from models.inserting import insert_unless_there
from models.protocol import Contact, Matter, MatterKind, Party, Protocol


def open_matter(
    session: Session,
    now: datetime,
    protocol_id: int,
    kind: MatterKind,
    *,
    key: str,
    sentence: str,
    todo: str,
) -> bool:
    """False when that matter has been on the list before."""
    protocol = session.get_one(Protocol, protocol_id)
    fields = {
        "key": f"{protocol.slug}:{key}",
        "protocol_id": protocol_id,
        "kind": kind,
        "sentence": sentence[:500],
        "todo": todo[:500],
        "opened_at": now,
    }
    return insert_unless_there(session, Matter.model_validate(fields))


def whose(session: Session, contact_id: int) -> str:
    """“Bedfordshire Police (lead member)”, “the secretary”."""
    contact = session.get_one(Contact, contact_id)
    party = session.get(Party, contact.party_id) if contact.party_id else None
    return f"{party.name} ({contact.role.value})" if party else f"the {contact.role.value}"
