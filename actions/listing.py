"""Lists that every face shows: duties, messages, the moves of a case. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.cast import NotThere, known_id
from actions.describing import without_figure
from actions.duties import said_of
from actions.history_said import said_of_row, zone_of_case
from models.history import History, Narrative
from models.obligation import Obligation, overdue_at
from models.outbox import Delivery, Message
from models.protocol import Contact, Party, Protocol
from rules.limits import time_left
from rules.retention import NO_LONGER_KEPT


@dataclass(frozen=True, kw_only=True)
class DutyLine:
    """`due_at` is the limit: the end of `due_on`, or where `exact` the instant to which hours were counted, and then
    `left` says how far that is. With `asked_at` there is no deadline: it has been asked for since then, and `due_at` is
    when Concordat asks again.
    """

    number: int
    case: str
    kind: str
    what: str
    party: str | None
    role: str
    address: str
    reachable: bool
    due_on: date
    due_at: datetime
    exact: bool
    overdue: bool
    left: str | None
    outcome: str | None
    discharged_at: datetime | None
    discharged_by: str | None
    why: str | None
    asked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class MessageLine:
    """`copy_possible_since`: two copies may exist, because an attempt ended without an answer."""

    number: int
    kind: str
    case: str
    address: str
    subject: str
    state: str
    queued_at: datetime
    next_attempt_at: datetime
    attempts: int
    settled_at: datetime | None
    answer: str | None
    copy_possible_since: datetime | None
    bounced_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class MoveLine:
    seq: int
    at: datetime
    who: str
    what: str
    moved_from: str | None
    moved_to: str | None
    details: dict[str, Any]
    said: dict[str, Any]  # the details as a person reads them
    why: str | None
    hash: str


def duty_lines(
    session: Session, now: datetime, protocol: Protocol | None = None, *,
    party: Party | None = None, case: str | None = None, overdue: bool = False, ended: bool = False,
) -> list[DutyLine]:  # fmt: skip
    """What is owed, by its limit; with `ended`, also what is not owed any more."""
    statement = select(Obligation, Contact).join(Contact, col(Contact.id) == Obligation.contact_id)
    if protocol is not None:
        statement = statement.where(Obligation.protocol_id == protocol.id)
    if party is not None:
        statement = statement.where(Obligation.party_id == party.id)
    if case is not None:
        statement = statement.where(Obligation.case == case)
    if overdue:
        statement = statement.where(overdue_at(now))
    if not ended:
        statement = statement.where(col(Obligation.outcome).is_(None))
    rows = session.exec(statement.order_by(col(Obligation.due_at), col(Obligation.id))).all()
    names = dict(session.exec(select(Party.id, Party.slug)).all())
    none = without_figure(session, (duty for duty, _ in rows))
    return [
        duty_line(session, now, duty, contact, names.get(duty.party_id), figure=duty.key not in none)
        for duty, contact in rows
        if not (overdue and duty.key in none)
    ]


def duty_line(
    session: Session, now: datetime, duty: Obligation, contact: Contact, party: str | None, *, figure: bool
) -> DutyLine:
    is_owed = duty.outcome is None
    return DutyLine(
        number=known_id(duty), case=duty.case, kind=duty.kind.value, what=said_of(duty), party=party,
        role=contact.role.value, address=contact.address, reachable=contact.bounced_at is None, due_on=duty.due_on,
        due_at=duty.due_at, exact=duty.exact, overdue=is_owed and figure and duty.is_overdue(now),
        left=time_left(duty.due_at, now) if is_owed and figure and duty.exact else None,
        asked_at=None if figure else duty.opened_at,
        outcome=duty.outcome.value if duty.outcome else None,
        discharged_at=duty.discharged_at, discharged_by=duty.discharged_by, why=text_of(session, duty.why_id),
    )  # fmt: skip


def message_lines(session: Session, state: Delivery | None = None, case: str | None = None) -> list[MessageLine]:
    """Newest last. The words themselves are not read here."""
    statement: Any = message_columns().order_by(col(Message.id))
    if state is not None:
        statement = statement.where(Message.state == state)
    if case is not None:
        statement = statement.where(Message.case == case)
    return [message_line(row) for row in session.exec(statement)]


def message_columns() -> Any:
    """What `message_line` asks for: everything but the words."""
    columns = (
        Message.id, Message.kind, Message.case, Message.address, Message.subject, Message.state, Message.queued_at,
        Message.next_attempt_at, Message.attempts, Message.settled_at, Message.answer, Message.in_doubt_at,
        Message.bounced_at,
    )  # fmt: skip
    return select(*columns)  # type: ignore[call-overload]


def message_line(row: Any) -> MessageLine:
    return MessageLine(
        number=row.id, kind=row.kind, case=row.case, address=row.address, subject=row.subject, state=row.state.value,
        queued_at=row.queued_at, next_attempt_at=row.next_attempt_at, attempts=row.attempts,
        settled_at=row.settled_at, answer=row.answer, copy_possible_since=row.in_doubt_at, bounced_at=row.bounced_at,
    )  # fmt: skip


def message_numbered(session: Session, number: int) -> Message:
    found = session.get(Message, number)
    if found is None:
        raise NotThere(f"There is no message {number}: see `concordat outbox`.")
    return found


def history_of(session: Session, case: str) -> list[MoveLine]:
    """Raises NotThere for a case nothing has happened in."""
    rows = session.exec(select(History).where(History.case == case).order_by(col(History.seq))).all()
    if not rows:
        raise NotThere(f"There is no history of “{case}”: cases are named like review:1 and protocol:bedfordshire.")
    zone = zone_of_case(session, case)
    return [
        MoveLine(
            seq=row.seq, at=row.at, who=row.who, what=row.what, moved_from=row.moved_from, moved_to=row.moved_to,
            details=row.details, said=said_of_row(session, row, zone), why=text_of(session, row.why_id), hash=row.hash,
        )
        for row in rows
    ]  # fmt: skip


def texts_read(session: Session, numbers: Iterable[int | None]) -> list[Narrative]:
    """Read at once what `text_of` is asked for many times, as long as somebody holds it."""
    wanted = [number for number in numbers if number is not None]
    return list(session.exec(select(Narrative).where(col(Narrative.id).in_(wanted)))) if wanted else []


def text_of(session: Session, narrative_id: int | None) -> str | None:
    if narrative_id is None:
        return None
    return session.get_one(Narrative, narrative_id).text or NO_LONGER_KEPT
