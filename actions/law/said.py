"""What a person has said of a recorded change of the law since: a row of history each, and no row of its own."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models.history import History, Narrative
from models.protocol import Protocol

SETTLED = "mark of a change of the law settled"
WITHDRAWN = "change of the law withdrawn"


@dataclass(frozen=True, kw_only=True)
class Said:
    """`because` is None once retention has emptied it."""

    at: datetime
    by: str
    because: str | None


def settled_marks(session: Session, protocol: Protocol) -> dict[tuple[int, str], Said]:
    """By change and clause: a person has said that the clause needs no change."""
    return {(row.details["change"], row.details["clause"]): said for row, said in _said(session, protocol, SETTLED)}


def withdrawn_changes(session: Session, protocol: Protocol) -> dict[int, Said]:
    """By change: it had been recorded by mistake."""
    return {row.details["change"]: said for row, said in _said(session, protocol, WITHDRAWN)}


def _said(session: Session, protocol: Protocol, what: str) -> list[tuple[History, Said]]:
    statement = (
        select(History, Narrative.text)
        .outerjoin(Narrative, col(Narrative.id) == History.why_id)
        .where(History.case == f"protocol:{protocol.slug}", History.what == what)
        .order_by(col(History.seq).desc())  # the first word stands
    )
    return [(row, Said(at=row.at, by=row.who, because=text)) for row, text in session.exec(statement)]
