"""Who may come in: console users, sessions, one-time links and codes, tokens for programs, and their answers.

No secret is kept: a link or a code that travels by mail is made from the row's number (`models.secret_key`), a
session's or a token's is kept as its SHA-256.
"""

import secrets
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import Instant, stored_as_value


class Standing(StrEnum):
    """What somebody is to these pages, and so what they may do; each route says which of them it is for."""

    ANYBODY = "anybody"
    REPORTER = "reporter"  # came back with reference and code
    PARTY = "party"  # came through a link sent to a contact at a party
    ADVISER = "adviser"  # likewise, to the protocol's adviser
    AUDITOR = "auditor"
    ASSISTANT = "assistant"
    SECRETARY = "secretary"


CONSOLE = (Standing.SECRETARY, Standing.ASSISTANT, Standing.AUDITOR)


class ConsoleUser(SQLModel, table=True):
    """Somebody who signs in at the console. Their address is their contact's, where mail reaches them."""

    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", unique=True)
    name: str = Field(max_length=80)  # as the list of who did what says it
    standing: Standing = Field(sa_type=stored_as_value(Standing, "console_standing"))
    added_at: datetime = Field(sa_type=Instant)
    added_by: str = Field(max_length=120)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_by: str | None = Field(default=None, max_length=120)


def drawn() -> str:
    return secrets.token_hex(8)


class SignIn(SQLModel, table=True):
    """A one-time link to the console."""

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="consoleuser.id", index=True)
    mark: str = Field(default_factory=drawn, max_length=32)  # no secret: it tells this row from another of its number
    made_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class SigningCode(SQLModel, table=True):
    """The second step of a signature: six digits sent to the registered address."""

    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    subject: str = Field(max_length=80)  # what is signed: `version:5.0`
    mark: str = Field(default_factory=drawn, max_length=32)
    made_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    attempts: int = 0
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class WebSession(SQLModel, table=True):
    """A browser that has been let in. One of `user_id`, `contact_id` and `report_id` says as whom."""

    __table_args__ = (
        sa.CheckConstraint(
            "CASE WHEN user_id IS NULL THEN 0 ELSE 1 END + CASE WHEN contact_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN report_id IS NULL THEN 0 ELSE 1 END = 1",
            name="of_one",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(max_length=64, unique=True)
    user_id: int | None = Field(default=None, foreign_key="consoleuser.id", index=True)
    contact_id: int | None = Field(default=None, foreign_key="contact.id", index=True)
    report_id: int | None = Field(default=None, foreign_key="breachreport.id", index=True)
    message_id: int | None = Field(default=None, foreign_key="message.id")  # whose link was followed
    began_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class AccessToken(SQLModel, table=True):
    """By which a program does what its owner may do, at most."""

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="consoleuser.id", index=True)
    name: str = Field(max_length=80)
    standing: Standing = Field(sa_type=stored_as_value(Standing, "token_standing"))
    sha256: str = Field(max_length=64, unique=True)
    made_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)


class AnsweredRequest(SQLModel, table=True):
    """What somebody was answered under a key of their own (a program's idempotency key, the one in a form): asked
    again, they get the same and nothing is done twice."""

    __table_args__ = (sa.UniqueConstraint("who", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    who: str = Field(max_length=120)
    key: str = Field(max_length=120)
    fingerprint: str = Field(max_length=64)  # a MAC of the act, its place and what was given
    answer: dict[str, Any] = Field(sa_type=sa.JSON)
    answered_at: datetime = Field(sa_type=Instant)
