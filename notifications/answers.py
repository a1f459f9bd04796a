"""What an answer of the mail server means for one message."""

import re

import aiosmtplib

from notifications.conversation import legible
from notifications.outgoing import Outgoing
from notifications.settling import Accepted, Deferred, Failed, InDoubt, Result

CLOSING = 421  # "service closing": many servers end a connection so after some number of messages
READY_FOR_MESSAGE = 354
ABOUT_US = frozenset({530, 534, 535, 538})  # log in, or log in otherwise: no message is at fault
NO_SUCH_ADDRESS = frozenset({550, 551, 553})  # RFC 5321 §4.2.3, where no enhanced status says more


def accepted(row: Outgoing, said: str) -> Accepted:
    return Accepted(id=row.id, attempts=row.attempts, said=said)


def in_doubt(row: Outgoing, said: str) -> InDoubt:
    return InDoubt(id=row.id, attempts=row.attempts, said=said)


def refused(row: Outgoing, code: int, words: str, *, at_recipient: bool) -> Result:
    said = f"{code} {words}"
    if 500 <= code < 600:
        return failed(row, said, address=is_about_address(code, words, at_recipient))
    return deferred(row, said)


def is_about_address(code: int, words: str, at_recipient: bool) -> bool:
    """5.1.x is about addresses, 5.2.1 a mailbox that takes nothing any more (RFC 3463); 5.1.7 and 5.1.8 are ours."""
    status = re.match(r"5\.(\d{1,3})\.(\d{1,3})\b", words)
    if status is None:
        return at_recipient and code in NO_SUCH_ADDRESS
    subject, detail = int(status[1]), int(status[2])
    return (subject == 1 and detail not in {7, 8}) or (subject, detail) == (2, 1)


def deferred(row: Outgoing, said: str) -> Deferred:
    return Deferred(id=row.id, attempts=row.attempts, said=said)


def failed(row: Outgoing, said: str, *, address: bool) -> Failed:
    return Failed(id=row.id, attempts=row.attempts, said=said, address_refused=address)


def words_of(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return legible(f"{error.code} {error.message}")
    return legible(str(error)) or type(error).__name__
