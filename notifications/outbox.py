"""The outbox's near end: a message is queued in the transaction that makes it true, and once per key."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from email.utils import parseaddr
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import make_transient_to_detached
from sqlmodel import Session, col, select

from models.obligation import Obligation
from models.outbox import Message as OutboxRow
from models.outbox import MessageAbout
from models.protocol import Contact, Protocol
from models.store import insert_unless_there
from notifications.messages import Message
from notifications.render import Rendered, render
from settings import settings


class NotQueued(StrEnum):
    """Why nothing was queued, in the words that history and overviews use."""

    ALREADY_SAID = "it was queued before"
    ADDRESS_BOUNCED = "the address has bounced and was not corrected since"


def why_not_queued(session: Session, *, to: Contact, key: str) -> NotQueued | None:
    """The reason for which `queue` would answer None; None where it would queue."""
    if to.bounced_at is not None:
        return NotQueued.ADDRESS_BOUNCED
    known = session.exec(select(OutboxRow.id).where(col(OutboxRow.key) == key)).first()
    return NotQueued.ALREADY_SAID if known is not None else None


def queue(
    session: Session,
    now: datetime,
    message: Message,
    *,
    to: Contact,
    key: str,
    case: str,
    protocol: Protocol,
    about: Sequence[Obligation] = (),
    only_while_owed: bool = False,
    resend_in_doubt: bool = True,
    sequence: int = 0,
    not_before: datetime | None = None,
) -> OutboxRow | None:
    """Queue the message for the contact, in the caller's transaction. None: see `why_not_queued`.

    `not_before`: what more there is to say until then can be said in the same one (`giving_way`).

    A calendar entry belongs to the one obligation the message is about, so that a later message about it,
    given a higher `sequence`, moves the entry instead of adding another.
    """
    if only_while_owed and not about:
        raise ValueError("only_while_owed needs the obligations that the message is about")
    if why_not_queued(session, to=to, key=key):
        return None
    entry_key = about[0].key if len(about) == 1 else key
    rendered = render(message, key=f"{entry_key}@{_domain()}", now=now, sequence=sequence)
    asked = {"key": key, "case": case, "only_while_owed": only_while_owed, "resend_in_doubt": resend_in_doubt}
    worded = _worded(rendered, now) | ({"next_attempt_at": not_before} if not_before else {})
    row = OutboxRow.model_validate(asked | _addressed(message, to, key, protocol) | worded)
    if not insert_unless_there(session, row):
        return None
    make_transient_to_detached(row)
    session.add(row)
    links = [{"message_id": row.id, "obligation_id": owed.id} for owed in about]
    session.add_all(MessageAbout.model_validate(link) for link in links)
    return row


def _addressed(message: Message, to: Contact, key: str, protocol: Protocol) -> dict[str, Any]:
    return {
        "kind": message.folder,
        "protocol_id": protocol.id,
        "contact_id": to.id,
        "address": to.address,
        "reply_to": message.secretary,
        "message_id": message_id_of(key, protocol),
    }


def _worded(rendered: Rendered, now: datetime) -> dict[str, Any]:
    return asdict(rendered) | {"queued_at": now, "next_attempt_at": now}


def message_id_of(key: str, protocol: Protocol) -> str:
    """The Message-ID header, fixed by the key: a second copy is known for the same message."""
    digest = hashlib.sha256(f"{protocol.slug}/{key}".encode()).hexdigest()
    return f"<{digest[:40]}@{_domain()}>"


def _domain() -> str:
    return parseaddr(settings().mail_from)[1].rpartition("@")[2].lower() or "localhost"
