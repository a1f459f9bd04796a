"""A message goes once more, as another one with a link of its own: its own was ended, or it came back.

The first one stays as what it was: its Message-ID finds the delivery report that comes late, and its link stays dead.
"""

from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.outbox import ON_THEIR_WAY, Delivery, MessageAbout
from models.outbox import Message as OutboxRow
from models.protocol import Contact, Protocol
from notifications.doubt import put_in_doubt
from notifications.outbox import message_id_of

COPIED = {
    "kind", "protocol_id", "case", "contact_id", "reply_to", "subject", "shared_text_id", "own_text", "own_html",
    "calendar", "resend_in_doubt", "only_while_owed",
}  # fmt: skip
# Their key is what they open, for half an hour: whoever still needs it asks for another.
ASKED_FOR = frozenset({"sign_in_link", "signing_code_sent"})
HAS_ENDED = "What it opens has been ended: it is not sent again."
WAS_GOING = "It was being sent when its link was ended."


def copy_of(session: Session, message: OutboxRow) -> OutboxRow | None:
    return session.exec(select(OutboxRow).where(OutboxRow.key == _key(message))).first()


def _key(message: OutboxRow) -> str:
    return f"message-{message.id}:once-more"


def once_more(session: Session, now: datetime, message: OutboxRow, contact: Contact) -> OutboxRow:
    """Queued for where the contact is reached now; each message once."""
    if (known := copy_of(session, message)) is not None:
        return known
    key, protocol = _key(message), session.get_one(Protocol, message.protocol_id)
    again = {
        "key": key, "address": contact.address, "message_id": message_id_of(key, protocol),
        "queued_at": now, "next_attempt_at": now,
    }  # fmt: skip
    copy = OutboxRow.model_validate(message.model_dump(include=COPIED) | again)
    session.add(copy)
    session.flush()
    assert copy.id is not None
    for about in session.exec(select(MessageAbout).where(MessageAbout.message_id == message.id)).all():
        session.add(MessageAbout(message_id=copy.id, obligation_id=about.obligation_id))
    return copy


def replace(session: Session, now: datetime, message: OutboxRow, contact: Contact) -> OutboxRow:
    """It is withdrawn, and goes once more; what somebody asked for at that moment does not. Answers the one that
    counts. Settled since it may have left, not since now: a link that was ended meanwhile stays ended."""
    going, answer = message, HAS_ENDED
    if message.kind not in ASKED_FOR:
        going = once_more(session, now, message, contact)
        answer = f"It goes once more, as message {going.id}."
    message.state, message.answer, message.settled_at = Delivery.WITHDRAWN, answer, message.settled_at or now
    message.leased_by = message.lease_until = None
    session.add(message)
    return going


def send_anew(session: Session, now: datetime, contact: Contact) -> None:
    """The links that were sent to this contact have been ended just now, or it has another address. What has surely not
    left goes to where it is reached now; what may have left is replaced. The contact is held by the caller."""
    session.flush()
    for message in session.exec(_unsettled(contact)).all():
        if message.state is Delivery.SENDING:  # its worker may be dead: what it says later changes nothing
            put_in_doubt(session, now, message, WAS_GOING, now)
        is_elsewhere = message.address != contact.address
        if message.state is Delivery.IN_DOUBT:
            continue  # a notice: a person decides
        if message.in_doubt_at is not None or (is_elsewhere and message.kind in ASKED_FOR):
            replace(session, now, message, contact)
        elif is_elsewhere:
            message.address = contact.address
            session.add(message)


def _unsettled(contact: Contact) -> SelectOfScalar[OutboxRow]:
    """Nobody waits for somebody who waits for them: cases and the contact come before these, these in the order of
    their numbers, as in `giving_way`, and a worker that holds some waits for no others: it skips what is locked."""
    those = select(OutboxRow).where(OutboxRow.contact_id == contact.id, col(OutboxRow.state).in_(ON_THEIR_WAY))
    return those.order_by(col(OutboxRow.id)).with_for_update().execution_options(populate_existing=True)
