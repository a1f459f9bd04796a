"""The second step of a signature: six digits sent to the registered address, so that a link alone signs nothing."""

import hmac
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, select

from actions.cast import known_id
from actions.telling import tell
from models.access import SigningCode
from models.locking import lock
from models.protocol import Contact, Protocol
from models.secret_key import digits
from notifications.links import SIGNING_CODE
from notifications.messages import SigningCodeSent
from rules.errors import Refused

LASTS = timedelta(minutes=30)
SENT_WITHIN = timedelta(hours=1)
SENT_AT_MOST = 5  # codes for one contact in that time
TRIED_AT_MOST = 5  # of a million; with the line above, at most 25 guesses in an hour


class CodesSentOften(Refused):
    def __init__(self) -> None:
        super().__init__(
            f"{SENT_AT_MOST} codes have been sent to your registered address within an hour. Use the newest of them, "
            "or wait an hour and begin again; nothing is lost meanwhile."
        )


class Said(StrEnum):
    """What came of a code that somebody wrote."""

    RIGHT = "right"  # and used up
    WRONG = "wrong"
    OVER = "over"  # none is open: none was sent, it has expired, or it was tried too often


def send_code(session: Session, now: datetime, contact: Contact, subject: str, case: str) -> SigningCode:
    """Queue a code to the contact's registered address; those sent before are not accepted any more.

    `subject` is what will be signed, such as `version:5.0`. Raises CodesSentOften.
    """
    lock(session, f"signing-code:contact-{contact.id}")
    if _sent_lately(session, now, contact) >= SENT_AT_MOST:
        raise CodesSentOften
    code = SigningCode(contact_id=known_id(contact), subject=subject, made_at=now, expires_at=now + LASTS)
    session.add(code)
    session.flush()
    protocol, key = session.get_one(Protocol, contact.protocol_id), f"{SIGNING_CODE}:{code.id}:{code.mark}"
    tell(
        session, now, protocol, contact, case, key,
        lambda h: SigningCodeSent(**h, version=subject.removeprefix("version:"), expires_at=code.expires_at),
        asked_for=True,
    )  # fmt: skip
    return code


def check_code(session: Session, now: datetime, contact: Contact, subject: str, said: str) -> Said:
    """Whether that is the newest code's. Every attempt is counted in the row, so the caller keeps the transaction also
    where the code was wrong: raised, the count would be rolled back, and nobody would ever have tried too often."""
    code = _newest(session, contact, subject)
    if code is None or code.used_at is not None or now >= code.expires_at or code.attempts >= TRIED_AT_MOST:
        return Said.OVER
    code.attempts += 1
    session.add(code)
    expected = digits(SIGNING_CODE, known_id(code), code.mark)
    if not hmac.compare_digest(expected.encode(), "".join(said.split()).encode()):
        return Said.OVER if code.attempts >= TRIED_AT_MOST else Said.WRONG
    code.used_at = now
    return Said.RIGHT


def attempts_left(session: Session, contact: Contact, subject: str) -> int:
    code = _newest(session, contact, subject, hold=False)
    return TRIED_AT_MOST - code.attempts if code is not None else 0


def _newest(session: Session, contact: Contact, subject: str, *, hold: bool = True) -> SigningCode | None:
    statement = (
        select(SigningCode)
        .where(SigningCode.contact_id == contact.id, SigningCode.subject == subject)
        .order_by(col(SigningCode.id).desc())
        .limit(1)
    )
    if hold:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session.exec(statement).first()


def _sent_lately(session: Session, now: datetime, contact: Contact) -> int:
    statement = select(SigningCode.id).where(
        SigningCode.contact_id == contact.id, col(SigningCode.made_at) > now - SENT_WITHIN
    )
    return len(session.exec(statement).all())
