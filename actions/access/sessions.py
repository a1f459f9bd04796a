"""Browsers that have been let in: for eight hours, and out at once when somebody says so."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from actions.cast import NotThere, known_id
from models.access import ConsoleUser, WebSession
from models.breach import BreachReport
from models.protocol import Contact

LASTS = timedelta(hours=8)
REPORTER_LASTS = timedelta(hours=1)  # a shared computer in an office


@dataclass(frozen=True, kw_only=True)
class SessionLine:
    number: int
    who: str
    began_at: datetime
    expires_at: datetime


def sha256_of(secret: str) -> str:
    """Of a secret that cannot be guessed; a password would need more."""
    return hashlib.sha256(secret.encode()).hexdigest()


def begin_session(
    session: Session, now: datetime, *, user: ConsoleUser | None = None, contact: Contact | None = None,
    report: BreachReport | None = None, message_id: int | None = None,
) -> str:  # fmt: skip
    """The secret that the browser keeps as its cookie; only its hash stays here."""
    secret = secrets.token_urlsafe(32)
    row = WebSession(
        sha256=sha256_of(secret), user_id=user.id if user else None, contact_id=contact.id if contact else None,
        report_id=report.id if report else None, message_id=message_id, began_at=now,
        expires_at=now + (REPORTER_LASTS if report else LASTS),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return secret


def session_of(session: Session, now: datetime, secret: str | None) -> WebSession | None:
    """The one that this cookie opens; None for one that has ended or expired, or never was."""
    if not secret:
        return None
    found = session.exec(select(WebSession).where(WebSession.sha256 == sha256_of(secret))).first()
    if found is None or found.ended_at is not None or now >= found.expires_at:
        return None
    return found


def end_session(session: Session, now: datetime, number: int) -> bool:
    """Whether it had not ended yet. Raises NotThere. Twice does nothing."""
    found = session.get(WebSession, number)
    if found is None:
        raise NotThere(f"There is no session {number}.")
    if found.ended_at is not None:
        return False
    found.ended_at = now
    session.add(found)
    return True


def end_sessions_of(
    session: Session, now: datetime, *, user: ConsoleUser | None = None, contact: Contact | None = None,
    report: BreachReport | None = None,
) -> None:  # fmt: skip
    """Of one of them."""
    if user is not None:
        of = col(WebSession.user_id) == user.id
    elif contact is not None:
        of = col(WebSession.contact_id) == contact.id
    else:
        assert report is not None
        of = col(WebSession.report_id) == report.id
    for found in session.exec(select(WebSession).where(of, col(WebSession.ended_at).is_(None))).all():
        found.ended_at = now
        session.add(found)


def console_sessions(session: Session, now: datetime) -> list[SessionLine]:
    """Who is signed in at the console, the newest first."""
    statement = (
        select(WebSession, ConsoleUser.name)
        .join(ConsoleUser, col(ConsoleUser.id) == WebSession.user_id)
        .where(col(WebSession.ended_at).is_(None), col(WebSession.expires_at) > now)
    )
    return [
        SessionLine(number=known_id(found), who=name, began_at=found.began_at, expires_at=found.expires_at)
        for found, name in session.exec(statement.order_by(col(WebSession.id).desc()))
    ]  # fmt: skip
