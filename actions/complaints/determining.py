"""Breakdown, inadequacy, both, neither, or undetermined: four answers with their reasons, by a person (protocol §14).

A finding is never changed. A correction stands beside the one that it corrects; a finding keeps the version whose
clause it was made by, whatever the clause says later.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.complaints.answering import Given, print_of, reasons_of, values_of
from actions.complaints.asking import ask_anew, leave_no_party_that_left
from actions.complaints.moving import complaint_locked, finding_locked, forget_the_outcome, require_open, take_step
from actions.complaints.second_reading import (
    ask_for_second_readings,
    determined_if_all_is_said,
    end_reading_of_corrected,
)
from actions.complaints.standing import all_findings_of, findings_of
from actions.complaints.unfinished import take_off_the_list
from actions.reasons import reason
from models import history
from models.complaint import Complaint, Finding
from models.fitting import made
from models.history import Narrative
from rules.complaint import Stage, Step
from rules.determination import Question
from rules.errors import Refused
from rules.texts import folded, plain


class AlreadyCorrected(Refused):
    def __init__(self, finding: Finding, by: Finding) -> None:
        super().__init__(
            f"Finding {finding.id} was corrected by {by.determined_by}: what stands is finding {by.id}. Look at it, "
            f"and correct that one if you see it otherwise."
        )


class IssueHasItsFinding(Refused):
    """Two people on one complaint, or on one issue of it: the second one's answer must not be taken for another."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(
            f"Complaint {finding.complaint_id} has a finding already: {finding.result}, by {finding.determined_by} "
            f"(finding {finding.id}). Correct it (`concordat complaint correct finding:{finding.id} --because TEXT`), "
            "or, for another issue of the same complaint, say which, in other words than before (`--issue TEXT`)."
        )


def determine(
    session: Session, now: datetime, complaint_id: int, given: Given, by: str, issue: str | None = None
) -> Finding:
    """One issue's finding. `issue`, in words, where a complaint has several; the same one again is one finding, and
    confirms it where it is looked at again.

    Raises NotThere, ComplaintIsClosed, AnswerLacking, NotAsked, AnswerWithoutReason, ClauseNeeded, NoClauseExpected,
    NotInThatVersion, NotInForceThen, NoLongerInForce, ReferenceTooLong, NotAReference,
    OfAnotherProtocol, IssueHasItsFinding, AlreadyCorrected, DoesNotFit.
    """
    complaint = complaint_locked(session, complaint_id)
    words = plain(issue or "") or None
    values = values_of(session, complaint, given)
    known = findings_of(session, complaint)
    key = f"{complaint.case}:finding:{print_of(values, folded(words) if words else None)}"
    if again := next((each for each in all_findings_of(session, complaint) if each.key == key), None):
        if (later := _corrected_by(session, again)) is not None:
            raise AlreadyCorrected(again, later)
        _settle(session, now, complaint, by)
        return again
    require_open(complaint)
    if (other := _of_that_issue(session, known, words)) is not None:
        raise IssueHasItsFinding(other)
    _be_analysing(session, now, complaint, by, "another issue is determined")
    number = max((each.issue for each in known), default=0) + 1
    return _add(session, now, complaint, values | {"key": key, "issue": number}, given, by, issue=words)


def _of_that_issue(session: Session, known: list[Finding], words: str | None) -> Finding | None:
    """Without words, whichever there is."""
    if words is None:
        return known[-1] if known else None
    said = dict(session.exec(select(Narrative.id, Narrative.text).where(
        col(Narrative.id).in_([each.issue_id for each in known])
    )).all())  # fmt: skip
    return next((each for each in known if folded(said.get(each.issue_id) or "") == folded(words)), None)


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
        forget_the_outcome(complaint)
        take_off_the_list(session, now, complaint, "the complaint is looked at again")
    leave_no_party_that_left(session, now, complaint)


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
    end_reading_of_corrected(session, now, complaint, finding)
    _settle(session, now, complaint, by)
    return finding


def _settle(session: Session, now: datetime, complaint: Complaint, by: str) -> None:
    """Determined at once where nothing is open any more: an analysis that is answered with it is not asked for."""
    if complaint.stage is Stage.ANALYSING:
        ask_for_second_readings(session, now, complaint)
        determined_if_all_is_said(session, now, complaint, by)
        ask_anew(session, now, complaint)
