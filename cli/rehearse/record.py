"""What the scratch store has recorded since the rehearsal began, read moment by moment."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from actions.cast import protocol_named
from actions.forecasting import obligations_named
from models.history import CLOCK, History
from models.outbox import Message
from models.protocol import Contact, Party, Role
from models.review import Review
from models.store import reading
from rules.instants import LONDON


@dataclass(frozen=True)
class Deed:
    """A row of history, as far as the timeline tells it."""

    what: str
    details: dict[str, Any]


@dataclass(frozen=True)
class Letter:
    """A message, as far as the timeline tells it."""

    kind: str
    to: str


@dataclass
class Record:
    """Stages and messages as JSON shows them; deeds of the clock and letters of the newest moment, for the timeline."""

    engine: sa.Engine
    slug: str
    stages: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    by_clock: list[Deed] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)

    def __post_init__(self) -> None:
        with reading(self.engine) as session:
            self._last_history = session.exec(select(func.max(History.id))).one() or 0
            self._last_message = session.exec(select(func.max(Message.id))).one() or 0
            self._protocol_id = protocol_named(session, self.slug).id

    def read_on(self) -> None:
        """Take in what is new since the last moment."""
        with reading(self.engine) as session:
            newer = select(History).where(col(History.id) > self._last_history)
            rows = session.exec(newer.where(self._ours()).order_by(col(History.id))).all()
            self.by_clock = [Deed(row.what, row.details) for row in rows if row.who == CLOCK]
            self.stages += [_stage(row) for row in rows if row.moved_to and row.case.startswith("review:")]
            self._last_history = max((row.id or 0 for row in rows), default=self._last_history)
            self._read_messages(session)

    def _ours(self) -> sa.ColumnElement[bool]:
        """The store that was copied may hold other protocols, which go on beside this one."""
        reviews = sa.literal("review:") + sa.cast(col(Review.id), sa.String)
        of_this = select(reviews).where(Review.protocol_id == self._protocol_id)
        return sa.or_(col(History.case) == f"protocol:{self.slug}", col(History.case).in_(of_this))

    def _read_messages(self, session: Session) -> None:
        rows = session.exec(
            select(Message, Contact, Party)
            .join(Contact, col(Contact.id) == Message.contact_id)
            .join(Party, col(Party.id) == Contact.party_id, isouter=True)
            .where(Message.protocol_id == self._protocol_id, col(Message.id) > self._last_message)
            .order_by(col(Message.id))
        ).all()
        messages = [message for message, _, _ in rows]
        about = obligations_named(session, messages)
        self._last_message = max((message.id or 0 for message in messages), default=self._last_message)
        self.letters = [Letter(message.kind, _name(contact, party)) for message, contact, party in rows]
        self.messages += [_message(message, party, about[message.id or 0]) for message, _, party in rows]


def _name(contact: Contact, party: Party | None) -> str:
    if party is None:
        return f"the {contact.role.value}"
    return party.name if contact.role is Role.LEAD_MEMBER else f"{party.name} ({contact.role.value})"


def _stage(row: History) -> dict[str, Any]:
    return {"review": int(row.case.partition(":")[2]), "stage": row.moved_to, "at": london(row.at), "by": row.who}


def _message(message: Message, party: Party | None, obligation: str) -> dict[str, Any]:
    return {
        "at": london(message.queued_at),
        "to": message.address,
        "party": party.slug if party else None,
        "message": message.kind,
        "subject": message.subject,
        "obligation": obligation,
    }


def london(instant: datetime) -> str:
    """ISO 8601 with London's offset."""
    return instant.astimezone(LONDON).isoformat()


def addresses(messages: Sequence[dict[str, Any]]) -> int:
    return len(Counter(message["to"] for message in messages))
