"""What is asked of the secretary by somebody at a party: one line on the list for each thing, and a row of history."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from actions.matters import close_matter, open_matter
from models import history
from models.history import History, Narrative
from models.protocol import Matter, MatterKind, Protocol
from rules.texts import fingerprint


class Ask(StrEnum):
    """As history calls it."""

    NOT_ME = "says: not the right person"
    STAND_IN = "asks for a stand-in"
    MORE_TIME = "asks for more time"


def ask_secretary(
    session: Session, now: datetime, protocol: Protocol, case: str, stem: str, ask: Ask, by: str, *,
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
    row = history.write(session, case, now, by, ask.value, why=why or None, **details)
    return open_matter(
        session, now, protocol, MatterKind.ASKED, f"asked:{stem}:{len(earlier) + 1}:{mark}", sentence, todo,
        source=f"history of {case}, row {row.seq}",
    )  # fmt: skip


def row_of_request(session: Session, matter: Matter) -> History | None:
    """What was asked, as history has it; None for a matter that nobody asked for."""
    case = source_of(matter)
    if matter.kind is not MatterKind.ASKED or case is None:
        return None
    row = int((matter.source or "").rpartition(" ")[2])
    return session.exec(select(History).where(History.case == case, History.seq == row)).first()


def source_of(matter: Matter) -> str | None:
    """The case whose history has it; None where its source is something else."""
    case, found, _ = (matter.source or "").removeprefix("history of ").partition(", row ")
    return case if found else None


def words_of_request(session: Session, matter: Matter) -> str | None:
    """What they wrote with it, for the secretary; None where they wrote nothing, or retention has emptied it."""
    row = row_of_request(session, matter)
    said = session.get(Narrative, row.why_id) if row is not None and row.why_id is not None else None
    return said.text if said is not None else None
