"""Breakdown, inadequacy, both, neither, or undetermined: four answers with their reasons, by a person (protocol §14).

A finding is never changed. A correction stands beside the one that it corrects; a finding keeps the version whose
clause it was made by, whatever the clause says later.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from actions.breaches.windows import window_day
from actions.cast import known_id, party_named
from actions.clauses import clause_named
from actions.complaints.asking import ask_anew, ask_second_reader, end_duties
from actions.complaints.moving import (
    ComplaintIsClosed,
    complaint_locked,
    finding_locked,
    protocol_of,
    require_open,
    take_step,
)
from actions.complaints.standing import all_findings_of, findings_of, reading_of, standing_of
from actions.complaints.telling import tell_of_determination
from actions.duties import discharge, owed
from actions.policy import complaint_clocks, zone_of
from actions.reasons import reason
from actions.versions import text_of, version_named
from models import history
from models.complaint import Complaint, Finding, SecondReading
from models.fitting import made
from models.obligation import ObligationKind, Outcome
from models.protocol import Clause, Version
from rules.complaint import Stage, Step
from rules.determination import ASKED, Answer, Answers, Evidence, Question, Result
from rules.determination import determine as by_table
from rules.errors import Refused
from rules.instants import local_day
from rules.sentences import written_day
from rules.texts import fingerprint, plain, shown

LONGEST_REFERENCE = 120


class NoAnswers(Refused):
    def __init__(self) -> None:
        asked = " ".join(f"{question}: {ASKED[question]}" for question in Question)
        super().__init__(
            f"Answer the four questions, each yes, no or unknown, and why (--covered, --why-covered, --followed …), "
            f"and name the clause that covers it (--clause); or all of it in a file (--file). {asked}"
        )


class ClauseNeeded(Refused):
    def __init__(self) -> None:
        super().__init__("Name the clause that covers it (`--clause`), or answer “covered” with no, or unknown.")


class NoClauseExpected(Refused):
    def __init__(self, clause: str) -> None:
        super().__init__(f"Where no clause covers it, none is named: leave out {clause}, or answer “covered” with yes.")


class NotInThatVersion(Refused):
    def __init__(self, clause: str, version: Version) -> None:
        super().__init__(
            f"Version {version.label} has no clause {clause}: name one that was in force when it happened, or the "
            "version that was (`--version`)."
        )


class NotInForceThen(Refused):
    def __init__(self, version: Version) -> None:
        since = (
            f"came into force on {written_day(version.in_force_from)}" if version.in_force_from else "is not in force"
        )
        super().__init__(f"Version {version.label} {since}: name the one that was in force when it happened.")


class AnswerWithoutReason(Refused):
    def __init__(self, question: Question) -> None:
        super().__init__(
            f"Say why for “{question}”: each of the four answers is recorded with its reason "
            f"(`--{question} ANSWER --why-{question} TEXT`)."
        )


class ReferenceTooLong(Refused):
    def __init__(self, question: Question) -> None:
        super().__init__(
            f"The reference for “{question}” says under which name the record is kept, in at most "
            f"{LONGEST_REFERENCE} characters: what it says belongs into the reason."
        )


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
            f"(finding {finding.id}). Correct it (`concordat complaint correct {finding.id} --because TEXT`), or, for "
            "another issue of the same complaint, say which (`--issue TEXT`)."
        )


class ReadsTheirOwn(Refused):
    def __init__(self, finding: Finding) -> None:
        super().__init__(f"Finding {finding.id} is by {finding.determined_by}: somebody else reads it again (`--by`).")


class ReadAlready(Refused):
    def __init__(self, reading: SecondReading) -> None:
        agreed = "agreed" if reading.agrees else "did not agree"
        super().__init__(f"Finding {reading.finding_id} was read by {reading.read_by}, who {agreed}.")


class NotStanding(Refused):
    def __init__(self, finding: Finding) -> None:
        super().__init__(f"Finding {finding.id} does not stand any more: it was corrected.")


@dataclass(frozen=True, kw_only=True)
class Answered:
    """`reference`: which clause, record, follow-up or statement; never its words."""

    answer: Answer
    because: str
    evidence: Evidence = Evidence.STATEMENT
    reference: str | None = None


@dataclass(frozen=True, kw_only=True)
class Given:
    """The answers to one issue. `version` is a label, `party` a short name: the complaint's own where None."""

    covered: Answered
    harm: Answered
    followed: Answered | None = None
    clear: Answered | None = None
    clause: str | None = None
    version: str | None = None
    party: str | None = None

    def to(self, question: Question) -> Answered | None:
        found: Answered | None = getattr(self, question.value)
        return found

    @property
    def answers(self) -> Answers:
        return Answers(
            self.covered.answer, self.followed.answer if self.followed else None,
            self.clear.answer if self.clear else None, self.harm.answer,
        )  # fmt: skip


def determine(
    session: Session, now: datetime, complaint_id: int, given: Given, by: str, issue: str | None = None
) -> Finding:
    """One issue's finding. `issue`, in words, where a complaint has several; the same one again is one finding.

    Raises NotThere, ComplaintIsClosed, AnswerLacking, NotAsked, AnswerWithoutReason, ClauseNeeded, NoClauseExpected,
    NotInThatVersion, NotInForceThen, ReferenceTooLong, IssueHasItsFinding, AlreadyCorrected, DoesNotFit.
    """
    complaint = complaint_locked(session, complaint_id)
    words = plain(issue or "") or None
    values = _values(session, complaint, given)
    known = findings_of(session, complaint)
    key = f"{complaint.case}:finding:{_print(values, words)}"
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
    why, values = reason(because, "a correction"), _values(session, complaint, given)
    key = f"{complaint.case}:finding:{_print(values, f'corrects {finding_id}: {why}')}"
    if (later := _corrected_by(session, finding)) is not None:
        if later.key == key:
            return later
        raise AlreadyCorrected(finding, later)
    _be_analysing(session, now, complaint, by, why)
    row = {"key": key, "issue": finding.issue, "issue_id": finding.issue_id, "corrects_id": finding_id}
    return _add(session, now, complaint, values | row, given, by, why=why)


def _corrected_by(session: Session, finding: Finding) -> Finding | None:
    return session.exec(select(Finding).where(Finding.corrects_id == finding.id)).first()


def second_read(session: Session, now: datetime, finding_id: int, agrees: bool, by: str, because: str) -> SecondReading:
    """Where somebody else does not agree, the finding is to be corrected, or made again with more reasons.

    Raises ReadsTheirOwn, ReadAlready, NotStanding, ReasonNeeded.
    """
    finding, complaint = finding_locked(session, finding_id)
    why = reason(because, "a second reading")
    if (known := reading_of(session, finding)) is not None:
        if (known.agrees, known.read_by) == (agrees, by):
            return known
        raise ReadAlready(known)
    if finding not in findings_of(session, complaint):
        raise NotStanding(finding)
    if complaint.stage is Stage.CLOSED:
        raise ComplaintIsClosed(complaint)
    if plain(by).casefold() == finding.determined_by.casefold():
        raise ReadsTheirOwn(finding)
    reading = SecondReading(
        finding_id=finding_id, agrees=agrees, why_id=history.narrate(session, why), read_at=now, read_by=by
    )
    session.add(reading)
    history.write(session, complaint.case, now, by, "read again", why=why, finding=finding_id, agrees=agrees)
    _end_reading(session, now, complaint, finding_id, Outcome.ANSWERED, by)
    session.flush()
    _determined_if_all_is_said(session, now, complaint, by)
    return reading


def _values(session: Session, complaint: Complaint, given: Given) -> dict[str, Any]:
    """The row's values, but for its narratives. Everything is checked before anything is written."""
    protocol, found = protocol_of(session, complaint), by_table(given.answers)
    version = version_named(session, protocol, given.version) if given.version else None
    if version is not None:
        _require_in_force(complaint, version, zone_of(protocol))
    version = version or (session.get_one(Version, complaint.version_id) if complaint.version_id else None)
    clause = _clause(session, complaint, given, version)
    for question in Question:
        _check(question, given.to(question))
    party = party_named(session, protocol, given.party).id if given.party else complaint.party_id
    return {
        "complaint_id": known_id(complaint), "party_id": party, "clause_id": clause.id if clause else None,
        "version_id": version.id if version else None, "covered": given.answers.covered,
        "followed": given.answers.followed, "clear": given.answers.clear, "harm": given.answers.harm,
        "result": found.result, "observation": found.observation,
    }  # fmt: skip


def _require_in_force(complaint: Complaint, version: Version, zone: ZoneInfo) -> None:
    """By the last day on which it can have happened. A question to a clause of later is the gap's, or a recheck's."""
    last = complaint.happened_to or local_day(complaint.received_at, zone)
    if version.in_force_from is None or version.in_force_from > last:
        raise NotInForceThen(version)


def _clause(session: Session, complaint: Complaint, given: Given, version: Version | None) -> Clause | None:
    key = plain(given.clause or "")
    if given.covered.answer is Answer.NO and key:
        raise NoClauseExpected(shown(key))
    if not key:
        if given.covered.answer is Answer.YES:
            raise ClauseNeeded
        return None
    clause = clause_named(session, protocol_of(session, complaint), key)
    text = text_of(session, version)
    if version is not None and text and clause.key not in text:
        raise NotInThatVersion(clause.key, version)
    return clause


def _check(question: Question, answered: Answered | None) -> None:
    if answered is None:
        return
    if not plain(answered.because):
        raise AnswerWithoutReason(question)
    if len(plain(answered.reference or "")) > LONGEST_REFERENCE:
        raise ReferenceTooLong(question)


def _print(values: dict[str, Any], words: str | None) -> str:
    """By which the same answers to the same issue are known again; reasons may be worded anew."""
    said = {name: str(value) for name, value in values.items()}
    return fingerprint(json.dumps([said, words], sort_keys=True))


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
    row = values | kept | {"reasons": _reasons(session, given), "determined_at": now, "determined_by": by}
    finding = made(Finding, row)
    session.add(finding)
    session.flush()
    history.write(
        session, complaint.case, now, by, "finding corrected" if finding.corrects_id else "finding recorded", why=why,
        finding=finding.id, issue=finding.issue, corrects=finding.corrects_id, result=finding.result.value,
        answers={question.value: str(given.answers.to(question) or "not asked") for question in Question},
        clause=given.clause, version=finding.version_id,
    )  # fmt: skip
    _ask_for_a_second_reading(session, now, complaint, finding)
    _determined_if_all_is_said(session, now, complaint, by)
    return finding


def _reasons(session: Session, given: Given) -> dict[str, Any]:
    answered = {question: given.to(question) for question in Question}
    return {
        question.value: {
            "why": history.narrate(session, plain(each.because)), "evidence": each.evidence.value,
            "reference": plain(each.reference or "") or (given.clause if each.evidence is Evidence.CLAUSE else None),
        }
        for question, each in answered.items() if each is not None
    }  # fmt: skip


def _ask_for_a_second_reading(session: Session, now: datetime, complaint: Complaint, finding: Finding) -> None:
    """Of the finding alone: those of other issues are still to be read."""
    if finding.corrects_id is not None:
        _end_reading(session, now, complaint, finding.corrects_id, Outcome.SUPERSEDED, history.CLOCK)
    protocol = protocol_of(session, complaint)
    if complaint_clocks(protocol, complaint.kind).second_reader and finding.result is not Result.UNDETERMINED:
        ask_second_reader(session, now, complaint, f"finding:{finding.id}", window_day(protocol, "second_reading", now))


def _end_reading(
    session: Session, now: datetime, complaint: Complaint, finding_id: int, outcome: Outcome, by: str
) -> None:
    readings = owed(session, complaint.case, ObligationKind.SECOND_READING)
    discharge(session, now, [duty for duty in readings if duty.subject == f"finding:{finding_id}"], outcome, by)


def _determined_if_all_is_said(session: Session, now: datetime, complaint: Complaint, by: str) -> None:
    """Nothing is undetermined, and where policy asks for a second reader, every finding was agreed with. A reading
    for which nobody asked finds it determined."""
    if complaint.stage is not Stage.ANALYSING:
        return
    asks = complaint_clocks(protocol_of(session, complaint), complaint.kind).second_reader
    for each in standing_of(session, complaint):
        if each.finding.result is Result.UNDETERMINED:
            return
        if asks and (each.reading is None or not each.reading.agrees):
            return
    take_step(session, now, complaint, Step.DETERMINE, by, findings=[f.id for f in findings_of(session, complaint)])
    end_duties(session, now, complaint, Outcome.ANSWERED, by, ObligationKind.ANALYSIS)
    tell_of_determination(session, now, complaint)
