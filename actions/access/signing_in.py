"""Signing in at the console: by a link that works once, sent to a registered address."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from actions.access.sessions import begin_session
from actions.access.users import user_at
from actions.cast import case_of, known_id
from actions.telling import tell
from models import history
from models.access import ConsoleUser, SignIn, WebSession
from models.protocol import Contact, Protocol
from models.secret_key import is_token, number_and_token, token
from notifications.links import SIGN_IN_LINK
from notifications.messages import SignInLink
from rules.errors import Refused

LASTS = timedelta(minutes=30)
FIRST_LASTS = timedelta(hours=24)  # the one that the first start prints
AT_MOST = 5  # links an address may have asked for in that time: more are not sent


class LinkIsOver(Refused):
    """One sentence, whatever was wrong with it."""

    def __init__(self) -> None:
        super().__init__("This link does not work any more: it works once, for half an hour. Ask for another.")


def make_sign_in(session: Session, now: datetime, user: ConsoleUser, lasts: timedelta = LASTS) -> SignIn:
    row = SignIn(user_id=known_id(user), made_at=now, expires_at=now + lasts)
    session.add(row)
    session.flush()
    return row


def path_of(sign_in: SignIn) -> str:
    """Under the pages' address; whoever has it is signed in, once."""
    number = known_id(sign_in)
    return f"/sign-in/{number}-{token(SIGN_IN_LINK, number, sign_in.mark)}"


def ask_for_link(session: Session, now: datetime, address: str) -> bool:
    """Queue the link for whoever signs in by that address. False for nobody, which the page must not say."""
    user = user_at(session, address)
    if user is None or _asked_lately(session, now, user) >= AT_MOST:
        return False
    sign_in = make_sign_in(session, now, user)
    contact = session.get_one(Contact, user.contact_id)
    protocol = session.get_one(Protocol, contact.protocol_id)
    tell(
        session, now, protocol, contact, f"protocol:{protocol.slug}", f"{SIGN_IN_LINK}:{sign_in.id}:{sign_in.mark}",
        lambda h: SignInLink(**h, expires_at=sign_in.expires_at), asked_for=True,
    )  # fmt: skip
    return True


def _asked_lately(session: Session, now: datetime, user: ConsoleUser) -> int:
    statement = select(SignIn.id).where(SignIn.user_id == user.id, col(SignIn.made_at) > now - LASTS)
    return len(session.exec(statement).all())


def has_anybody_signed_in(session: Session) -> bool:
    return session.exec(select(WebSession.id).where(col(WebSession.user_id).is_not(None)).limit(1)).first() is not None


def user_of_link(session: Session, now: datetime, said: str) -> ConsoleUser:
    """Whom the link would sign in. Looking uses nothing up. Raises LinkIsOver."""
    return _found(session, now, said)[1]


def sign_in(session: Session, now: datetime, said: str) -> str:
    """The session's secret. The link is used up. Raises LinkIsOver."""
    row, user = _found(session, now, said, hold=True)
    row.used_at = now
    session.add(row)
    note_signed_in(session, now, user)
    return begin_session(session, now, user=user)


def note_signed_in(session: Session, now: datetime, user: ConsoleUser) -> None:
    """In the list of who did what, by number."""
    contact = session.get_one(Contact, user.contact_id)
    protocol = session.get_one(Protocol, contact.protocol_id)
    history.write(session, case_of(protocol), now, f"{user.standing.value} (user {user.id})", "signed in")


def _found(session: Session, now: datetime, said: str, hold: bool = False) -> tuple[SignIn, ConsoleUser]:
    found = number_and_token(said)
    row = session.get(SignIn, found[0], with_for_update=hold, populate_existing=True) if found else None
    if row is None or found is None or not is_token(SIGN_IN_LINK, found[0], row.mark, found[1]):
        raise LinkIsOver
    if row.used_at is not None or now >= row.expires_at:
        raise LinkIsOver
    user = session.get_one(ConsoleUser, row.user_id)
    if user.ended_at is not None:
        raise LinkIsOver
    return row, user
