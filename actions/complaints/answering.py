"""The four answers to one issue as they are given, each with its reason, and what is asked of them (protocol §14)."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from actions.cast import known_id, party_named
from actions.clauses import clause_named
from actions.complaints.moving import protocol_of
from actions.complaints.versions_in_force import in_force_between
from actions.gaps.references import case_named
from actions.policy import zone_of
from actions.versions import text_of, version_named
from models import history
from models.complaint import Complaint
from models.protocol import Clause, Party, Protocol, Version
from rules.determination import ASKED, Answer, Answers, Evidence, Question
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


class NoLongerInForce(Refused):
    def __init__(self, version: Version, day: date) -> None:
        super().__init__(
            f"Version {version.label} was not in force any more on {written_day(day)}: name the one that was when it "
            "happened."
        )


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


@dataclass(frozen=True, kw_only=True)
class Answered:
    """`reference`: which clause, record, follow-up (`breach:7`) or statement; never its words."""

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


def values_of(session: Session, complaint: Complaint, given: Given) -> dict[str, Any]:
    """The row's values, but for its narratives. Everything is checked before anything is written."""
    protocol, found = protocol_of(session, complaint), by_table(given.answers)
    version = version_named(session, protocol, given.version) if given.version else None
    party = party_named(session, protocol, given.party) if given.party else session.get_one(Party, complaint.party_id)
    if version is not None:
        _require_in_force(session, protocol, complaint, version, party)
    version = version or (session.get_one(Version, complaint.version_id) if complaint.version_id else None)
    clause = _clause(session, complaint, given, version)
    for question in Question:
        _check(session, protocol, version, question, given.to(question))
    return {
        "complaint_id": known_id(complaint), "party_id": known_id(party), "clause_id": clause.id if clause else None,
        "version_id": version.id if version else None, "covered": given.answers.covered,
        "followed": given.answers.followed, "clear": given.answers.clear, "harm": given.answers.harm,
        "result": found.result, "observation": found.observation,
    }  # fmt: skip


def _require_in_force(
    session: Session, protocol: Protocol, complaint: Complaint, version: Version, party: Party
) -> None:
    """On a day on which it can have happened. A question to a clause of later is the gap's, or a recheck's."""
    last = complaint.happened_to or local_day(complaint.received_at, zone_of(protocol))
    if version.in_force_from is None or version.in_force_from > last:
        raise NotInForceThen(version)
    first = complaint.happened_from
    if first is None or version.id == complaint.version_id:
        return
    if version.id not in {each.id for each in in_force_between(session, protocol, first, last, party)}:
        raise NoLongerInForce(version, first)


def _clause(session: Session, complaint: Complaint, given: Given, version: Version | None) -> Clause | None:
    key = plain(given.clause or "")
    if given.covered.answer is Answer.NO and key:
        raise NoClauseExpected(shown(key))
    if not key:
        if given.covered.answer is Answer.YES:
            raise ClauseNeeded
        return None
    return _in_that_version(session, protocol_of(session, complaint), key, version)


def _in_that_version(session: Session, protocol: Protocol, key: str, version: Version | None) -> Clause:
    clause, text = clause_named(session, protocol, key), text_of(session, version)
    if version is not None and text and clause.key not in text:
        raise NotInThatVersion(clause.key, version)
    return clause


def _check(
    session: Session, protocol: Protocol, version: Version | None, question: Question, answered: Answered | None
) -> None:
    """Of what it rests on, a clause is one of that version, and a follow-up that of a breach which is here."""
    if answered is None:
        return
    if not plain(answered.because):
        raise AnswerWithoutReason(question)
    reference = plain(answered.reference or "")
    if len(reference) > LONGEST_REFERENCE:
        raise ReferenceTooLong(question)
    if reference and answered.evidence is Evidence.CLAUSE:
        _in_that_version(session, protocol, reference, version)
    if reference and answered.evidence is Evidence.FOLLOW_UP:
        case_named(session, protocol, reference, ("breach",))


def reasons_of(session: Session, given: Given) -> dict[str, Any]:
    answered = {question: given.to(question) for question in Question}
    return {
        question.value: {
            "why": history.narrate(session, plain(each.because)), "evidence": each.evidence.value,
            "reference": plain(each.reference or "") or (given.clause if each.evidence is Evidence.CLAUSE else None),
        }
        for question, each in answered.items() if each is not None
    }  # fmt: skip


def print_of(values: dict[str, Any], words: str | None) -> str:
    """By which the same answers to the same issue are known again; reasons may be worded anew."""
    said = {name: str(value) for name, value in values.items()}
    return fingerprint(json.dumps([said, words], sort_keys=True))
