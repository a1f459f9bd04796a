"""What whoever reported was asked, as a page shows it: to the reporter, to the console, to the party that asked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.breaches.duties import text_of
from actions.breaches.moving import follow_up_at
from actions.cast import NotThere, known_id
from models.breach import Breach, BreachReport, ReporterQuestion


@dataclass(frozen=True, kw_only=True)
class QuestionLine:
    number: int
    reference: str
    question: str
    asked_at: datetime
    asked_by: str
    answer: str | None
    answered_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ReportLine:
    """By which somebody who asks chooses a report: never by who sent it."""

    number: int
    reference: str
    received_at: datetime


def reports_of(session: Session, breach: Breach) -> list[ReportLine]:
    """Those that can be asked; after a merger the other's as well, and of the one that was merged none."""
    rows = session.exec(select(BreachReport).where(BreachReport.breach_id == breach.id).order_by(col(BreachReport.id)))
    return [
        ReportLine(number=known_id(each), reference=each.reference, received_at=each.received_at) for each in rows
    ]  # fmt: skip


def reports_for_party(session: Session, breach_id: int, slug: str) -> list[ReportLine]:
    """Raises NotThere, NoFollowUp: a breach that does not concern the party is none of its business."""
    breach = session.get(Breach, breach_id)
    if breach is None:
        raise NotThere(f"There is no breach {breach_id}.")
    follow_up_at(session, breach, slug)
    return reports_of(session, breach)


def questions_of(session: Session, breach: Breach, slug: str | None = None) -> list[QuestionLine]:
    """All of them, or those that this party asked: what another asked is that party's own."""
    lines = _lines(session, BreachReport.breach_id == breach.id)
    return [each for each in lines if slug is None or party_that_asked(each.asked_by) == slug]


def questions_to(session: Session, report: BreachReport) -> list[QuestionLine]:
    """What a reporter has been asked, the oldest first."""
    return _lines(session, BreachReport.id == report.id)


def without_number(by: str) -> str:
    """“secretary” for “secretary (user 1)”."""
    return by.partition(" (user ")[0]


def party_that_asked(by: str) -> str | None:
    """The short name in “coordinator of council”, as history names who comes by a party's link."""
    _, of, slug = by.rpartition(" of ")
    return slug if of else None


def _lines(session: Session, of: Any) -> list[QuestionLine]:
    statement = select(ReporterQuestion, BreachReport.reference).join(
        BreachReport, col(BreachReport.id) == ReporterQuestion.report_id
    )
    return [
        QuestionLine(
            number=known_id(each), reference=reference, question=text_of(session, each.question_id) or "",
            asked_at=each.asked_at, asked_by=without_number(each.asked_by),
            answer=text_of(session, each.answer_id), answered_at=each.answered_at,
        )
        for each, reference in session.exec(statement.where(of).order_by(col(ReporterQuestion.id)))
    ]  # fmt: skip
