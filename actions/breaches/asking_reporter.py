"""Whoever reported is asked something, and answers with reference and code. Nothing waits for the answer.

The words stay in narratives; history says that somebody asked and that it was answered, and keeps the words' hash.
Nobody learns here who reported: a question goes to a reference.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.breaches.duties import text_of
from actions.breaches.facts import digest
from actions.breaches.moving import follow_up_at, open_breach_locked, open_follow_up_at, protocol_of
from actions.breaches.reporters import NothingIsAddedAnyMore, held, named
from actions.cast import NotThere, known_id
from actions.matters import close_matter, open_matter, open_matters
from actions.reasons import reason
from models import history
from models.breach import Breach, BreachReport, ReporterQuestion
from models.protocol import MatterKind
from rules.breach import Stage
from rules.errors import Refused


class AnsweredAlready(Refused):
    def __init__(self) -> None:
        super().__init__("This question has been answered, and answers stay: add what you know now to your report.")


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
    for matter in open_matters(session, protocol):
        if matter.key == f"{protocol.slug}:{_matter_key(found)}":
            close_matter(session, now, matter, f"read by the {by}")


def _matter_key(asked: ReporterQuestion) -> str:
    """Without the breach: a merger moves the report."""
    return f"reporter-question:{asked.id}:answered"


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
