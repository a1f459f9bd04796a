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
from models.breach import Breach
from models.complaint import Complaint
from models.gap import Gap
from models.history import CLOCK, History
from models.outbox import Message
from models.protocol import Contact, Party, Role
from models.review import Review
from models.store import reading
from rules.instants import LONDON

CASES: dict[str, type[Review] | type[Breach] | type[Complaint] | type[Gap]] = {
    "review": Review, "breach": Breach, "complaint": Complaint, "gap": Gap
}  # fmt: skip
ABOUT = {"breach": "breaches", "complaint": "complaints"}


@dataclass(frozen=True)
class Deed:
    """A row of history, as far as the timeline tells it."""

    case: str
    what: str
    details: dict[str, Any]


@dataclass(frozen=True)
class Letter:
    """A message, as far as the timeline tells it."""

    kind: str
    to: str
    about: str | None  # “breaches”, “complaints”: told at the end of the day, there is much of it


@dataclass
class Record:
    """Stages, breaches, complaints and messages as JSON shows them; for the timeline, deeds of the clock and letters of
    the newest moment, and the parties' names."""

    engine: sa.Engine
    slug: str
    stages: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    breaches: dict[int, dict[str, Any]] = field(default_factory=dict)  # those with anything new, by their number
    complaints: dict[int, dict[str, Any]] = field(default_factory=dict)
    by_clock: list[Deed] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)

    def __post_init__(self) -> None:
        with reading(self.engine) as session:
            self._last_history = session.exec(select(func.max(History.id))).one() or 0
            self._last_message = session.exec(select(func.max(Message.id))).one() or 0
            self._protocol_id = protocol_named(session, self.slug).id
            parties = session.exec(select(Party.slug, Party.name).where(Party.protocol_id == self._protocol_id))
            self.names = dict(parties.all())

    def read_on(self) -> None:
        """Take in what is new since the last moment."""
        with reading(self.engine) as session:
            newer = select(History).where(col(History.id) > self._last_history)
            rows = session.exec(newer.where(self._ours()).order_by(col(History.id))).all()
            self.by_clock = [Deed(row.case, row.what, row.details) for row in rows if row.who == CLOCK]
            self.stages += [_stage(row) for row in rows if row.moved_to and row.case.startswith("review:")]
            for row in rows:
                self._note_breach(row)
                self._note_complaint(row)
            self._note_outcomes(session, {row.case for row in rows if row.moved_to})
            self._last_history = max((row.id or 0 for row in rows), default=self._last_history)
            self._read_messages(session)

    def _ours(self) -> sa.ColumnElement[bool]:
        """The store that was copied may hold other protocols, which go on beside this one."""
        of_this = [
            select(sa.literal(f"{kind}:") + sa.cast(col(table.id), sa.String)).where(
                table.protocol_id == self._protocol_id
            )
            for kind, table in CASES.items()
        ]
        cases = [col(History.case).in_(cases) for cases in of_this]
        return sa.or_(col(History.case) == f"protocol:{self.slug}", *cases)

    def _note_breach(self, row: History) -> None:
        """Its stages, and everything that history tells of it."""
        kind, _, number = row.case.partition(":")
        if kind != "breach":
            return
        begun: dict[str, Any] = {"breach": int(number), "outcome": None, "parties": [], "stages": [], "events": []}
        told, at = self.breaches.setdefault(int(number), begun), {"at": london(row.at), "by": row.who}
        told["parties"] += [slug for slug in row.details.get("parties", []) if slug not in told["parties"]]
        told["stages"] += [{"stage": row.moved_to} | at] if row.moved_to else []
        told["events"].append({"what": row.what, "party": row.details.get("party")} | at)

    def _note_complaint(self, row: History) -> None:
        """Its stages, what each issue was found to be, and what followed."""
        kind, _, number = row.case.partition(":")
        if kind != "complaint":
            return
        begun: dict[str, Any] = {
            "complaint": int(number),
            "kind": row.details.get("kind"),
            "outcome": None,
            "stages": [],
            "events": [],
        }
        told, at = self.complaints.setdefault(int(number), begun), {"at": london(row.at), "by": row.who}
        told["stages"] += [{"stage": row.moved_to} | at] if row.moved_to else []
        told["outcome"] = row.details.get("outcome", told["outcome"])
        told["events"].append({"what": row.what, "result": row.details.get("result")} | at)

    def _note_outcomes(self, session: Session, moved: set[str]) -> None:
        for number, told in self.breaches.items():
            if f"breach:{number}" in moved:
                outcome = session.exec(select(Breach.outcome).where(Breach.id == number)).one()
                told["outcome"] = str(outcome) if outcome else None

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
        self.letters = [
            Letter(message.kind, _name(contact, party), ABOUT.get(message.case.partition(":")[0]))
            for message, contact, party in rows
        ]
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
