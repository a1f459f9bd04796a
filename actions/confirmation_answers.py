"""What was answered to the checklist: what stands, and the words that it was given to."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models.history import History
from models.protocol import ChecklistItem, Party, Protocol, Version
from models.review import Confirmation

ADDED = "checklist item added by file"


@dataclass(frozen=True, kw_only=True)
class Said:
    """The newest answer of a party to a question, and the question as it read then."""

    question: str
    given: Confirmation
    stands: bool  # the question reads so still


def latest_answers(session: Session, version: Version, party: Party) -> dict[str, Confirmation]:
    """The answer that stands for each item as it reads now."""
    answers = session.exec(_answers(version).where(Confirmation.party_id == party.id)).all()
    return {item.key: row for item, row in answers if item.position}


def said_by(session: Session, version: Version, party: Party) -> dict[str, Said]:
    """What it answered last, in whichever words it was asked; by the question's id in the file."""
    answers = session.exec(_answers(version).where(Confirmation.party_id == party.id)).all()
    return {item.id_in_file: _said(item, row) for item, row in answers}


def said_by_party(session: Session, version: Version) -> dict[int, dict[str, Said]]:
    """The same of every party, by its id; nothing of one that has answered nothing."""
    found: dict[int, dict[str, Said]] = defaultdict(dict)
    for item, row in session.exec(_answers(version)):
        found[row.party_id][item.id_in_file] = _said(item, row)
    return found


def questions_added(session: Session, protocol: Protocol) -> dict[str, datetime]:
    """When a folder brought each question that was not there from the first."""
    statement = select(History.details, History.at).where(History.case == f"protocol:{protocol.slug}")
    found = session.exec(statement.where(History.what == ADDED).order_by(col(History.seq)))
    return {str(details["key"]): at for details, at in found}


def _said(item: ChecklistItem, row: Confirmation) -> Said:
    return Said(question=item.question, given=row, stands=item.position > 0)


def _answers(version: Version) -> Any:
    """Those of its line, in the order in which they were given."""
    statement = (
        select(ChecklistItem, Confirmation)
        .join(Confirmation, col(Confirmation.item_id) == ChecklistItem.id)
        .join(Version, col(Version.id) == Confirmation.version_id)
        .where(Version.protocol_id == version.protocol_id, Version.major == version.major)
    )
    return statement.order_by(col(Confirmation.id))
