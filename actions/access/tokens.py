"""Tokens by which programs do what their owners may do."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from actions.access.sessions import sha256_of
from actions.cast import NotThere, known_id
from models.access import CONSOLE, AccessToken, ConsoleUser, Standing
from rules.errors import Refused
from rules.texts import plain

PREFIX = "concordat_"  # so that a secret scanner knows one when it sees it
LONGEST = 366  # days


class NameNeeded(Refused):
    def __init__(self) -> None:
        super().__init__("Give the token a name, such as the program that will use it.")


class LastsTooLong(Refused):
    def __init__(self) -> None:
        super().__init__(f"A token lasts between one day and {LONGEST} days.")


class MoreThanItsOwner(Refused):
    def __init__(self, wanted: Standing, owner: Standing) -> None:
        super().__init__(f"A token of {owner.value} cannot do what {wanted.value} may do.")


@dataclass(frozen=True, kw_only=True)
class TokenLine:
    number: int
    name: str
    owner: str
    standing: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


def make_token(
    session: Session, now: datetime, user: ConsoleUser, name: str, standing: Standing, days: int
) -> tuple[AccessToken, str]:
    """The token itself is shown this one time. Raises NameNeeded, LastsTooLong, MoreThanItsOwner."""
    if not plain(name):
        raise NameNeeded
    if not 1 <= days <= LONGEST:
        raise LastsTooLong
    if standing not in CONSOLE or CONSOLE.index(standing) < CONSOLE.index(user.standing):
        raise MoreThanItsOwner(standing, user.standing)
    secret = PREFIX + secrets.token_urlsafe(32)
    row = AccessToken(
        user_id=known_id(user), name=plain(name), standing=standing, sha256=sha256_of(secret), made_at=now,
        expires_at=now + timedelta(days=days),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row, secret


def owner_of(session: Session, now: datetime, secret: str) -> tuple[AccessToken, ConsoleUser] | None:
    """None for one that is unknown, over or revoked, or whose owner has gone."""
    statement = (
        select(AccessToken, ConsoleUser)
        .join(ConsoleUser, col(ConsoleUser.id) == AccessToken.user_id)
        .where(AccessToken.sha256 == sha256_of(secret))
    )
    found = session.exec(statement).first()
    if found is None:
        return None
    token, user = found
    over = token.revoked_at is not None or now >= token.expires_at or user.ended_at is not None
    return None if over else (token, user)


def revoke_token(session: Session, now: datetime, number: int) -> bool:
    """Whether it had not been revoked yet. Raises NotThere. Twice does nothing."""
    token = session.get(AccessToken, number)
    if token is None:
        raise NotThere(f"There is no token {number}.")
    if token.revoked_at is not None:
        return False
    token.revoked_at = now
    session.add(token)
    return True


def revoke_tokens_of(session: Session, now: datetime, user: ConsoleUser) -> None:
    statement = select(AccessToken).where(AccessToken.user_id == user.id, col(AccessToken.revoked_at).is_(None))
    for token in session.exec(statement).all():
        token.revoked_at = now
        session.add(token)


def token_lines(session: Session) -> list[TokenLine]:
    statement = select(AccessToken, ConsoleUser.name).join(ConsoleUser, col(ConsoleUser.id) == AccessToken.user_id)
    return [
        TokenLine(
            number=known_id(token), name=token.name, owner=owner, standing=token.standing.value,
            made_at=token.made_at, expires_at=token.expires_at, revoked_at=token.revoked_at,
        )
        for token, owner in session.exec(statement.order_by(col(AccessToken.id)))
    ]  # fmt: skip
