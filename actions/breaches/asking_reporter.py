"""Whoever reported is asked something, and answers with reference and code. Nothing waits for the answer.

The words stay in narratives; history says that somebody asked and that it was answered, and keeps the words' hash.
Nobody learns here who reported: a question goes to a reference.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.breaches.duties import text_of
from actions.breaches.facts import digest
from actions.breaches.moving import open_breach_locked, open_follow_up_at, protocol_of
from actions.breaches.reporter_questions import (
    QuestionLine,
    ReportLine,
    questions_of,
    questions_to,
    reports_for_party,
    reports_of,
    without_number,
)
from actions.breaches.reporters import NothingIsAddedAnyMore, held
from actions.breaches.said_otherwise import named
from actions.cast import NotThere, known_id
from actions.matters import close_matter, keyed, open_matter, open_matters
from actions.reasons import reason
from models import history
from models.breach import Breach, BreachReport, ReporterQuestion
from models.protocol import MatterKind
from rules.breach import Stage
from rules.errors import Refused

__all__ = [
    "AnsweredAlready", "QuestionLine", "ReportLine", "answer_question", "ask_in_breach", "ask_reporter",
    "note_answer_read", "questions_of", "questions_to", "reports_for_party", "reports_of",
]  # fmt: skip

ANSWERED = "reporter-question:"


class AnsweredAlready(Refused):
    def __init__(self) -> None:
        super().__init__("This question has been answered, and answers stay: add what you know now to your report.")


def ask_reporter(session: Session, now: datetime, report_id: int, question: str, by: str) -> int:
    """Answers the question's number; the same one again has the same, until it is answered.

    Raises NotThere, BreachHasEnded, ReasonNeeded (a question without words), NotText.
    """
    report, breach = _held_report(session, report_id)
    words = reason(question, "a question")
    for each in _rows(session, ReporterQuestion.report_id == report.id, col(ReporterQuestion.answered_at).is_(None)):
        if text_of(session, each.question_id) == words and each.asked_by == by:
            return known_id(each)
    row = {
        "report_id": report_id, "question_id": history.narrate(session, words), "asked_at": now, "asked_by": by,
    }  # fmt: skip
    asked = ReporterQuestion.model_validate(row)
    session.add(asked)
    session.flush()
    history.write(
        session, breach.case, now, by, "reporter asked", reference=report.reference, question=known_id(asked),
        words=digest(words),
    )  # fmt: skip
    return known_id(asked)


def ask_in_breach(
    session: Session, now: datetime, breach_id: int, report: int | str, question: str, by: str, slug: str | None = None
) -> int:
    """As `ask_reporter`, of one of the reports that stand in this breach; for a party (`slug`) only while its
    follow-up goes on. Raises NoFollowUp, FollowUpHasEnded as well."""
    breach = open_breach_locked(session, breach_id)
    if slug is not None:
        open_follow_up_at(session, breach, slug)
    for line in reports_of(session, breach):
        if str(line.number) == str(report):
            return ask_reporter(session, now, line.number, question, by)
    raise NotThere(f"Breach {breach_id} has no such report.")


def answer_question(session: Session, now: datetime, question_id: int, report: BreachReport, answer: str) -> None:
    """By whoever reported, let in as such. The same answer again does nothing; the secretary finds it on the list.

    Raises NotThere (also for another report's question), AnsweredAlready, ReasonNeeded, NothingIsAddedAnyMore,
    WrongReferenceOrCode (the code was replaced meanwhile).
    """
    report, breach = held(session, report)
    found = session.get(ReporterQuestion, question_id, populate_existing=True)
    if found is None or found.report_id != report.id:
        raise NotThere("There is no such question about your report.")
    words = reason(answer, "an answer")
    if found.answered_at is not None:
        if text_of(session, found.answer_id) == words:
            return
        raise AnsweredAlready
    if breach.stage is Stage.CLOSED:
        raise NothingIsAddedAnyMore(report)
    found.answer_id, found.answered_at = history.narrate(session, words), now
    session.add(found)
    history.write(
        session, breach.case, now, named(report), "reporter answered", reference=report.reference,
        question=question_id, words=digest(words),
    )  # fmt: skip
    _put_on_the_list(session, now, breach, found, report)


def _put_on_the_list(
    session: Session, now: datetime, breach: Breach, asked: ReporterQuestion, report: BreachReport
) -> None:
    """Whoever asked may be at a party: the secretary sees to it that they hear."""
    open_matter(
        session, now, protocol_of(session, breach), MatterKind.BREACH, _matter_key(asked),
        f"The reporter of {report.reference} (breach {breach.id}) has answered a question of the "
        f"{without_number(asked.asked_by)}.",
        f"Read the answer beside breach {breach.id}, and see that whoever asked knows of it.",
    )  # fmt: skip


def note_answer_read(session: Session, now: datetime, question_id: int, by: str) -> None:
    """The matter about this answer is done. Twice does nothing. Raises NotThere."""
    found = session.get(ReporterQuestion, question_id)
    if found is None:
        raise NotThere(f"There is no question {question_id}.")
    breach = session.get_one(Breach, session.get_one(BreachReport, found.report_id).breach_id)
    protocol = protocol_of(session, breach)
    for matter in open_matters(session, protocol, keyed(protocol, _matter_key(found))):
        close_matter(session, now, matter, f"read by the {by}")


def _matter_key(asked: ReporterQuestion) -> str:
    """Without the breach: a merger moves the report."""
    return f"{ANSWERED}{asked.id}:answered"


def _rows(session: Session, *where: Any) -> Sequence[ReporterQuestion]:
    return session.exec(select(ReporterQuestion).where(*where).order_by(col(ReporterQuestion.id))).all()


def _held_report(session: Session, report_id: int) -> tuple[BreachReport, Breach]:
    """The report, and the open breach it stands in now, held. Raises NotThere, BreachHasEnded."""
    report = session.get(BreachReport, report_id)
    if report is None:
        raise NotThere(f"There is no report {report_id}.")
    of = report.breach_id
    breach = open_breach_locked(session, of)
    session.refresh(report)
    if report.breach_id != of:  # merged just now
        breach = open_breach_locked(session, report.breach_id)
    return report, breach
