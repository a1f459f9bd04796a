"""What is done about a complaint of the rehearsed year, by the real actions."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from actions.cast import known_id
from actions.clauses import clause_headings
from actions.complaints.answering import Answered, Given
from actions.complaints.asking_again import answer
from actions.complaints.closing import close, end_early
from actions.complaints.determining import correct, determine
from actions.complaints.following_up import act_locally, change_nothing, finish_action, open_breach, open_gap
from actions.complaints.paper import keep_paper
from actions.complaints.receiving import Received, receive
from actions.complaints.referring import refer
from actions.complaints.second_reading import second_read
from actions.complaints.standing import result_of, standing_of
from actions.complaints.suggesting_from_store import suggest_for
from actions.complaints.telling_complainant import acknowledge, tell_outcome
from actions.duties import owed
from actions.policy import complaint_clocks
from cli.rehearse.acts import SECRETARY
from cli.rehearse.complaint_stories import Complaint as Story
from cli.rehearse.complaint_stories import Four, Issue
from models.complaint import Complaint, Covered
from models.obligation import Obligation, ObligationKind
from models.protocol import Protocol
from rules.complaint import STATUTORY, Stage
from rules.determination import Answer, Evidence, Question
from rules.errors import Refused
from rules.sentences import listed


@dataclass
class Told:
    """A complaint of the year: about whom, who got it first, and its number once it was received."""

    story: Story
    about: tuple[str, str]  # short name, name
    first: tuple[str, str]
    number: int | None = None
    clause: str | None = None
    findings: list[int] = field(default_factory=list)  # by issue


def come_in(session: Session, now: datetime, told: Told, protocol_id: int, earlier: Told | None) -> Iterator[str]:
    protocol, story = session.get_one(Protocol, protocol_id), told.story
    given = Received(kind=story.kind, what=story.what, about=told.about[0], received_by=told.first[0])
    told.number = known_id(receive(session, now, protocol, given, f"{told.first[0]} (front desk)"))
    told.clause = earlier.clause if earlier and earlier.clause else _clause(session, now, protocol, told)
    yield f"{told.first[1]} receives complaint {told.number}, {story.kind}, about {told.about[1]}: {story.says}."


def _clause(session: Session, now: datetime, protocol: Protocol, told: Told) -> str | None:
    """The first that is suggested; where none is, the first of the text."""
    try:
        suggested = suggest_for(session, now, protocol, told.story.what, None, leaving_out=told.number)
        found = [each.id for each in suggested.suggestion.clauses]
    except Refused:
        found = []
    return next(iter([*found, *(key for key, _ in clause_headings(session, protocol))]), None)


def pass_on(session: Session, now: datetime, told: Told) -> Iterator[str]:
    if _going_on(session, told) is None or told.about == told.first:
        return
    refer(session, now, _number(told), told.about[0], told.first[0], f"It is about {told.about[1]}.")
    yield f"It is referred to {told.about[1]}; the thirty days go on."


def acknowledge_it(session: Session, now: datetime, told: Told) -> Iterator[str]:
    if (complaint := _going_on(session, told)) is None or complaint.acknowledged_at:
        return
    late = any(duty.is_overdue(now) for duty in _owed(session, complaint))
    acknowledge(session, now, _number(told), _handler(told), "by letter")
    yield f"{told.about[1]} acknowledges complaint {told.number}{', late' if late else ''}."


def decide(session: Session, now: datetime, told: Told) -> Iterator[str]:
    """Every issue; where something is unknown, that first."""
    if _going_on(session, told) is None:
        return
    for issue in told.story.issues:
        given = _given(told, issue, issue.first or issue.four)
        finding = determine(session, now, _number(told), given, _handler(told), issue.words)
        told.findings.append(known_id(finding))
        where = f", {issue.words}" if issue.words else ""
        clause = f" (clause {told.clause})" if given.clause else ""
        yield f"Complaint {told.number}{where}{clause}: {finding.result}. {issue.because}"


def find_out(session: Session, now: datetime, told: Told) -> Iterator[str]:
    """What had been unknown is known now: the first finding stays beside the one that corrects it."""
    if _going_on(session, told) is None:
        return
    for place, issue in enumerate(told.story.issues):
        if issue.first is not None:
            given = _given(told, issue, issue.four)
            corrected = correct(session, now, told.findings[place], given, _handler(told), issue.because)
            told.findings[place] = known_id(corrected)
            yield f"What was unknown in complaint {told.number} is found out: {corrected.result}."


def read_it_again(session: Session, now: datetime, told: Told) -> Iterator[str]:
    """Where policy asks for a second reader."""
    if (complaint := _going_on(session, told)) is None:
        return
    asks = complaint_clocks(session.get_one(Protocol, complaint.protocol_id), complaint.kind).second_reader
    for standing in standing_of(session, complaint) if asks else ():
        if standing.reading is None:
            second_read(session, now, known_id(standing.finding), True, SECRETARY, "The record bears it out.")
            yield f"The secretary reads the determination of complaint {told.number} again, and agrees."


def follow(session: Session, now: datetime, told: Told) -> Iterator[str]:
    """Something follows from each finding; whoever complained is told; it is closed."""
    complaint = _going_on(session, told)
    if complaint is None or complaint.stage is not Stage.DETERMINED:
        return
    follows = [
        what for place, issue in enumerate(told.story.issues) for what in _follow(session, now, told, place, issue)
    ]
    if complaint.kind in STATUTORY:
        tell_outcome(session, now, _number(told), _handler(told), "by letter")
    result = result_of(session, complaint)
    close(session, now, _number(told), SECRETARY)
    yield f"What follows from complaint {told.number} ({result}): {listed(follows)}. It is closed."


def _follow(session: Session, now: datetime, told: Told, place: int, issue: Issue) -> Iterator[str]:
    finding, by = told.findings[place], _handler(told)
    if issue.action:
        act_locally(session, now, finding, issue.action, by)
        yield f"a local action at {told.about[1]}"
    if issue.breach:
        effect = open_breach(session, now, finding, issue.breach, by)
        yield f"breach {effect.breach_id}"
    if issue.gap:
        under = None if issue.under_no_clause else told.clause
        effect = open_gap(session, now, finding, issue.gap, by, clause=under)
        yield f"gap {effect.gap_id}{f' under clause {under}' if under else ''}"
    if issue.nothing:
        change_nothing(session, now, finding, by, issue.nothing)
        yield "no change, with the reason"


def end(session: Session, now: datetime, told: Told) -> Iterator[str]:
    if _going_on(session, told) is None or told.story.end is None:
        return
    end_early(session, now, _number(told), told.story.end, SECRETARY, told.story.end_because or "")
    yield f"Complaint {told.number} ends: {told.story.end}. {told.story.end_because}"


def put_in_place(session: Session, now: datetime, duty_id: int) -> Iterator[str]:
    duty = session.get_one(Obligation, duty_id, populate_existing=True)
    if duty.outcome is None:
        finish_action(session, now, duty_id, "complaint handler", "It is done, and the staff have been told.")
        yield f"What was agreed after {duty.case.replace(':', ' ')} is in place."


def say_whether_covered(session: Session, now: datetime, duty_id: int) -> Iterator[str]:
    duty = session.get_one(Obligation, duty_id, populate_existing=True)
    label, number = (duty.subject or "").partition(":")[2], int(duty.case.partition(":")[2])
    if duty.outcome is None:
        answer(session, now, number, label, Covered.YES, "complaint handler", "The new sentence says just that.")
        yield f"Would version {label} have covered complaint {number}? Yes."


def write_the_paper(session: Session, now: datetime, protocol_id: int) -> Iterator[str]:
    """As the flow does on the first of the month."""
    for paper in keep_paper(session, now, session.get_one(Protocol, protocol_id)):
        yield f"The paper on complaints is written: {paper.first_day} to {paper.last_day}."


def _given(told: Told, issue: Issue, four: Four) -> Given:
    said: dict[str, Any] = {
        question.value: Answered(answer=answer, because=issue.because, evidence=Evidence.RECORD, reference="our file")
        for question, answer in zip(Question, four, strict=True)
        if answer is not None
    }
    return Given(clause=told.clause if four[0] is Answer.YES else None, **said)


def _going_on(session: Session, told: Told) -> Complaint | None:
    complaint = session.get(Complaint, told.number, populate_existing=True) if told.number else None
    return None if complaint is None or complaint.stage is Stage.CLOSED else complaint


def _owed(session: Session, complaint: Complaint) -> list[Obligation]:
    return owed(session, complaint.case, ObligationKind.ACKNOWLEDGEMENT)


def _number(told: Told) -> int:
    assert told.number is not None
    return told.number


def _handler(told: Told) -> str:
    """In the words of history."""
    return f"{told.about[0]} (complaint handler)"
