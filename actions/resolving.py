"""What a person settles by hand: a matter that has been looked into, a message nobody knows the fate of."""

from datetime import datetime

from sqlmodel import Session, select

from actions.cast import NotThere
from actions.matters import close_matter
from actions.reasons import reason
from models import history
from models.outbox import Delivery, Message
from models.protocol import Contact, Matter, Protocol
from notifications.doubt import close_doubt
from notifications.refusals import close_not_delivered, contact_locked
from rules.errors import Refused


class NotInDoubt(Refused):
    def __init__(self, message: Message) -> None:
        super().__init__(f"Message {message.id} is {message.state}: only one that is in doubt is settled by hand.")


def close_by_hand(session: Session, now: datetime, number: int, by: str, because: str) -> Matter:
    """Off the secretary's list, with what came of it. Closed twice, it stays as it was closed."""
    why, matter = reason(because, "closing a matter"), session.get(Matter, number)
    if matter is None:
        raise NotThere(f"There is no matter {number}: see `concordat matters`.")
    case = f"protocol:{session.get_one(Protocol, matter.protocol_id).slug}"
    history.hold(session, case)
    session.refresh(matter, with_for_update=True)
    if matter.closed_at is None:
        close_matter(session, now, matter, why)
        history.write(session, case, now, by, "matter closed", why=why, matter=matter.key)
    return matter


def resolve_in_doubt(session: Session, now: datetime, number: int, by: str, *, arrived: bool) -> Message:
    """They have it: it counts as accepted. They have not: it is sent again, under the same Message-ID.

    Accepted since the doubt, not since now: a link in it that was ended meanwhile stays ended. `in_doubt_at` stays: a
    copy may have gone out then. Raises NotInDoubt.
    """
    message = session.get(Message, number)
    if message is None:
        raise NotThere(f"There is no message {number}: see `concordat outbox`.")
    history.hold(session, message.case)
    session.refresh(message, with_for_update=True)
    if message.state is not Delivery.IN_DOUBT:
        raise NotInDoubt(message)
    if arrived:
        message.state, message.answer = Delivery.ACCEPTED, f"{by} found out that it arrived"
    else:
        message.state, message.settled_at = Delivery.QUEUED, None
        message.next_attempt_at, message.attempts = now, 0
    session.add(message)
    what = "message in doubt: it had arrived" if arrived else "message in doubt: sent again"
    history.write(session, message.case, now, by, what, message=number)
    close_doubt(session, now, message, what)
    return message


class NotFailed(Refused):
    def __init__(self, message: Message) -> None:
        super().__init__(f"Message {message.id} is {message.state}: only one that has failed is tried again.")


class WordsAreGone(Refused):
    def __init__(self, message: Message) -> None:
        super().__init__(
            f"The words of message {message.id} are gone: they were kept for as long as the protocol says."
        )


class AddressStillWrong(Refused):
    def __init__(self, contact: Contact) -> None:
        super().__init__(
            f"Mail to {contact.address} comes back: correct the address first, then what was lost is sent there by "
            "itself."
        )


class SentOnceMore(Refused):
    def __init__(self, message: Message, copy: int) -> None:
        super().__init__(f"Message {message.id} was sent once more as message {copy}, to the corrected address.")


def try_again(session: Session, now: datetime, number: int, by: str) -> Message:
    """What the mail server refused, or did not take for days, goes again: under the same Message-ID, to the address
    that is registered now. Raises NotFailed, WordsAreGone, AddressStillWrong, SentOnceMore."""
    message = session.get(Message, number)
    if message is None:
        raise NotThere(f"There is no message {number}: see `concordat outbox`.")
    history.hold(session, message.case)
    contact = contact_locked(session, message.contact_id)
    session.refresh(message, with_for_update=True)
    if message.state is not Delivery.FAILED:
        raise NotFailed(message)
    if message.is_emptied:
        raise WordsAreGone(message)
    if contact.bounced_at is not None:
        raise AddressStillWrong(contact)
    copy = session.exec(select(Message.id).where(Message.key == f"message-{message.id}:once-more")).first()
    if copy is not None:
        raise SentOnceMore(message, copy)
    message.state, message.settled_at, message.address = Delivery.QUEUED, None, contact.address
    message.next_attempt_at, message.attempts, message.bounced_at = now, 0, None
    session.add(message)
    what = "failed message: sent again"
    history.write(session, message.case, now, by, what, message=number)
    close_not_delivered(session, now, message, what)
    return message
