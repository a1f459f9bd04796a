"""The cases that a gap comes from and that a proposal answers, as a person names them: `complaint:12`."""

from collections.abc import Collection

from sqlmodel import Session, SQLModel

from actions.cast import NotThere
from models.breach import Breach
from models.complaint import Complaint
from models.gap import Gap
from models.protocol import LegislationChange, Protocol
from models.review import Feedback, Review
from rules.errors import Refused
from rules.sentences import listed
from rules.texts import shown
from rules.thread_refs import LARGEST

ORIGINS = ("breach", "complaint", "feedback", "legislation")
ANSWERED = ("gap", "feedback", "complaint", "breach")
TABLES: dict[str, type[SQLModel]] = {
    "gap": Gap, "feedback": Feedback, "complaint": Complaint, "breach": Breach, "legislation": LegislationChange,
}  # fmt: skip
SHOWN_BY = {
    "gap": "concordat gap list", "feedback": "concordat review show", "complaint": "concordat complaint list",
    "breach": "concordat breach list", "legislation": "concordat legislation list",
}  # fmt: skip


class NotAReference(Refused):
    def __init__(self, ref: str, kinds: Collection[str]) -> None:
        examples = listed([f"{kind}:{number}" for kind, number in zip(kinds, (3, 9, 12, 7), strict=False)])
        super().__init__(f"“{shown(ref)}” names no case: write it as one of {examples}.")


class OfAnotherProtocol(Refused):
    def __init__(self, ref: str, protocol: Protocol) -> None:
        super().__init__(f"{ref} belongs to another protocol than {protocol.slug}: it is no matter of this one.")


def case_named(session: Session, protocol: Protocol, ref: str, kinds: Collection[str]) -> tuple[str, SQLModel]:
    """The case as it is written, and its row. Raises NotAReference, NotThere, OfAnotherProtocol."""
    case, row = case_anywhere(session, ref, kinds)
    if _protocol_of(session, row) != protocol.id:
        raise OfAnotherProtocol(case, protocol)
    return case, row


def case_anywhere(session: Session, ref: str, kinds: Collection[str]) -> tuple[str, SQLModel]:
    """The same, of whatever protocol. Raises NotAReference, NotThere."""
    kind, _, number = ref.strip().casefold().partition(":")
    if kind not in kinds or not (number.isascii() and number.isdigit()) or not 0 < int(number[:12]) <= LARGEST:
        raise NotAReference(ref, kinds)
    case = f"{kind}:{int(number[:12])}"
    row = session.get(TABLES[kind], int(number[:12]))
    if row is None:
        raise NotThere(f"There is no {case} here: see `{SHOWN_BY[kind]}`.")
    return case, row


def _protocol_of(session: Session, row: SQLModel) -> int:
    if isinstance(row, Feedback):
        return session.get_one(Review, row.review_id).protocol_id
    return int(row.protocol_id)  # type: ignore[attr-defined]
