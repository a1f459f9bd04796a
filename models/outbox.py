"""The outbox: what is to be said, written in the transaction that makes it true, sent after the commit."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Relationship, SQLModel

from models.columns import Instant, stored_as_value

# Where a message's own words stand in what many say, and behind each of them: no text holds it (`cleaned`).
GAP = "\ue000"


def in_full(said: str, own: str) -> str:
    """What many say, with the words of one in its gaps."""
    return put_together(said.split(GAP), own)


def put_together(pieces: Sequence[str], own: str) -> str:
    """The same of what stands between the gaps."""
    written = [""] * (2 * len(pieces) - 1)
    written[::2], written[1::2] = pieces, own.split(GAP)[:-1]
    return "".join(written)


class SharedText(SQLModel, table=True):
    """What many messages of one transaction say, kept once: their rows hold their own words only, and are short each
    time that they are written. Of one transaction, so that nobody waits for another's."""

    id: int | None = Field(default=None, primary_key=True)
    text: str
    html: str


class Delivery(StrEnum):
    """Where a message is on its way.

    `claimed` is surely not sent; `sending` may be: a worker that dies there leaves the message `in doubt`.
    """

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENDING = "sending"
    ACCEPTED = "accepted"
    IN_DOUBT = "in doubt"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


ON_THEIR_WAY = (Delivery.QUEUED, Delivery.CLAIMED, Delivery.SENDING)


class Message(SQLModel, table=True):
    __table_args__ = (
        sa.Index(
            "ix_message_due",
            "next_attempt_at",
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        ),
        sa.Index(
            "ix_message_leased",
            "lease_until",
            sqlite_where=sa.text("state IN ('claimed', 'sending')"),
            postgresql_where=sa.text("state IN ('claimed', 'sending')"),
        ),
        # Rows are long: counted by state, and listed by state or by whom they went to, without reading them.
        sa.Index("ix_message_state", "state", "id"),
        sa.Index("ix_message_contact_id", "contact_id", "id"),
        sa.Index(
            "ix_message_shared_text_id",
            "shared_text_id",
            sqlite_where=sa.text("shared_text_id IS NOT NULL"),
            postgresql_where=sa.text("shared_text_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_message_bounced",
            "id",
            sqlite_where=sa.text("bounced_at IS NOT NULL"),
            postgresql_where=sa.text("bounced_at IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=300, unique=True)
    kind: str = Field(max_length=60)  # the message class' folder: `feedback_invited`
    protocol_id: int = Field(foreign_key="protocol.id")
    case: str = Field(max_length=80, index=True)
    contact_id: int = Field(foreign_key="contact.id")
    address: str = Field(max_length=254)
    reply_to: str | None = Field(default=None, max_length=254)
    message_id: str = Field(max_length=254, unique=True)  # the Message-ID header, fixed by the key
    subject: str = Field(max_length=300)
    # Where nothing is shared, all of it; otherwise what stands in the gaps of what is.
    shared_text_id: int | None = Field(default=None, foreign_key="sharedtext.id")
    own_text: str = Field(sa_column_kwargs={"name": "text", "key": "own_text"})
    own_html: str = Field(sa_column_kwargs={"name": "html", "key": "own_html"})
    calendar: str | None = None  # the attached .ics file

    # A legal notice is never sent a second time by the machine; a reminder in doubt is.
    resend_in_doubt: bool = True
    # Everything the message asks for has been done before it left: then it is withdrawn.
    only_while_owed: bool = False

    state: Delivery = Field(default=Delivery.QUEUED, sa_type=stored_as_value(Delivery))
    queued_at: datetime = Field(sa_type=Instant)
    next_attempt_at: datetime = Field(sa_type=Instant)
    attempts: int = 0
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    leased_by: str | None = Field(default=None, max_length=80)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    answer: str | None = Field(default=None, max_length=500)  # the server's last words
    in_doubt_at: datetime | None = Field(default=None, sa_type=Instant)  # stays: a copy may have gone out then
    bounced_at: datetime | None = Field(default=None, sa_type=Instant)

    shared_text: SharedText | None = Relationship(sa_relationship_kwargs={"lazy": "selectin"})

    @property
    def is_emptied(self) -> bool:
        """Its words were kept for as long as the protocol says; that it was sent stays."""
        return self.shared_text_id is None and not self.own_text

    @property
    def text(self) -> str:
        return self.own_text if self.shared_text is None else in_full(self.shared_text.text, self.own_text)

    @property
    def html(self) -> str:
        return self.own_html if self.shared_text is None else in_full(self.shared_text.html, self.own_html)


def is_queued(on_postgres: bool) -> sa.TextClause:
    """For a query of what is due, the earliest first. SQLite knows nothing of how many are in which state, and would
    read the whole queue and put it in order, had it not been told that the index by the instant is the better one."""
    return sa.text("message.state = 'queued'" if on_postgres else "likely(message.state = 'queued')")


class MessageAbout(SQLModel, table=True):
    """Which obligations a message speaks of."""

    __table_args__ = (sa.UniqueConstraint("message_id", "obligation_id"),)

    id: int | None = Field(default=None, primary_key=True)
    message_id: int = Field(foreign_key="message.id")
    obligation_id: int = Field(foreign_key="obligation.id", index=True)


BROUGHT_BACK = "brought back"  # a sign that a restore leaves, until `actions.restoring` has seen to it


class Heartbeat(SQLModel, table=True):
    """When a clock's flow last began and ended. Old rows are overwritten: it is a sign of life, not history."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=40, unique=True)
    began_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    alarmed_at: datetime | None = Field(default=None, sa_type=Instant)
