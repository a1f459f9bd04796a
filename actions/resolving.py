"""What a person settles by hand: a matter that has been looked into, a message nobody knows the fate of."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from actions.access.party_links import has_ended, is_over
from actions.cast import NotThere
from actions.matters import close_matter
from actions.reasons import reason
from models import history
from models.outbox import Delivery, Message
from models.protocol import Contact, Matter, Protocol
from notifications.doubt import close_doubt
from notifications.once_more import ASKED_FOR, copy_of, once_more, replace
from notifications.refusals import close_not_delivered, contact_locked, correction_of
from rules.errors import Refused

CLOSED_BY_HAND = "matter closed"  # in the protocol's history


class NotInDoubt(Refused):
    def __init__(self, message: Message) -> None:
        super().__init__(f"Message {message.id} is {message.state}: only one that is in doubt is settled by hand.")


class AddressStillWrong(Refused):
    def __init__(self, contact: Contact, command: str) -> None:
        super().__init__(
            f"Mail to {contact.address} comes back: correct the address first, with `{command}`. What is still owed is "
            "then told there by itself; anything else can be sent again after that."
        )


class AskedForAnew(Refused):
    """A link that signs in, a code: what it opens lasts half an hour."""

    def __init__(self, message: Message) -> None:
        super().__init__(
            f"Message {message.id} holds what works for half an hour, so it is not sent again: whoever still needs it "
            "asks for another where they asked for this one."
        )


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
        history.write(session, case, now, by, CLOSED_BY_HAND, why=why, matter=matter.key)
    return matter


def resolve_in_doubt(session: Session, now: datetime, number: int, by: str, *, arrived: bool) -> Message:
    """They have it: it counts as accepted. They have not: it is sent again, under the same Message-ID; or once more as
    another message, where the link in it was ended or they are reached elsewhere by now. Answers the one that counts.

    Accepted since the doubt, not since now: a link in it that was ended meanwhile stays ended. `in_doubt_at` stays: a
    copy may have gone out then. Raises NotInDoubt, WordsAreGone, AddressStillWrong.
    """
    message, contact = _held(session, number)
    if message.state is not Delivery.IN_DOUBT:
        raise NotInDoubt(message)
    going, what = message, "message in doubt: it had arrived"
    if arrived:
        message.state, message.answer = Delivery.ACCEPTED, f"{by} found out that it arrived"
        session.add(message)
    elif message.kind in ASKED_FOR:
        replace(session, now, message, contact)
        what = "message in doubt: not sent again"
    else:
        _require_sendable(session, message, contact)
        going = _again(session, now, message, contact)
        what = "message in doubt: sent again" if going is message else "message in doubt: sent once more"
    _tell_history(session, now, message, going, by, what)
    close_doubt(session, now, message, what)
    return going


class WordsAreGone(Refused):
    def __init__(self, message: Message) -> None:
        super().__init__(
            f"The words of message {message.id} are gone: they were kept for as long as the protocol says."
        )


def _held(session: Session, number: int) -> tuple[Message, Contact]:
    """Raises NotThere."""
    message = session.get(Message, number)
    if message is None:
        raise NotThere(f"There is no message {number}: see `concordat outbox`.")
    history.hold(session, message.case)
    contact = contact_locked(session, message.contact_id)
    session.refresh(message, with_for_update=True)
    return message, contact


def _require_sendable(session: Session, message: Message, contact: Contact) -> None:
    """Raises WordsAreGone, AddressStillWrong."""
    if message.is_emptied:
        raise WordsAreGone(message)
    if contact.bounced_at is not None:
        raise AddressStillWrong(contact, correction_of(session, contact))


def _again(session: Session, now: datetime, message: Message, contact: Contact) -> Message:
    """To the address that is registered now, and with a link that opens."""
    has_dead_link = message.address != contact.address or has_ended(contact, message)
    if is_over(message, now) or (has_dead_link and message.in_doubt_at is not None):  # a copy may be there
        anew = replace if message.state is Delivery.IN_DOUBT else once_more  # what failed stays as what it was
        return anew(session, now, message, contact)
    message.state, message.settled_at, message.address = Delivery.QUEUED, None, contact.address
    message.next_attempt_at, message.attempts, message.bounced_at = now, 0, None
    session.add(message)
    return message


def _tell_history(session: Session, now: datetime, message: Message, going: Message, by: str, what: str) -> None:
    details: dict[str, Any] = {} if going is message else {"copy": going.id}
    history.write(session, message.case, now, by, what, message=message.id, **details)


class NotFailed(Refused):
    def __init__(self, message: Message) -> None:
        super().__init__(
            f"Message {message.id} is {message.state}: only one that has failed, or has come back, is tried again."
        )


class SentOnceMore(Refused):
    def __init__(self, message: Message, copy: Message) -> None:
        super().__init__(f"Message {message.id} was sent once more as message {copy.id}, to the corrected address.")


def try_again(session: Session, now: datetime, number: int, by: str) -> Message:
    """What the mail server refused, or did not take for days, goes again: under the same Message-ID, to the address
    that is registered now. What it had taken, and what came back then, goes once more as another message. Answers the
    one that goes. Raises NotFailed, WordsAreGone, AddressStillWrong, SentOnceMore, AskedForAnew."""
    message, contact = _held(session, number)
    came_back = message.state is Delivery.ACCEPTED and message.bounced_at is not None
    if message.state is not Delivery.FAILED and not came_back:
        raise NotFailed(message)
    if message.kind in ASKED_FOR:
        raise AskedForAnew(message)
    _require_sendable(session, message, contact)
    if (copy := copy_of(session, message)) is not None:
        raise SentOnceMore(message, copy)
    if came_back:
        going, what = once_more(session, now, message, contact), "message that came back: sent once more"
    else:
        going = _again(session, now, message, contact)
        what = "failed message: sent again" if going is message else "failed message: sent once more"
    _tell_history(session, now, message, going, by, what)
    close_not_delivered(session, now, message, what)
    return going


def said_of_going(number: int, going: Message) -> str:
    """What became of message `number`, when a person has settled it, as a sentence."""
    match going.state:
        case Delivery.ACCEPTED:
            return f"Message {number} counts as accepted."
        case Delivery.WITHDRAWN:
            return f"Message {number} is not sent again: what it opens has been ended. They can ask for another."
        case _ if going.id != number:
            return f"Message {number} is sent once more, as message {going.id}, to {going.address}."
        case _:
            return f"Message {number} is sent again, to {going.address}."
