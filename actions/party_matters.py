"""What is asked of the secretary by somebody at a party: one line on the list for each thing, and a row of history."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.matters import close_matter, open_matter
from models import history
from models.history import History, Narrative
from models.protocol import Matter, MatterKind, Protocol
from rules.texts import fingerprint


def ask_secretary(
    session: Session, now: datetime, protocol: Protocol, case: str, stem: str, what: str, by: str, *,
    sentence: str, todo: str, why: str, **details: Any,
) -> bool:  # fmt: skip
    """What was asked before of the same thing, otherwise, and still waits, is replaced by this."""
    history.hold(session, case)
    start = f"{protocol.slug}:asked:{stem}:"
    earlier = session.exec(select(Matter).where(col(Matter.key).startswith(start, autoescape=True))).all()
    mark = fingerprint(f"{sentence}\n{todo}\n{why}")
    waiting = [matter for matter in earlier if matter.closed_at is None]
    if any(matter.key.endswith(f":{mark}") for matter in waiting):
        return False
    for matter in waiting:
        close_matter(session, now, matter, "they have asked again, otherwise")
    row = history.write(session, case, now, by, what, why=why or None, **details)
    return open_matter(
        session, now, protocol, MatterKind.ASKED, f"asked:{stem}:{len(earlier) + 1}:{mark}", sentence, todo,
        source=f"history of {case}, row {row.seq}",
    )  # fmt: skip


def words_of_request(session: Session, matter: Matter) -> str | None:
    """What they wrote with it, for the secretary; None where they wrote nothing, or retention has emptied it."""
    case, found, row = (matter.source or "").removeprefix("history of ").partition(", row ")
    if matter.kind is not MatterKind.ASKED or not found:
        return None
    return session.exec(
        select(Narrative.text)
        .join(History, col(History.why_id) == Narrative.id)
        .where(History.case == case, History.seq == int(row))
    ).first()
