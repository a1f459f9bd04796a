"""What is counted of complaints: determinations that stand, and acknowledgements. Ids, dates and names of bodies only.

A query for all complaints of a protocol, never one for each.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from actions.cast import known_id
from actions.complaints.standing import standing_among
from actions.policy import zone_of
from models.complaint import Complaint, ComplaintOutcome, Finding
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Clause, Party, Protocol
from rules.complaint import STATUTORY
from rules.determination import Result
from rules.instants import local_day
from rules.signals import Acknowledgement, Breakdown

BROKEN = frozenset({Result.BREAKDOWN, Result.BOTH})  # a clause was not followed
EARLY = frozenset({ComplaintOutcome.WITHDRAWN, ComplaintOutcome.NOT_OURS})  # says nothing of the protocol


@dataclass(frozen=True)
class Register:
    """A protocol's complaints, with what names them: parties by their ids, clauses by theirs."""

    protocol_id: int
    complaints: Mapping[int, Complaint]
    parties: Mapping[int, Party]
    clauses: Mapping[int, str]
    zone: ZoneInfo

    def day(self, instant: datetime) -> date:
        return local_day(instant, self.zone)

    def party(self, number: int | None) -> str | None:
        return self.parties[number].slug if number is not None else None

    @property
    def names(self) -> dict[str, str]:
        return {party.slug: party.name for party in self.parties.values()}


@dataclass(frozen=True, kw_only=True)
class Determination:
    """A finding that stands. `since`: from when it has been said that this party broke this clause here."""

    finding: int
    complaint: int
    party: str
    clause: str | None
    result: Result
    day: date
    since: date
    corrects: bool


def register_of(session: Session, protocol: Protocol) -> Register:
    complaints = session.exec(select(Complaint).where(Complaint.protocol_id == protocol.id).order_by(col(Complaint.id)))
    parties = session.exec(select(Party).where(Party.protocol_id == protocol.id).order_by(col(Party.name))).all()
    clauses = session.exec(
        select(Clause.id, Clause.key).where(Clause.protocol_id == protocol.id).order_by(col(Clause.position))
    ).all()
    return Register(
        known_id(protocol),
        {each.id: each for each in complaints if each.id is not None},
        {each.id: each for each in parties if each.id is not None},
        {number: key for number, key in clauses if number is not None},
        zone_of(protocol),
    )


def determinations(session: Session, register: Register) -> list[Determination]:
    """Those that stand, of complaints that were neither withdrawn nor found not to be ours; the oldest first."""
    rows = list(_findings(session, register.protocol_id))
    by_id = {row.id: row for row in rows}
    return [
        Determination(
            finding=row.id or 0, complaint=row.complaint_id, party=register.parties[row.party_id].slug,
            clause=register.clauses[row.clause_id] if row.clause_id is not None else None, result=row.result,
            day=register.day(row.determined_at), since=register.day(_first_said(row, by_id).determined_at),
            corrects=row.corrects_id is not None,
        )
        for row in standing_among(rows)
        if register.complaints[row.complaint_id].outcome not in EARLY
    ]  # fmt: skip


def _findings(session: Session, protocol_id: int) -> Iterable[Finding]:
    of = select(Complaint.id).where(Complaint.protocol_id == protocol_id)
    return session.exec(select(Finding).where(col(Finding.complaint_id).in_(of)).order_by(col(Finding.id)))


def _first_said(row: Finding, by_id: Mapping[int | None, Finding]) -> Finding:
    """A correction of the reasons alone makes an old breakdown no new one."""
    while (before := by_id.get(row.corrects_id)) is not None and _says_the_same(before, row):
        row = before
    return row


def _says_the_same(one: Finding, other: Finding) -> bool:
    return (
        {one.result, other.result} <= BROKEN and one.clause_id == other.clause_id and one.party_id == other.party_id
    )  # fmt: skip


def breakdowns(found: Iterable[Determination]) -> Iterator[Breakdown]:
    for each in found:
        if each.result in BROKEN:
            yield Breakdown(each.clause, each.party, each.since, each.complaint)


@dataclass(frozen=True, kw_only=True)
class Owed:
    """An acknowledgement, `statutory` where the Data Protection Act 2018, section 164A asks for it."""

    acknowledgement: Acknowledgement
    statutory: bool
    counted_on: date  # its last day; where the complaint was recorded after that, the day it was recorded


def acknowledgements(session: Session, register: Register) -> list[Owed]:
    """Each once, at the party that owes it, or the secretary (None), never at the one that is complained of because it
    is: what was handed on is counted where it went. Waived: not owed."""
    statement = select(Obligation).where(
        Obligation.protocol_id == register.protocol_id, Obligation.kind == ObligationKind.ACKNOWLEDGEMENT
    )
    found = []
    for duty in session.exec(statement.order_by(col(Obligation.id))):
        complaint = register.complaints.get(int(duty.case.partition(":")[2]))
        if complaint is not None and _counts(duty, complaint, register):
            found.append(_owed(duty, complaint, register))
    return found


def _counts(duty: Obligation, complaint: Complaint, register: Register) -> bool:
    """Lapsed in time: there was nobody to acknowledge it to any more. Lapsed after its day, it was late: an early end
    takes nothing back. Where nobody could be told, nobody was late."""
    if complaint.untold_id is not None and complaint.acknowledged_at is None:
        return False
    match duty.outcome:
        case Outcome.WAIVED | Outcome.SUPERSEDED:
            return False
        case Outcome.LAPSED:
            return duty.discharged_at is not None and register.day(duty.discharged_at) > duty.due_on
        case _:
            return True


def _owed(duty: Obligation, complaint: Complaint, register: Register) -> Owed:
    """Given when the complainant had it, not when somebody recorded that: its outcome, told in time, does as well."""
    told = [at for at in (complaint.acknowledged_at, complaint.told_at) if at is not None]
    done = min(told) if duty.outcome is Outcome.ANSWERED and told else duty.discharged_at
    party = register.party(duty.party_id)
    return Owed(
        acknowledgement=Acknowledgement(party, duty.due_on, register.day(done) if done else None, complaint.id or 0),
        statutory=complaint.kind in STATUTORY,
        counted_on=max(duty.due_on, register.day(complaint.recorded_at)),
    )
