"""Who did what: rows of history of every case, the newest first. Reads only."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.history_said import said_of_row, zone_of_case
from actions.listing import text_of, texts_read
from actions.pieces import From, Order, Piece, piece_of
from models.access import CONSOLE, ConsoleUser
from models.history import CLOCK, History

NEWEST_FIRST = Order(columns=(col(History.id),), newest_first=True)
EVERYBODY = "all"
PEOPLE = "people"
OF_USER = re.compile(r"\(user ([0-9]{1,9})\)$")
BY_NUMBER = re.compile(r"user:([0-9]{1,9})")


@dataclass(frozen=True, kw_only=True)
class Deed:
    """`who` as history has it; `name` as people read it: a console user's number is not a name."""

    number: int
    case: str
    seq: int
    at: datetime
    who: str
    name: str
    what: str
    moved_from: str | None
    moved_to: str | None
    said: dict[str, Any]
    why: str | None
    hash: str


def deed_piece(session: Session, who: str, case: str | None, start: From, size: int = 50) -> Piece[Deed]:
    """`who`: people (all but the clock), all, clock, `user:3`, or a name as history has it."""
    statement = sa.select(col(History.id)).where(*_whose(who))
    if case is not None:
        statement = statement.where(col(History.case) == case)
    return piece_of(session, statement, NEWEST_FIRST, start, lambda ids: _numbered(session, ids), size)


def _whose(who: str) -> list[Any]:
    if who == EVERYBODY:
        return []
    if who == PEOPLE:
        return [sa.text("history.who <> 'clock'")]  # in so many words: an index holds these alone
    if found := BY_NUMBER.fullmatch(who):
        return [col(History.who).in_([f"{standing.value} (user {found[1]})" for standing in CONSOLE]), _no_clock()]
    return [col(History.who) == who] if who == CLOCK else [col(History.who) == who, _no_clock()]


def _no_clock() -> Any:
    return sa.text("history.who <> 'clock'")


def _numbered(session: Session, ids: Sequence[int]) -> list[Deed]:
    rows = {row.id: row for row in session.exec(select(History).where(col(History.id).in_(ids)))}
    return deeds_of_rows(session, [rows[number] for number in ids])


def deeds_of_case(session: Session, case: str) -> list[Deed]:
    """In their order, by the case's own zone."""
    rows = session.exec(select(History).where(History.case == case).order_by(col(History.seq))).all()
    return deeds_of_rows(session, rows, zone_of_case(session, case))


def deeds_of_rows(session: Session, rows: Sequence[History], zone: ZoneInfo | None = None) -> list[Deed]:
    names, zones = names_of(session, [row.who for row in rows]), dict[str, ZoneInfo]()
    for case in () if zone else {row.case for row in rows}:
        zones[case] = zone_of_case(session, case)
    kept = texts_read(session, [row.why_id for row in rows])
    found = [
        Deed(
            number=row.id or 0, case=row.case, seq=row.seq, at=row.at, who=row.who, name=names[row.who],
            what=row.what, moved_from=row.moved_from, moved_to=row.moved_to,
            said=said_of_row(session, row, zone or zones[row.case]), why=text_of(session, row.why_id), hash=row.hash,
        )
        for row in rows
    ]  # fmt: skip
    del kept
    return found


def names_of(session: Session, who: Sequence[str]) -> dict[str, str]:
    """“J. Smith (secretary)” for “secretary (user 3)”; anybody else as history has them."""
    numbers = {said: int(found[1]) for said in who if (found := OF_USER.search(said))}
    users = select(ConsoleUser.id, ConsoleUser.name).where(col(ConsoleUser.id).in_(set(numbers.values())))
    known = dict(session.exec(users).all())
    return {said: _named(said, known.get(numbers.get(said, 0))) for said in who} | {CLOCK: "the clock"}


def _named(said: str, name: str | None) -> str:
    standing = said.partition(" (user ")[0]
    if name is None or name == standing:
        return standing if name else said
    return f"{name} ({standing})"
