"""The ladder of one duty: the reminders that were sent or passed over, and those that are to come. Reads only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.deeds import Deed, deeds_of_rows
from actions.history_said import zone_of_case
from actions.listing import MessageLine, message_columns, message_line
from actions.policy import ladder_of
from models.history import History
from models.obligation import Obligation, Reminder
from models.outbox import Message, MessageAbout
from models.protocol import Protocol
from rules.instants import zone_named
from rules.ladders import Ladder, Rung, rung_instant
from rules.reminding import parts_of
from rules.working_days import BeyondPublishedHolidays

SHOWN = 100  # messages, rows of history


@dataclass(frozen=True, kw_only=True)
class RungLine:
    """`at`: None where the bank holidays of that year are not published yet. `state`: sent, skipped, undeliverable;
    to come; or never, where nothing is owed any more."""

    rung: str
    to: str
    at: datetime | None
    state: str
    taken_at: datetime | None
    message: int | None


def rung_lines(session: Session, duty: Obligation) -> list[RungLine]:
    """Earliest first."""
    taken = {each.rung: each for each in session.exec(select(Reminder).where(Reminder.obligation_id == duty.id)).all()}
    ladder = ladder_of(session.get_one(Protocol, duty.protocol_id), duty.kind)
    lines = list(_lines(duty, ladder, taken))
    far = max((line.at for line in lines if line.at), default=duty.due_at)
    return sorted(lines, key=lambda line: line.at or far)


def _lines(duty: Obligation, ladder: Ladder, taken: Mapping[str, Reminder]) -> Iterator[RungLine]:
    for part in parts_of(ladder, duty.escalate_after):
        for rung in part.in_order():
            done = taken.get(rung.key)
            ahead = "to come" if duty.outcome is None else "never: nothing is owed any more"
            yield RungLine(
                rung=rung.key, to=rung.to.value, at=_instant(duty, part, rung),
                state=done.outcome.value if done else ahead, taken_at=done.taken_at if done else None,
                message=done.message_id if done else None,
            )  # fmt: skip


def _instant(duty: Obligation, ladder: Ladder, rung: Rung) -> datetime | None:
    try:
        return rung_instant(
            rung, ladder, duty.due_on, duty.nation, zone_named(duty.zone), due_at=duty.counted_to
        )  # fmt: skip
    except BeyondPublishedHolidays:
        return None


def messages_about(session: Session, duty: Obligation) -> list[MessageLine]:
    """The newest first."""
    statement = (
        message_columns()
        .join(MessageAbout, col(MessageAbout.message_id) == col(Message.id))
        .where(MessageAbout.obligation_id == duty.id)
        .order_by(col(Message.id).desc())
        .limit(SHOWN)
    )
    return [message_line(row) for row in session.exec(statement)]


def deeds_about(session: Session, duty: Obligation) -> list[Deed]:
    """Those rows of the case's history that name it."""
    names_it = sa.cast(History.details, sa.Text).contains(f'"{duty.key}"', autoescape=True)
    rows = session.exec(
        select(History).where(History.case == duty.case, names_it).order_by(col(History.seq)).limit(SHOWN)
    ).all()
    return deeds_of_rows(session, rows, zone_of_case(session, duty.case))
