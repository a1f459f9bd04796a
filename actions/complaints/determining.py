"""Breakdown, inadequacy, both, neither, or undetermined: four answers with their reasons, by a person (protocol §14).

A finding is never changed. A correction stands beside the one that it corrects; a finding keeps the version whose
clause it was made by, whatever the clause says later.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from actions.complaints.answering import Given, print_of, reasons_of, values_of
from actions.complaints.asking import ask_anew
from actions.complaints.moving import complaint_locked, finding_locked, require_open, take_step
from actions.complaints.second_reading import ask_for_a_second_reading, determined_if_all_is_said
from actions.complaints.standing import all_findings_of, findings_of
from actions.reasons import reason
from models import history
from models.complaint import Complaint, Finding
from models.fitting import made
from rules.complaint import Stage, Step
from rules.determination import Question
from rules.errors import Refused
from rules.texts import plain


class AlreadyCorrected(Refused):
    def __init__(self, finding: Finding, by: Finding) -> None:
        super().__init__(
            f"Finding {finding.id} was corrected by {by.determined_by}: what stands is finding {by.id}. Look at it, "
            f"and correct that one if you see it otherwise."
        )


class IssueHasItsFinding(Refused):
    """Two people on one complaint: the second one's answer must not be taken for another issue."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(
            f"Complaint {finding.complaint_id} has a finding already: {finding.result}, by {finding.determined_by} "
            f"(finding {finding.id}). Correct it (`concordat complaint correct finding:{finding.id} --because TEXT`), "
            "or, for another issue of the same complaint, say which (`--issue TEXT`)."
        )


def determine(
    session: Session, now: datetime, complaint_id: int, given: Given, by: str, issue: str | None = None
) -> Finding:
    """One issue's finding. `issue`, in words, where a complaint has several; the same one again is one finding.

    Raises NotThere, ComplaintIsClosed, AnswerLacking, NotAsked, AnswerWithoutReason, ClauseNeeded, NoClauseExpected,
    NotInThatVersion, NotInForceThen, ReferenceTooLong, IssueHasItsFinding, AlreadyCorrected, DoesNotFit.
    """
    complaint = complaint_locked(session, complaint_id)
    words = plain(issue or "") or None
    values = values_of(session, complaint, given)
    known = findings_of(session, complaint)
    key = f"{complaint.case}:finding:{print_of(values, words)}"
    if again := next((each for each in all_findings_of(session, complaint) if each.key == key), None):
        if (later := _corrected_by(session, again)) is not None:
            raise AlreadyCorrected(again, later)
        return again
    require_open(complaint)
    if known and words is None:
        raise IssueHasItsFinding(known[-1])
    _be_analysing(session, now, complaint, by, "another issue is determined")
    number = max((each.issue for each in known), default=0) + 1
    return _add(session, now, complaint, values | {"key": key, "issue": number}, given, by, issue=words)


def correct(session: Session, now: datetime, finding_id: int, given: Given, by: str, because: str) -> Finding:
    """The corrected one stays as it was. Of two who correct at once, the second is told what stands.

    Raises AlreadyCorrected, ReasonNeeded, and what `determine` raises but for IssueHasItsFinding.
    """
    finding, complaint = finding_locked(session, finding_id)
    why, values = reason(because, "a correction"), values_of(session, complaint, given)
    key = f"{complaint.case}:finding:{print_of(values, f'corrects {finding_id}: {why}')}"
    if (later := _corrected_by(session, finding)) is not None:
        if later.key == key:
            return later
        raise AlreadyCorrected(finding, later)
    _be_analysing(session, now, complaint, by, why)
    row = {"key": key, "issue": finding.issue, "issue_id": finding.issue_id, "corrects_id": finding_id}
    return _add(session, now, complaint, values | row, given, by, why=why)


def _corrected_by(session: Session, finding: Finding) -> Finding | None:
    return session.exec(select(Finding).where(Finding.corrects_id == finding.id)).first()


def _be_analysing(session: Session, now: datetime, complaint: Complaint, by: str, why: str) -> None:
    """Answered before it was acknowledged, or looked at again after it had been determined."""
    if complaint.stage in (Stage.RECEIVED, Stage.ACKNOWLEDGED):
        take_step(session, now, complaint, Step.BEGIN_ANALYSIS, by)
    elif complaint.stage in (Stage.DETERMINED, Stage.CLOSED):
        take_step(session, now, complaint, Step.LOOK_AGAIN, by, why=why)
        complaint.outcome, complaint.told_at = None, None
    ask_anew(session, now, complaint)


def _add(
    session: Session, now: datetime, complaint: Complaint, values: dict[str, Any], given: Given, by: str, *,
    issue: str | None = None, why: str | None = None,
) -> Finding:  # fmt: skip
    texts = {"issue_id": issue, "correction_why_id": why}
    kept = {name: history.narrate(session, text) for name, text in texts.items() if text}
    row = values | kept | {"reasons": reasons_of(session, given), "determined_at": now, "determined_by": by}
    finding = made(Finding, row)
    session.add(finding)
    session.flush()
    history.write(
        session, complaint.case, now, by, "finding corrected" if finding.corrects_id else "finding recorded", why=why,
        finding=finding.id, issue=finding.issue, corrects=finding.corrects_id, result=finding.result.value,
        answers={question.value: str(given.answers.to(question) or "not asked") for question in Question},
        clause=given.clause, version=finding.version_id,
    )  # fmt: skip
    ask_for_a_second_reading(session, now, complaint, finding)
    determined_if_all_is_said(session, now, complaint, by)
    return finding
