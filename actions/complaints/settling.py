"""What the clock does with complaints: the analysis begins, and after a version that answers one it is asked again."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, assert_never

from sqlalchemy import String, bindparam
from sqlmodel import Session, cast, col, literal, or_, select

from actions.cast import known_id, read_contacts
from actions.complaints.asking import ask_for_analysis
from actions.complaints.asking_again import answering_versions, ask_again, to_be_asked_again
from actions.complaints.moving import (
    complaint_locked,
    complaint_named,
    complaints_locked,
    protocol_of,
    take_steps,
)
from actions.complaints.suggesting_from_store import Read, read_for, suggest_for
from actions.policy import complaint_clocks
from models.complaint import Complaint
from models.fail_points import reached
from models.history import CLOCK, Narrative
from models.lists import one_of
from models.obligation import Obligation, ObligationKind
from models.protocol import Party, Protocol
from rules.complaint import ClockStep, ComplaintClock, Stage, Step, due_step
from rules.errors import Refused

BEFORE_ANALYSIS = (Stage.RECEIVED, Stage.ACKNOWLEDGED)
SUGGESTED = 5  # clauses kept in history: how good suggestions are can be counted later


class Told(NamedTuple):
    """What a complaint tells, and whom it names."""

    what: Narrative
    about: Party
    handler: Party | None


def complaints_due(session: Session, now: datetime) -> list[int]:
    """Complaints for which the clock has a step to take, the oldest first; two queries, however many there are."""
    return [
        known_id(complaint) for complaint, asked in session.exec(_MAY_BE_DUE, params={"now": now}).all()
        if complaint.stage is Stage.CLOSED  # of a closed one the query has said so
        or due_step(_before_analysis(session, complaint, asked=asked))
    ]  # fmt: skip


# Somebody is asked to acknowledge it, by a day that has not passed.
_IS_ASKED = (
    col(Obligation.kind) == ObligationKind.ACKNOWLEDGEMENT,
    col(Obligation.outcome).is_(None),
    col(Obligation.due_at) > bindparam("now"),
)
_ASKED = select(Obligation.id).where(
    Obligation.case == literal("complaint:") + cast(col(Complaint.id), String), *_IS_ASKED
)
# Every sweep asks this: to build it anew took longer than the databases did.
_MAY_BE_DUE = (
    select(Complaint, _ASKED.exists())
    .where(
        or_(
            col(Complaint.stage).in_(BEFORE_ANALYSIS),
            (col(Complaint.stage) == Stage.CLOSED) & col(Complaint.id).in_(to_be_asked_again()),
        )
    )
    .order_by(col(Complaint.id))
)


def next_complaint_step(session: Session, now: datetime, complaint_id: int) -> ClockStep | None:
    return _due(session, now, complaint_named(session, complaint_id))


def take_complaint_step(session: Session, now: datetime, complaint_id: int, step: ClockStep) -> bool:
    """Take it if it is still due; False where another worker was here first."""
    complaint = complaint_locked(session, complaint_id)
    if _due(session, now, complaint) is not step:
        return False
    match step:
        case Step.BEGIN_ANALYSIS:
            begin_analysis(session, now, [complaint])
        case Step.ASK_AGAIN:
            ask_again(session, now, complaint)
        case _:
            assert_never(step)
    reached("complaint step taken")
    return True


def _due(session: Session, now: datetime, complaint: Complaint) -> ClockStep | None:
    return due_step(clock_of(session, now, complaint))


def clock_of(session: Session, now: datetime, complaint: Complaint) -> ComplaintClock:
    """The complaint as the rules see it."""
    if complaint.stage is Stage.CLOSED:
        return ComplaintClock(stage=complaint.stage, answered_by=len(answering_versions(session, complaint)))
    asked = select(Obligation.id).where(Obligation.case == complaint.case, *_IS_ASKED).limit(1)
    return _before_analysis(session, complaint, asked=session.exec(asked, params={"now": now}).first() is not None)


def _before_analysis(session: Session, complaint: Complaint, *, asked: bool) -> ComplaintClock:
    """It waits for an acknowledgement that policy asks for and somebody owes, until the day of that has passed: by DPA
    2018 s.164A(4) it is looked into from its receipt, so it waits no longer. Where policy has come to ask for none, or
    nobody was asked, or nobody can be told, it goes on."""
    if complaint.stage is not Stage.RECEIVED or complaint.acknowledged_at is not None:
        return ComplaintClock(stage=complaint.stage, acknowledgement_owed=False)
    clocks = complaint_clocks(protocol_of(session, complaint), complaint.kind)
    return ComplaintClock(stage=complaint.stage, acknowledgement_owed=asked and clocks.acknowledgement is not None)


def take_due_steps(session: Session, now: datetime, numbers: Collection[int]) -> None:
    """Every step that complaints of one protocol are due: those that begin, together."""
    held = complaints_locked(session, numbers)
    asked = _asked_to_acknowledge(session, now, held)
    beginning = [
        each for each in held
        if each.stage in BEFORE_ANALYSIS and due_step(_before_analysis(session, each, asked=each.case in asked))
    ]  # fmt: skip
    begin_analysis(session, now, beginning)
    reached("complaints of a batch begun")
    for complaint in held:
        while complaint.stage is Stage.CLOSED and (step := _due(session, now, complaint)):
            take_complaint_step(session, now, known_id(complaint), step)
        reached("within a batch of complaints")


def _asked_to_acknowledge(session: Session, now: datetime, complaints: Sequence[Complaint]) -> set[str]:
    """The cases in which somebody owes an acknowledgement, by a day that has not passed."""
    of_those = one_of(session, Obligation.case, [each.case for each in complaints])
    return set(session.exec(select(Obligation.case).where(of_those, *_IS_ASKED), params={"now": now}))


def begin_analysis(session: Session, now: datetime, complaints: Sequence[Complaint]) -> None:
    """Somebody is asked the four questions; what was suggested then is kept, by ids, to learn how good it is.

    Complaints of one protocol, held with it: a few statements, however many they are.
    """
    if not complaints:
        return
    protocol = protocol_of(session, complaints[0])
    read, told = read_for(session, protocol), _told(session, complaints)
    steps = [(each, Step.BEGIN_ANALYSIS, _suggested(session, now, protocol, each, read, told)) for each in complaints]
    take_steps(session, now, steps, CLOCK)
    ask_for_analysis(session, now, complaints)


def _told(session: Session, complaints: Sequence[Complaint]) -> dict[int, Told]:
    """By the complaint's number, read at once. Whoever asks holds them until all is done: a session forgets rows that
    nobody holds, and reads each again for every complaint."""
    named = {each.party_id for each in complaints} | {each.handler_id for each in complaints if each.handler_id}
    parties = {known_id(each): each for each in session.exec(select(Party).where(one_of(session, Party.id, named)))}
    texts = one_of(session, Narrative.id, [each.what_id for each in complaints])
    narratives = {row.id: row for row in session.exec(select(Narrative).where(texts))}
    read_contacts(session, parties.values())
    return {
        known_id(each): Told(narratives[each.what_id], parties[each.party_id], parties.get(each.handler_id or 0))
        for each in complaints
    }


def _suggested(
    session: Session, now: datetime, protocol: Protocol, complaint: Complaint, read: Read, told: Mapping[int, Told]
) -> dict[str, Any]:
    text, about = told[known_id(complaint)].what.text, told[known_id(complaint)].about
    happened: date | None = complaint.happened_from
    try:
        found = suggest_for(
            session, now, protocol, text or "", happened, about, leaving_out=complaint.id, read=read
        ).suggestion  # fmt: skip
    except Refused as unread:  # another script, or nothing to compare: somebody who can read it finds the clause
        return {"suggested": [], "not_suggested": type(unread).__name__}
    return {"suggested": [each.id for each in found.clauses[:SUGGESTED]], "none_likely": found.none_likely}
