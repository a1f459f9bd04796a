"""Which thread of the rehearsed year is shown: the complaint that led furthest."""

from sqlmodel import Session, col, select

from actions.cast import protocol_named
from actions.threads.tracing import trace
from models.complaint import Complaint
from rules.threads import NodeKind, Thread


def longest_thread(session: Session, slug: str) -> Thread | None:
    """To a version and its signatures, where one got so far; None where nobody has complained."""
    protocol = protocol_named(session, slug)
    numbers = select(Complaint.id).where(Complaint.protocol_id == protocol.id).order_by(col(Complaint.id))
    threads = [trace(session, protocol, f"complaint:{number}") for number in session.exec(numbers).all()]
    return max(threads, key=_reach, default=None)


def _reach(thread: Thread) -> tuple[bool, int]:
    signed = any(node.kind is NodeKind.SIGNATURE for node in thread.nodes)
    return signed, len({node.kind for node in thread.nodes})
