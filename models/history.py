"""History: one row per move of a case, chained by hash, never changed. Free text beside it may be purged.

A *case* is named `review:12` or `protocol:bedfordshire`. The chain holds the hash of the free text, so a
purged case still verifies.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, func, select

from models import locking
from models.columns import Instant
from models.inserting import insert_all, insert_one
from models.lists import each_of
from models.locking import lock_all
from models.remembering import keep, recall
from models.store import is_postgres
from rules.texts import NotText, is_text

CLOCK = "clock"
HASHED = ("case", "seq", "at", "who", "what", "moved_from", "moved_to", "details", "why_sha256", "previous")


class Narrative(SQLModel, table=True):
    """Free text: reasons, comments, dissent. Retention may empty it; its hash stays."""

    id: int | None = Field(default=None, primary_key=True)
    text: str | None = Field(max_length=50_000)
    sha256: str = Field(max_length=64)
    purged_at: datetime | None = Field(default=None, sa_type=Instant)


class History(SQLModel, table=True):
    __table_args__ = (
        sa.UniqueConstraint("case", "seq"),
        # Who did what: people's rows are few among the clock's.
        sa.Index(
            "ix_history_people",
            "id",
            "who",
            sqlite_where=sa.text("who <> 'clock'"),
            postgresql_where=sa.text("who <> 'clock'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    case: str = Field(max_length=80, index=True)
    seq: int
    at: datetime = Field(sa_type=Instant)
    who: str = Field(max_length=120)
    what: str = Field(max_length=200)
    moved_from: str | None = Field(default=None, max_length=40)
    moved_to: str | None = Field(default=None, max_length=40)
    details: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    why_id: int | None = Field(default=None, foreign_key="narrative.id")
    why_sha256: str | None = Field(default=None, max_length=64)
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class Move(NamedTuple):
    """One row to be written, as `write` takes it."""

    case: str
    who: str
    what: str
    details: dict[str, Any]
    moved: tuple[str | None, str | None] = (None, None)
    why: str | None = None


class Written(NamedTuple):
    """What others refer to of a row of history."""

    id: int
    seq: int
    why_id: int | None


def hold(session: Session, *cases: str) -> None:
    """Nobody else acts in the case until the transaction ends.

    Whoever acts holds the case first and its rows after it (of several cases, in the order of their names), so
    that no two wait for each other.
    """
    lock_all(session, [f"history:{case}" for case in sorted(set(cases))])


def held_at_once(case: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """For a query on PostgreSQL: holds the case where nobody else does, and says whether it did. Who does not wait may
    ask in any order."""
    return locking.held_at_once(sa.literal("history:") + case)


def narrate(session: Session, text: str) -> int:
    """Keep free text; answers its id. Raises NotText, DoesNotFit."""
    if not is_text(text):
        raise NotText
    return insert_one(session, Narrative, {"text": text, "sha256": sha256_of(text)})


def write(
    session: Session,
    case: str,
    now: datetime,
    who: str,
    what: str,
    *,
    moved: tuple[str | None, str | None] = (None, None),
    why: str | None = None,
    **details: Any,
) -> Written:
    """Append one row to the case's chain, in the caller's transaction."""
    [values] = _chained(session, now, [Move(case, who, what, details, moved, why)])
    number = insert_one(session, History, values)
    _keep_ends(session, [values])
    return Written(number, values["seq"], values["why_id"])


def write_many(session: Session, now: datetime, moves: Sequence[Move]) -> None:
    """The same of many moves, of one case or of many, in their order: a few statements, however many there are."""
    rows = _chained(session, now, moves)
    insert_all(session, History, rows)
    _keep_ends(session, rows)


def _chained(session: Session, now: datetime, moves: Sequence[Move]) -> list[dict[str, Any]]:
    hold(session, *(move.case for move in moves))
    session.flush()
    ends = _ends(session, {move.case for move in moves})
    rows = []
    for move in moves:
        seq, previous = ends.get(move.case, (0, ""))
        row: dict[str, Any] = {
            "case": move.case, "seq": seq + 1, "at": now, "who": move.who, "what": move.what,
            "moved_from": move.moved[0], "moved_to": move.moved[1], "details": move.details,
            "why_id": narrate(session, move.why) if move.why else None,
            "why_sha256": sha256_of(move.why) if move.why else None, "previous": previous,
        }  # fmt: skip
        row["hash"] = _hash(row)
        ends[move.case] = (seq + 1, row["hash"])
        rows.append(row)
    return rows


def _ends(session: Session, cases: Collection[str]) -> dict[str, tuple[int, str]]:
    """The last row of each chain."""
    known = {case: end for case in cases if (end := recall(session, (History, case))) is not None}
    if unknown := [case for case in cases if case not in known]:
        rows = session.execute(_last_rows(is_postgres(session)), {"names": unknown})
        known |= {case: (seq, hashed) for case, seq, hashed in rows}
    return known


def _keep_ends(session: Session, rows: Iterable[Mapping[str, Any]]) -> None:
    """Whoever writes in a case holds it: nobody else lengthens its chain before the transaction ends."""
    for case, end in {row["case"]: (row["seq"], row["hash"]) for row in rows}.items():
        keep(session, (History, case), end, History)


@cache
def _last_rows(on_postgres: bool) -> sa.Select[tuple[str, int, str]]:
    """By one look into an index for each case: a chain may be long. PostgreSQL has to be told, or it may read all of
    history instead; SQLite knows no other way, and no LATERAL."""
    each, row = each_of(on_postgres), sa.inspect(History).local_table
    last = row.alias("last")
    newest = sa.select(last).where(last.c.case == each.c.value).order_by(last.c.seq.desc()).limit(1)
    if on_postgres:
        end = newest.lateral("end")
        return sa.select(end.c.case, end.c.seq, end.c.hash).join_from(each, end, sa.true())
    number = newest.with_only_columns(last.c.id).scalar_subquery()
    return sa.select(row.c.case, row.c.seq, row.c.hash).join_from(each, row, row.c.id == number)


def hash_of(row: History) -> str:
    """SHA-256 over everything the row says and the hash before it."""
    return _hash({name: getattr(row, name) for name in HASHED})


def _hash(row: Mapping[str, Any]) -> str:
    said = [row[name] for name in HASHED]
    said[HASHED.index("at")] = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
    return sha256_of(json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")))


def broken_links(session: Session) -> Iterator[str]:
    """One sentence for every row that does not follow from the one before it, or whose text was altered."""
    case, seq, previous = "", 0, ""
    for row in session.exec(select(History).order_by(col(History.case), col(History.seq))):
        if row.case != case:
            case, seq, previous = row.case, 0, ""
        if row.seq != seq + 1:
            yield f"history of {case}: row {row.seq} follows row {seq}"
        if row.previous != previous or row.hash != hash_of(row):
            yield f"history of {case}: row {row.seq} has been altered"
        seq, previous = row.seq, row.hash
    for number, text, sha256 in session.exec(select(Narrative.id, Narrative.text, Narrative.sha256)):
        if text is not None and sha256_of(text) != sha256:
            yield f"narrative {number} has been altered"
    yield from _exchanged_reasons(session)


def _exchanged_reasons(session: Session) -> Iterator[str]:
    """A text that agrees with its own hash may still not be the one that history speaks of."""
    statement = (
        select(History.case, History.seq)
        .outerjoin(Narrative, col(Narrative.id) == History.why_id)
        .where(col(History.why_sha256).is_distinct_from(Narrative.sha256))
    )
    for case, seq in session.exec(statement):
        yield f"history of {case}: the reason of row {seq} is not the one that was given"


def fingerprint(session: Session) -> str:
    """SHA-256 over the ends of all chains. Kept elsewhere, it shows later that nothing was cut off since."""
    last = select(History.case, func.max(History.seq)).group_by(History.case)
    ends = dict(session.exec(last).all())
    hashes = [
        session.exec(select(History.hash).where(History.case == case, History.seq == seq)).one()
        for case, seq in sorted(ends.items())
    ]
    return sha256_of("\n".join(hashes))


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
