"""What is owed, narrowed and a piece at a time; and one duty with its ladder. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, not_, select

from actions.cast import NotThere
from actions.describing import owed_without_figure, without_figure
from actions.listing import DutyLine, duty_line, texts_read
from actions.pieces import From, Order, Piece, piece_of
from models.lists import one_of
from models.obligation import Obligation, ObligationKind, overdue_at
from models.protocol import Contact, Party, Protocol
from rules.instants import LONDON, end_of_day, local_day

BY_LIMIT = Order(columns=(col(Obligation.due_at), col(Obligation.id)))
BY_AGE = Order(columns=(col(Obligation.id),), newest_first=True)


@dataclass(frozen=True, kw_only=True)
class Narrowed:
    """`due_days`: not overdue, and due by the end of that day from today, as the first page counts them."""

    protocol: Protocol | None = None
    party: Party | None = None
    kind: ObligationKind | None = None
    case: str | None = None
    overdue: bool = False
    due_days: int | None = None
    ended: bool = False


def duty_piece(session: Session, now: datetime, by: Narrowed, start: From, size: int = 50) -> Piece[DutyLine]:
    """By their limit; with those that have ended, the newest first."""
    return piece_of(
        session, _narrowed(session, now, by), BY_AGE if by.ended else BY_LIMIT, start,
        lambda ids: duties_numbered(session, now, ids), size,
    )  # fmt: skip


def _narrowed(session: Session, now: datetime, by: Narrowed) -> Any:
    statement = sa.select(col(Obligation.id))
    if not by.ended:
        statement = statement.where(col(Obligation.outcome).is_(None))
    if by.protocol is not None:
        statement = statement.where(col(Obligation.protocol_id) == by.protocol.id)
    if by.party is not None:
        statement = statement.where(col(Obligation.party_id) == by.party.id)
    if by.kind is not None:
        statement = statement.where(col(Obligation.kind) == by.kind)
    if by.case is not None:
        statement = statement.where(col(Obligation.case) == by.case)
    if by.overdue:  # the first of the two lets an index be used
        statement = statement.where(
            col(Obligation.due_at) <= now, overdue_at(now), col(Obligation.outcome).is_(None)
        )  # fmt: skip
    if by.due_days is not None:
        until = end_of_day(local_day(now, LONDON) + timedelta(days=by.due_days), LONDON)
        statement = statement.where(
            col(Obligation.due_at) >= now, col(Obligation.due_at) <= until, not_(overdue_at(now)),
            col(Obligation.outcome).is_(None),
        )  # fmt: skip
    if by.overdue or by.due_days is not None:
        latest = now if by.overdue else end_of_day(local_day(now, LONDON) + timedelta(days=by.due_days or 0), LONDON)
        if none := owed_without_figure(session, col(Obligation.due_at) <= latest):
            statement = statement.where(not_(one_of(session, Obligation.id, none)))
    return statement


def duties_numbered(session: Session, now: datetime, ids: Sequence[int]) -> list[DutyLine]:
    """In the order of the ids."""
    found = session.exec(
        select(Obligation, Contact)
        .join(Contact, col(Contact.id) == Obligation.contact_id)
        .where(col(Obligation.id).in_(ids))
    ).all()
    parties = {duty.party_id for duty, _ in found if duty.party_id}
    names = dict(session.exec(select(Party.id, Party.slug).where(col(Party.id).in_(parties))).all())
    kept = texts_read(session, [duty.why_id for duty, _ in found])
    none = without_figure(session, (duty for duty, _ in found))
    lines = (
        duty_line(session, now, duty, contact, names.get(duty.party_id), figure=duty.key not in none)
        for duty, contact in found
    )
    by_number = {line.number: line for line in lines}
    del kept
    return [by_number[number] for number in ids]


def duty_numbered(session: Session, number: int) -> Obligation:
    """Raises NotThere."""
    found = session.get(Obligation, number)
    if found is None:
        raise NotThere(f"There is no obligation {number}: see `concordat obligation list`.")
    return found
