"""What the clock does with complaints: the analysis begins, and after a version that answers one it is asked again."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, assert_never

from sqlalchemy import String
from sqlmodel import Session, cast, col, literal, or_, select

from actions.cast import known_id
from actions.complaints.asking import ask_for_analysis
from actions.complaints.asking_again import answering_versions, ask_again, to_be_asked_again
from actions.complaints.moving import complaint_locked, complaint_named, protocol_of, take_step
from actions.complaints.suggesting_from_store import suggest_for
from actions.policy import complaint_clocks
from models.complaint import Complaint
from models.fail_points import reached
from models.history import CLOCK, Narrative
from models.obligation import Obligation, ObligationKind
from models.protocol import Party
from rules.complaint import ClockStep, ComplaintClock, Stage, Step, due_step
from rules.errors import Refused

SUGGESTED = 5  # clauses kept in history: how good suggestions are can be counted later


def complaints_due(session: Session, _now: datetime) -> list[int]:
    """Complaints for which the clock has a step to take, the oldest first; two queries, however many there are."""
    asked = select(Obligation.id).where(
        Obligation.case == literal("complaint:") + cast(col(Complaint.id), String),
        Obligation.kind == ObligationKind.ACKNOWLEDGEMENT, col(Obligation.outcome).is_(None),
    )  # fmt: skip
    may_be = select(Complaint, asked.exists()).where(
        or_(
            col(Complaint.stage).in_((Stage.RECEIVED, Stage.ACKNOWLEDGED)),
            (col(Complaint.stage) == Stage.CLOSED) & col(Complaint.id).in_(to_be_asked_again()),
        )
    )
    rows = session.exec(may_be.order_by(col(Complaint.id))).all()
    return [
        known_id(complaint) for complaint, asked in rows
        if complaint.stage is Stage.CLOSED  # of a closed one the query has said so
        or due_step(_before_analysis(session, complaint, asked=asked))
    ]  # fmt: skip


def next_complaint_step(session: Session, _now: datetime, complaint_id: int) -> ClockStep | None:
    return _due(session, complaint_named(session, complaint_id))


def take_complaint_step(session: Session, now: datetime, complaint_id: int, step: ClockStep) -> bool:
    """Take it if it is still due; False where another worker was here first."""
    complaint = complaint_locked(session, complaint_id)
    if _due(session, complaint) is not step:
        return False
    match step:
        case Step.BEGIN_ANALYSIS:
            begin_analysis(session, now, complaint)
        case Step.ASK_AGAIN:
            ask_again(session, now, complaint)
        case _:
            assert_never(step)
    reached("complaint step taken")
    return True


def take_complaint_steps(session: Session, now: datetime, numbers: Iterable[int]) -> None:
    """Every step that each of them is due."""
    for number in numbers:
        while step := next_complaint_step(session, now, number):
            take_complaint_step(session, now, number, step)
        reached("within a batch of complaints")


def _due(session: Session, complaint: Complaint) -> ClockStep | None:
    return due_step(clock_of(session, complaint))


def clock_of(session: Session, complaint: Complaint) -> ComplaintClock:
    """The complaint as the rules see it."""
    if complaint.stage is Stage.CLOSED:
        return ComplaintClock(stage=complaint.stage, answered_by=len(answering_versions(session, complaint)))
    asked = select(Obligation.id).where(
        Obligation.case == complaint.case, Obligation.kind == ObligationKind.ACKNOWLEDGEMENT,
        col(Obligation.outcome).is_(None),
    )  # fmt: skip
    return _before_analysis(session, complaint, asked=session.exec(asked.limit(1)).first() is not None)


def _before_analysis(session: Session, complaint: Complaint, *, asked: bool) -> ComplaintClock:
    """It waits for an acknowledgement that policy asks for and somebody owes: where policy has come to ask for none,
    or to ask for one of which nobody was asked, it goes on."""
    if complaint.stage is not Stage.RECEIVED or complaint.acknowledged_at is not None:
        return ComplaintClock(stage=complaint.stage, acknowledgement_owed=False)
    clocks = complaint_clocks(protocol_of(session, complaint), complaint.kind)
    return ComplaintClock(stage=complaint.stage, acknowledgement_owed=asked and clocks.acknowledgement is not None)


def begin_analysis(session: Session, now: datetime, complaint: Complaint) -> None:
    """Somebody is asked the four questions; what was suggested then is kept, by ids, to learn how good it is."""
    take_step(session, now, complaint, Step.BEGIN_ANALYSIS, CLOCK, **_suggested(session, now, complaint))
    ask_for_analysis(session, now, complaint)


def _suggested(session: Session, now: datetime, complaint: Complaint) -> dict[str, Any]:
    text = session.get_one(Narrative, complaint.what_id).text
    about = session.get_one(Party, complaint.party_id)
    happened: date | None = complaint.happened_from
    try:
        found = suggest_for(
            session, now, protocol_of(session, complaint), text or "", happened, about, leaving_out=complaint.id
        ).suggestion
    except Refused as unread:  # another script, or nothing to compare: somebody who can read it finds the clause
        return {"suggested": [], "not_suggested": type(unread).__name__}
    return {"suggested": [each.id for each in found.clauses[:SUGGESTED]], "none_likely": found.none_likely}
