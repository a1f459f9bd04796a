"""What delivery puts on the secretary's list."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

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


def close_opened_under(session: Session, now: datetime, protocol_id: int, *, key: str, outcome: str) -> None:
    """What has been opened under that key and is open still, whichever instant follows the key."""
    whole = f"{session.get_one(Protocol, protocol_id).slug}:{key}"
    under_it = (col(Matter.key) == whole) | col(Matter.key).startswith(f"{whole}:", autoescape=True)
    still_open = sa.update(Matter).where(col(Matter.closed_at).is_(None), under_it)
    session.execute(still_open.values(closed_at=now, outcome=outcome))


def whose(session: Session, contact_id: int) -> str:
    """“Bedfordshire Police (lead member)”, “the secretary”."""
    contact = session.get_one(Contact, contact_id)
    party = session.get(Party, contact.party_id) if contact.party_id else None
    return f"{party.name} ({contact.role.value})" if party else f"the {contact.role.value}"
