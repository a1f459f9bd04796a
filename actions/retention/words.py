"""Where the words of a breach and of a complaint are: every text that people wrote in it."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.breaches.asking_reporter import ANSWERED
from actions.breaches.said_otherwise import SAID
from actions.matters import keyed_from
from models.breach import (
    Awareness,
    Breach,
    BreachDuty,
    BreachFact,
    BreachReport,
    Conclusion,
    Consultation,
    FollowUp,
    Lesson,
    LetterHold,
    RegulatorNotice,
    ReporterQuestion,
    StepRecord,
)
from models.complaint import Complaint, ComplaintEffect, Finding, Recheck, Referral, SecondReading
from models.history import History
from models.obligation import Obligation
from models.protocol import Matter, Protocol

# Columns that name a text, by how their row belongs to its case. A test asks that none is missing.
OF_EVERY_CASE: Sequence[Any] = (History.why_id, Obligation.why_id)
OF_A_BREACH: Sequence[Any] = (
    BreachFact.text_id, BreachFact.why_id, FollowUp.end_why_id, LetterHold.why_id, LetterHold.release_why_id,
    Consultation.question_id, Consultation.answer_id, Lesson.words_id,
)  # fmt: skip
OF_A_FOLLOW_UP: Sequence[Any] = (
    Awareness.why_id, Conclusion.why_id, BreachDuty.because_id, BreachDuty.late_because_id, RegulatorNotice.text_id,
    StepRecord.outcome_id,
)  # fmt: skip
OF_A_REPORT: Sequence[Any] = (ReporterQuestion.question_id, ReporterQuestion.answer_id)
OF_A_COMPLAINT: Sequence[Any] = (
    Referral.why_id, Finding.issue_id, Finding.correction_why_id, ComplaintEffect.words_id, Recheck.why_id,
)  # fmt: skip
OF_A_COMPLAINT_ITSELF: Sequence[Any] = (
    Complaint.what_id, Complaint.wanted_id, Complaint.reach_id, Complaint.untold_id,
)  # fmt: skip
OF_A_FINDING: Sequence[Any] = (SecondReading.why_id,)


def with_what_was_merged(session: Session, case: str) -> list[str]:
    """The case, and the breaches that went on in it."""
    kind, _, number = case.partition(":")
    if kind != "breach":
        return [case]
    found, new = [int(number)], [int(number)]
    while new:
        into = sa.select(col(Breach.id)).where(col(Breach.merged_into_id).in_(new)).order_by(col(Breach.id))
        new = [number for (number,) in session.execute(into) if number is not None]
        found += new
    return [f"breach:{each}" for each in found]


def texts_of(session: Session, cases: Sequence[str]) -> set[int]:
    """The numbers of all texts in these cases, which are all breaches or all complaints."""
    numbers = [int(case.partition(":")[2]) for case in cases]
    of = _in_breaches if cases[0].startswith("breach:") else _in_complaints
    of_every_case = [sa.select(column).where(column.class_.case.in_(cases)) for column in OF_EVERY_CASE]
    found: set[int] = set()
    for statement in (*of_every_case, *of(numbers)):
        found.update(number for (number,) in session.execute(statement) if number is not None)
    if cases[0].startswith("complaint:"):
        reasons = session.exec(select(Finding.reasons).where(col(Finding.complaint_id).in_(numbers)))
        found.update(said["why"] for each in reasons for said in each.values())
    return found


def matters_about(session: Session, protocol: Protocol, cases: Sequence[str]) -> Sequence[sa.ColumnElement[bool]]:
    """Lines on the secretary's list about these cases; not what is about a message only."""
    begins = [f"{case}:" for case in cases]
    if cases[0].startswith("breach:"):
        reports = sa.select(col(BreachReport.id)).where(
            col(BreachReport.breach_id).in_([int(case.partition(":")[2]) for case in cases])
        )
        questions = sa.select(col(ReporterQuestion.id)).where(col(ReporterQuestion.report_id).in_(reports))
        begins += [f"{SAID}{number}:" for (number,) in session.execute(reports)]
        begins += [f"{ANSWERED}{number}:" for (number,) in session.execute(questions)]
    asked = (col(Matter.source).startswith(f"history of {case}, row ") for case in cases)
    keyed = (keyed_from(protocol, each) for each in begins)
    return col(Matter.protocol_id) == protocol.id, sa.or_(*keyed, *asked, col(Matter.source).in_(cases))


def _in_breaches(numbers: Sequence[int]) -> Iterator[sa.Select[Any]]:
    follow_ups = sa.select(col(FollowUp.id)).where(col(FollowUp.breach_id).in_(numbers))
    reports = sa.select(col(BreachReport.id)).where(col(BreachReport.breach_id).in_(numbers))
    for column in OF_A_BREACH:
        yield sa.select(column).where(column.class_.breach_id.in_(numbers))
    for column in OF_A_FOLLOW_UP:
        yield sa.select(column).where(column.class_.follow_up_id.in_(follow_ups))
    for column in OF_A_REPORT:
        yield sa.select(column).where(column.class_.report_id.in_(reports))


def _in_complaints(numbers: Sequence[int]) -> Iterator[sa.Select[Any]]:
    findings = sa.select(col(Finding.id)).where(col(Finding.complaint_id).in_(numbers))
    for column in OF_A_COMPLAINT_ITSELF:
        yield sa.select(column).where(col(Complaint.id).in_(numbers))
    for column in OF_A_COMPLAINT:
        yield sa.select(column).where(column.class_.complaint_id.in_(numbers))
    for column in OF_A_FINDING:
        yield sa.select(column).where(column.class_.finding_id.in_(findings))
