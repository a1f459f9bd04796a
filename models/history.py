"""History: one row per move of a case, chained by hash, never changed. Free text beside it may be purged.

A *case* is named `review:12` or `protocol:bedfordshire`. The chain holds the hash of the free text, so a
purged case still verifies.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, func, select

from models.columns import Instant
from models.store import lock
from rules.texts import NotText, is_text

CLOCK = "clock"


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


def hold(session: Session, case: str) -> None:
    """Nobody else acts in the case until the transaction ends.

    Whoever acts holds the case first and its rows after it (of several cases, in the order of their names), so
    that no two wait for each other.
    """
    lock(session, f"history:{case}")


def narrate(session: Session, text: str) -> int:
    """Keep free text; answers its id. Raises NotText, DoesNotFit."""
    if not is_text(text):
        raise NotText
    row = Narrative(text=text, sha256=sha256_of(text))
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


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
) -> History:
    """Append one row to the case's chain, in the caller's transaction."""
    hold(session, case)
    session.flush()
    last = session.exec(select(History).where(History.case == case).order_by(col(History.seq).desc()).limit(1)).first()
    row = History(
        case=case,
        seq=last.seq + 1 if last else 1,
        at=now,
        who=who,
        what=what,
        moved_from=moved[0],
        moved_to=moved[1],
        details=details,
        why_id=narrate(session, why) if why else None,
        why_sha256=sha256_of(why) if why else None,
        previous=last.hash if last else "",
        hash="",
    )
    row.hash = hash_of(row)
    session.add(row)
    session.flush()
    return row


def hash_of(row: History) -> str:
    """SHA-256 over everything the row says and the hash before it."""
    said = [
        row.case, row.seq, row.at.astimezone(UTC).isoformat(timespec="microseconds"), row.who, row.what,
        row.moved_from, row.moved_to, row.details, row.why_sha256, row.previous,
    ]  # fmt: skip
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
