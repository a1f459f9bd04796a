"""Somebody says that the words of a case stay, whatever the protocol's period: a claim, an inquiry. Or no longer."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.gaps.references import case_anywhere
from actions.moving import hold_cases
from actions.reasons import reason
from actions.retention.cases import ended_cases, held_now
from models import history
from models.breach import Breach
from models.complaint import Complaint
from models.history import History
from models.protocol import Protocol
from rules.errors import Refused
from rules.retention import EMPTIED, KEPT, KEPT_NO_LONGER
from rules.sentences import written_day


class WordsAreGone(Refused):
    def __init__(self, case: str, at: datetime) -> None:
        super().__init__(f"The words of {case} went on {written_day(at.date())}: there is nothing left to keep.")


def keep_words(session: Session, now: datetime, ref: str, by: str, because: str) -> str:
    """Answers the case: of a breach that was merged, the one in which it went on. Twice the same does nothing.

    Raises NotAReference, NotThere, ReasonNeeded, WordsAreGone.
    """
    why = reason(because, "that the words of a case stay")
    case = _case_held(session, ref)
    if (gone := _gone_at(session, case)) is not None:
        raise WordsAreGone(case, gone)
    if case not in held_now(session, case):
        history.write(session, case, now, by, KEPT, why=why)
    return case


def keep_words_no_longer(session: Session, now: datetime, ref: str, by: str, because: str) -> str:
    """The protocol's period counts again. Answers the case. Raises as `keep_words`, but for WordsAreGone."""
    why = reason(because, "that the words of a case need not stay")
    case = _case_held(session, ref)
    if case in held_now(session, case):
        history.write(session, case, now, by, KEPT_NO_LONGER, why=why)
    return case


def _case_held(session: Session, ref: str) -> str:
    case, row = case_anywhere(session, ref, ("breach", "complaint"))
    while isinstance(row, Breach) and row.merged_into_id is not None:
        row = session.get_one(Breach, row.merged_into_id)
        case = row.case
    hold_cases(session, (case,))
    return case


def _gone_at(session: Session, case: str) -> datetime | None:
    """None where the case has words: it was never emptied, was taken up again, or something was written in it since."""
    kind, _, number = case.partition(":")
    of: type[Any] = Breach if kind == "breach" else Complaint
    row = session.get_one(of, int(number), populate_existing=True)
    protocol = session.get_one(Protocol, row.protocol_id)
    if row.ended_at is None or next(ended_cases(session, protocol, kind, int(number)), None) is not None:
        return None
    gone = select(History.at).where(History.case == case, History.what == EMPTIED)
    return session.exec(gone.order_by(col(History.id).desc())).first()
