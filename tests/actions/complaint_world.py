"""Complaints in the small world: as they come in, answers to the four questions, and the clock."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import pytest
from sqlmodel import Session, col

from actions.cast import known_id
from actions.complaints.answering import Answered, Given
from actions.complaints.determining import determine
from actions.complaints.receiving import Received, receive
from actions.complaints.settling import complaints_due, next_complaint_step, take_complaint_step
from actions.complaints.telling_complainant import acknowledge
from models.complaint import Complaint, Finding
from models.obligation import Obligation, ObligationKind
from models.protocol import Contact
from models.store import reading, transaction
from rules.complaint import ComplaintKind
from rules.determination import Answer, Evidence
from rules.errors import Refused
from rules.working_days import Nation
from tests.actions.world import World, add_party, kept, protocol

Value = TypeVar("Value")

WEDNESDAY = datetime(2026, 11, 25, 10, tzinfo=UTC)  # thirty days end on Christmas Day: due on Tuesday 29 December
IN_MAY = date(2026, 5, 6)
HANDLER = "complaint handler"
TOLD = "In May the police passed my address to my former husband, who should not have had it."
Y, N, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN


def received(session: Session, now: datetime = WEDNESDAY, **otherwise: Any) -> Complaint:
    """A person's complaint about the police, received by the police."""
    usual: dict[str, Any] = {
        "kind": ComplaintKind.PERSON, "what": TOLD, "about": "police", "received_by": "police", "happened_from": IN_MAY,
    }  # fmt: skip
    return receive(session, now, protocol(session), Received(**(usual | otherwise)), HANDLER)


def given(
    covered: Answer = Y, followed: Answer | None = N, clear: Answer | None = Y, harm: Answer = Y, **otherwise: Any
) -> Given:
    """The four answers, each with a reason: as they stand, a breakdown."""
    answers = {"covered": covered, "followed": followed, "clear": clear, "harm": harm}
    said: dict[str, Any] = {
        name: Answered(answer=answer, because=f"So it is with “{name}”.", evidence=Evidence.RECORD, reference="file 12")
        for name, answer in answers.items()
        if answer is not None
    }
    clause = {"clause": "12-security"} if covered is Y else {}
    return Given(**(said | clause | otherwise))


NOT_COVERED: dict[str, Any] = {"covered": N, "followed": None, "clear": None}


@kept
def acknowledged(world: World, now: datetime = WEDNESDAY, **otherwise: Any) -> int:
    """Received and acknowledged; the clock has begun the analysis."""
    with world.act() as session:
        number = known_id(received(session, now, **otherwise))
    with world.act() as session:
        acknowledge(session, now, number, HANDLER, "by letter")
    sweep_complaints(world, now)
    return number


def found(world: World, number: int, answers: Given | None = None, now: datetime = WEDNESDAY, by: str = HANDLER) -> int:
    with world.act() as session:
        return known_id(determine(session, now, number, answers or given(), by))


def broken_beside_complaints(world: World, now: datetime) -> list[str]:
    """Where complaints are rows alone, built without their history."""
    return [each for each in world.broken(now) if not each.startswith(("complaint:", "finding ", "effect ", "gap"))]


def finding(session: Session, number: int) -> Finding:
    return session.get_one(Finding, number)


def sweep_complaints(world: World, now: datetime) -> None:
    """What the clock owes every complaint, each step in its own transaction."""
    with reading(world.store) as session:
        due = complaints_due(session, now)
    for number in due:
        while _step(world, now, number):
            pass


def _step(world: World, now: datetime, number: int) -> bool:
    with transaction(world.store) as session:
        step = next_complaint_step(session, now, number)
        return step is not None and take_complaint_step(session, now, number, step)


def with_nations(world: World) -> World:
    """A party in Scotland and one in Northern Ireland join those of England."""
    with world.act() as session:
        add_party(session, protocol(session), "aberdeen", "Aberdeen", nation=Nation.SCOTLAND)
        add_party(session, protocol(session), "belfast", "Belfast", nation=Nation.NORTHERN_IRELAND)
    return world


def of_kind(world: World, kind: ComplaintKind, **policy: Any) -> None:
    """Its clocks are others in this protocol."""
    with world.act() as session:
        row = protocol(session)
        complaints = row.operating["complaints"]
        kinds = {**complaints["kinds"], kind.value: {**complaints["kinds"][kind.value], **policy}}
        row.operating = {**row.operating, "complaints": {**complaints, "kinds": kinds}}


@kept
def determined(world: World, answers: Given | None = None, now: datetime = WEDNESDAY, **otherwise: Any) -> int:
    """Acknowledged, and found to be a breakdown unless said otherwise: the complaint's number is its finding's too,
    in a world that has no other."""
    number = acknowledged(world, now, **otherwise)
    found(world, number, answers, now)
    return number


def done(world: World, action: Callable[..., Value], *about: Any, now: datetime = WEDNESDAY, **how: Any) -> Value:
    """One action in a transaction of its own."""
    with world.act() as session:
        return action(session, now, *about, **how)


def refused(world: World, action: Callable[..., object], *about: Any, now: datetime = WEDNESDAY, **how: Any) -> Refused:
    """A sentence, and nothing done."""
    before = world.rows()
    with pytest.raises(Refused) as caught, world.act() as session:
        action(session, now, *about, **how)
    assert world.rows() == before
    assert len(str(caught.value)) > 20
    return caught.value


def complaint(world: World, number: int = 1) -> Complaint:
    return world.only(Complaint, Complaint.id == number)


def owed_in(world: World, number: int = 1) -> dict[str, tuple[str, date]]:
    """What is still owed in it: by kind, to which address it was asked and by when."""
    addresses = {row.id: row.address for row in world.every(Contact)}
    rows = world.every(Obligation, Obligation.case == f"complaint:{number}", col(Obligation.outcome).is_(None))
    assert len({row.kind for row in rows}) == len(rows), "nothing is owed twice"
    return {row.kind.value: (addresses[row.contact_id].removesuffix(".example"), row.due_on) for row in rows}


def acknowledgements(world: World, number: int = 1) -> list[tuple[date, str | None]]:
    """Every day by which it was to be acknowledged, in order, and how each ended."""
    kind, case = ObligationKind.ACKNOWLEDGEMENT, f"complaint:{number}"
    return [
        (row.due_on, row.outcome.value if row.outcome else None)
        for row in world.duties(kind, Obligation.case == case)
    ]  # fmt: skip
