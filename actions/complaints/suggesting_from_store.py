"""Suggestions from the store: the clauses as they read when it happened, and every decision taken until now."""

from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from sqlmodel import Session, col, select

from actions.complaints.clause_index import Index
from actions.complaints.earlier_cases import earlier_cases
from actions.complaints.suggested import Clause, Earlier, Outside, Suggestion
from actions.complaints.suggesting import suggest
from actions.complaints.versions_in_force import Held, version_on, versions_held
from actions.policy import today_of
from models.protocol import Clause as ClauseRow
from models.protocol import Party, Protocol, Version, VersionClause
from rules.errors import Refused
from rules.sentences import written_day

KEPT = 4  # indexes in this process: a protocol or two, of a version or two


class LiesAhead(Refused):
    def __init__(self, day: date) -> None:
        super().__init__(f"{written_day(day)} lies ahead: give the day on which it happened.")


class Suggested(NamedTuple):
    """`version`: in force when it happened; `because`: why that one, and where the text of another was read."""

    suggestion: Suggestion
    version: Version | None
    because: str


class Read(NamedTuple):
    """What suggestions are made from, read once for many. `indexes`: by the id of the version whose text is read."""

    held: Held
    outside: tuple[Outside, ...]
    earlier: tuple[Earlier, ...]
    indexes: dict[int | None, Index]


def read_for(session: Session, protocol: Protocol, leaving_out: int | None = None) -> Read:
    earlier = earlier_cases(session, protocol, leaving_out)
    return Read(versions_held(session, protocol), _outside(protocol), earlier, {})


def suggest_for(
    session: Session, now: datetime, protocol: Protocol, text: str, happened: date | None,
    about: Party | None = None, leaving_out: int | None = None, read: Read | None = None,
) -> Suggested:  # fmt: skip
    """`happened` None: nobody knows when. `leaving_out`: the complaint's own number, where it is one already. `read`:
    what was read before, for whoever asks often.

    Raises LiesAhead, BeforeTheFirstVersion, and what `narrative_of` raises.
    """
    if happened is not None and happened > today_of(protocol, now):
        raise LiesAhead(happened)
    if read is None or any(each.id == f"complaint:{leaving_out}" for each in read.earlier):
        read = read_for(session, protocol, leaving_out)
    in_force = version_on(session, protocol, happened, about, read.held)
    number = in_force.text_of.id if in_force.text_of else None
    if number not in read.indexes:
        read.indexes[number] = _index(_clauses(session, protocol, in_force.text_of), read.outside, read.earlier)
    return Suggested(suggest(read.indexes[number], text), in_force.version, in_force.sentence)


def _clauses(session: Session, protocol: Protocol, version: Version | None) -> tuple[Clause, ...]:
    """Of the version, in its order; where no text is held, of the protocol, by vocabulary alone."""
    place = col(ClauseRow.position)
    if version is None:
        rows = session.exec(select(ClauseRow).where(ClauseRow.protocol_id == protocol.id).order_by(place))
        return tuple(Clause(row.key, row.key, "", tuple(row.vocabulary or ())) for row in rows)
    statement = select(ClauseRow, VersionClause).join(VersionClause, col(VersionClause.clause_id) == ClauseRow.id)
    held = session.exec(statement.where(VersionClause.version_id == version.id).order_by(place))
    return tuple(Clause(row.key, said.heading, said.text, tuple(row.vocabulary or ())) for row, said in held)


def _outside(protocol: Protocol) -> tuple[Outside, ...]:
    return tuple(Outside(each["id"], each["heading"], tuple(each["vocabulary"])) for each in protocol.outside or ())


@lru_cache(maxsize=KEPT)
def _index(clauses: tuple[Clause, ...], outside: tuple[Outside, ...], earlier: tuple[Earlier, ...]) -> Index:
    """Told apart by all that it is made of, so that none is ever older than the store. Reading that anew takes a
    fiftieth of making an index."""
    return Index(clauses, outside, earlier)
