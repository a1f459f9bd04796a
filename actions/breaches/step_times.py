"""When steps were done. What was recorded is never changed: a correction stands in history, and the newest counts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models.breach import StepRecord
from models.history import History
from models.lists import one_of
from models.remembering import remembered

CORRECTED = "step corrected"

Corrections = Mapping[int, datetime]  # by the record's id


@remembered(History)
def corrections_in(session: Session, case: str) -> Corrections:
    """Of what was done in that breach. What a merger brought along has its own in its row."""
    return _by_record(session, History.case == case)


def corrections_in_each(session: Session, cases: Sequence[str]) -> Mapping[str, Corrections]:
    """The same of many, asked at once."""
    told = select(History.case, History.details).where(History.what == CORRECTED, one_of(session, History.case, cases))
    found: dict[str, dict[int, datetime]] = {case: {} for case in cases}
    for case, details in session.exec(told.order_by(col(History.case), col(History.seq))):
        found[case][_record(details)] = instant_told(details)
    return found


def corrections_in_all(session: Session) -> Corrections:
    return _by_record(session, col(History.case).startswith("breach:"))


def done_at(session: Session, case: str, record: StepRecord) -> datetime:
    """As last corrected."""
    return corrections_in(session, case).get(record.id or 0, record.at)


def instant_told(details: Mapping[str, Any], name: str = "at") -> datetime:
    return datetime.fromisoformat(str(details[name]))


def _by_record(session: Session, of: Any) -> Corrections:
    told = select(History.details).where(of, History.what == CORRECTED)
    rows = session.exec(told.order_by(col(History.case), col(History.seq)))
    return {_record(details): instant_told(details) for details in rows}


def _record(details: Mapping[str, Any]) -> int:
    return int(details["record"])
