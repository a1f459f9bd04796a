"""Addresses that calendar programs fetch: they cannot sign in, so the address itself is the secret.

A feed is kept as a token of its owner's, by a mark that no program's token can have: it opens its calendar, and
nothing else. It is revoked as every token is.
"""

import secrets
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from actions.access.tokens import LONGEST, NameNeeded
from actions.cast import NotThere, known_id
from models.access import AccessToken, ConsoleUser, Standing
from models.secret_key import signed
from rules.texts import plain

PURPOSE = "calendar-feed"
NAMED = "Calendar: "


def make_feed(session: Session, now: datetime, user: ConsoleUser, name: str) -> tuple[AccessToken, str]:
    """The secret is shown this one time. It lasts for a year and a day. Raises NameNeeded."""
    if not plain(name):
        raise NameNeeded
    secret = secrets.token_urlsafe(32)
    row = AccessToken(
        user_id=known_id(user), name=f"{NAMED}{plain(name)}"[:80], standing=Standing.AUDITOR,
        sha256=signed(PURPOSE, secret), made_at=now, expires_at=now + timedelta(days=LONGEST),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row, secret


def require_feed(session: Session, now: datetime, secret: str) -> AccessToken:
    """Raises NotThere for one that is unknown, over or revoked, or whose owner has gone."""
    statement = (
        select(AccessToken, ConsoleUser)
        .join(ConsoleUser, col(ConsoleUser.id) == AccessToken.user_id)
        .where(AccessToken.sha256 == signed(PURPOSE, secret))
    )
    found = session.exec(statement).first()
    if found is None:
        raise NotThere("There is no such calendar.")
    token, user = found
    if token.revoked_at is not None or now >= token.expires_at or user.ended_at is not None:
        raise NotThere("This calendar is not kept up any more: whoever made it can make another.")
    return token
