"""What must always be true of what is owed in a complaint. Reads only."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from actions.complaints.unfinished import DETERMINED
from actions.policy import zone_of
from models.complaint import Complaint, Recheck
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Matter, MatterKind, Protocol, Version
from rules.complaint import STATUTORY, Stage
from rules.instants import local_day

Broken = Iterator[str]

OUTLIVES = (ObligationKind.LOCAL_ACTION, ObligationKind.RECHECK)
OF_COMPLAINTS = col(Obligation.case).startswith("complaint:")
LAW_DAYS = 30  # DPA 2018 s.164A(3)
LONGEST_ROLL = 10  # days that weekends and bank holidays in a row may add


def no_hop_has_stopped_the_clock(session: Session, _now: datetime) -> Broken:
    """Thirty days from the first receipt, wherever it went; in one nation there is one such day."""
    days: dict[tuple[str, str], set[object]] = defaultdict(set)
    for complaint, duty, protocol in _acknowledgements(session):
        if complaint.kind not in STATUTORY:
            continue
        days[complaint.case, duty.nation.value].add(duty.due_on)
        received = local_day(complaint.received_at, zone_of(protocol))
        if duty.due_on > received + timedelta(days=LAW_DAYS + LONGEST_ROLL):
            yield f"{duty.key}: is due on {duty.due_on}, more than thirty days after {received}"
    for (case, nation), due in days.items():
        if len(due) > 1:
            yield f"{case}: its acknowledgement had {len(due)} last days in {nation}"


def _acknowledgements(session: Session) -> Iterator[tuple[Complaint, Obligation, Protocol]]:
    complaints = {complaint.case: complaint for complaint in session.exec(select(Complaint))}
    protocols = {protocol.id: protocol for protocol in session.exec(select(Protocol))}
    asked = select(Obligation).where(OF_COMPLAINTS, Obligation.kind == ObligationKind.ACKNOWLEDGEMENT)
    for duty in session.exec(asked):
        if duty.case in complaints:
            yield complaints[duty.case], duty, protocols[duty.protocol_id]


def what_its_stage_brings_is_owed(session: Session, _now: datetime) -> Broken:
    """Nobody waits for nobody: an acknowledgement until it was given, progress until the outcome, an analysis."""
    owed = Counter(
        session.exec(select(Obligation.case, Obligation.kind).where(OF_COMPLAINTS, col(Obligation.outcome).is_(None)))
    )
    known = session.exec(
        select(Obligation.case, Obligation.kind, Obligation.outcome).where(OF_COMPLAINTS).order_by(col(Obligation.id))
    )
    last = {
        (case, ObligationKind(kind)): Outcome(outcome) if outcome is not None else None for case, kind, outcome in known
    }
    for complaint in session.exec(select(Complaint).where(Complaint.stage != Stage.CLOSED)):
        for kind in _brought(complaint, last):
            if (found := owed[complaint.case, kind]) != 1:
                yield f"{complaint.case}: is {complaint.stage}, and {found or 'no'} {kind} is owed"


def _brought(
    complaint: Complaint, last: Mapping[tuple[str, ObligationKind], Outcome | None]
) -> Iterator[ObligationKind]:
    """What policy asks for may have been otherwise when it came: what was owed once is owed until it is answered, or
    nobody can be told, or the complaint has ended; whether progress is owed again after that is policy's. `last`: how
    the newest ended."""
    acknowledged, progress = ObligationKind.ACKNOWLEDGEMENT, ObligationKind.PROGRESS
    by_law = complaint.kind in STATUTORY or (complaint.case, acknowledged) in last
    if complaint.acknowledged_at is None and complaint.untold_id is None and by_law:
        yield acknowledged
    going_on = last.get((complaint.case, progress), Outcome.ANSWERED) in (None, Outcome.SUPERSEDED)
    if complaint.acknowledged_at and complaint.told_at is None and complaint.untold_id is None and going_on:
        yield progress
    if complaint.stage is Stage.ANALYSING:
        yield ObligationKind.ANALYSIS


def what_waits_to_be_closed_is_determined(session: Session, _now: datetime) -> Broken:
    """On the secretary's list. Whoever takes it off by hand has seen it, and there was no such line once."""
    stages = {complaint.case: complaint.stage for complaint in session.exec(select(Complaint))}
    of_complaints = col(Matter.kind) == MatterKind.COMPLAINT, col(Matter.closed_at).is_(None)
    for key, case in session.exec(select(Matter.key, Matter.source).where(*of_complaints)):
        if f"{case}{DETERMINED}" in key and stages.get(case or "") is not Stage.DETERMINED:
            yield f"{key}: is on the list as determined, and is {stages.get(case or '')}"


def what_is_closed_owes_nothing(session: Session, _now: datetime) -> Broken:
    """But what was agreed to be put in place, and whether a later version covers it."""
    closed = {complaint.case for complaint in session.exec(select(Complaint).where(Complaint.stage == Stage.CLOSED))}
    statement = select(Obligation.key, Obligation.case).where(
        OF_COMPLAINTS, col(Obligation.outcome).is_(None), col(Obligation.kind).not_in(OUTLIVES)
    )
    for key, case in session.exec(statement):
        if case in closed:
            yield f"{key}: still owed, although the complaint is closed"


def whoever_is_asked_again_owes_an_answer(session: Session, _now: datetime) -> Broken:
    asked = select(Recheck, Version.label).join(Version, col(Version.id) == Recheck.version_id)
    owed = set(
        session.exec(
            select(Obligation.case, Obligation.subject).where(
                Obligation.kind == ObligationKind.RECHECK, col(Obligation.outcome).is_(None)
            )
        )
    )
    for recheck, label in session.exec(asked):
        waits = (f"complaint:{recheck.complaint_id}", f"version:{label}") in owed
        if waits == (recheck.answer is not None):
            said = "was answered and is still owed" if waits else "was asked, and nobody owes an answer"
            yield f"complaint:{recheck.complaint_id}: whether version {label} covers it {said}"
