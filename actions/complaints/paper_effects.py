"""The numbers of the steering group's paper: what followed from determinations, and what became of the gaps."""

from collections import Counter
from typing import Any

from sqlmodel import Session, col, select

from actions.complaints.counting import Register
from models.complaint import Complaint, ComplaintEffect, Covered, Finding, Recheck, Referral, SecondReading
from models.gap import Gap, GapOrigin
from models.protocol import Protocol
from rules.determination import Effect
from rules.gap import WAITING, Stage
from rules.signals import Signal, Span


def referral_numbers(session: Session, register: Register, period: Span) -> dict[str, Any]:
    """`from` null: by the secretary; `to` null: to the secretary."""
    names = register.names
    hops = Counter(
        (register.party(row.from_id), register.party(row.to_id))
        for row in session.exec(_of(Referral, register))
        if register.day(row.referred_at) in period
    )
    ways = sorted(hops.items(), key=lambda each: (-each[1], str(each[0])))
    return {
        "total": hops.total(),
        "by_way": [
            {"from": of, "from_name": names.get(of or ""), "to": to, "to_name": names.get(to or ""), "referrals": count}
            for (of, to), count in ways
        ],
    }


def effect_numbers(session: Session, register: Register, period: Span) -> dict[str, int]:
    rows = session.exec(_of(ComplaintEffect, register))
    found = Counter(row.effect for row in rows if register.day(row.at) in period)
    return {effect.value: found[effect] for effect in Effect}


def second_reading_numbers(session: Session, register: Register, period: Span) -> dict[str, int]:
    statement = (
        select(SecondReading)
        .join(Finding, col(Finding.id) == SecondReading.finding_id)
        .join(Complaint, col(Complaint.id) == Finding.complaint_id)
        .where(Complaint.protocol_id == register.protocol_id)
    )
    read = Counter(row.agrees for row in session.exec(statement) if register.day(row.read_at) in period)
    return {"agree": read[True], "disagree": read[False]}


def recheck_numbers(session: Session, register: Register, period: Span) -> dict[str, int]:
    """Asked again after a version had answered a gap: would it now be covered?"""
    rows = list(session.exec(_of(Recheck, register)))
    answered = [row for row in rows if row.answered_at and register.day(row.answered_at) in period]
    found = Counter(row.answer for row in answered)
    return {
        "asked": sum(register.day(row.asked_at) in period for row in rows),
        "covered": found[Covered.YES],
        "partly_covered": found[Covered.PARTLY],
        "not_covered": found[Covered.NO],
        "waiting": sum(row.answered_at is None for row in rows),
    }


def gap_numbers(session: Session, register: Register, protocol: Protocol, period: Span) -> dict[str, int]:
    """What was opened, resolved and closed in the period; what waits, and is urgent, when it is written."""
    gaps = session.exec(select(Gap).where(Gap.protocol_id == protocol.id)).all()
    origins = select(GapOrigin.gap_id).where(col(GapOrigin.case).startswith("complaint:"))
    from_complaints = set(session.exec(origins))
    opened = [gap for gap in gaps if register.day(gap.opened_at) in period]
    ended = Counter(gap.stage for gap in gaps if gap.closed_at and register.day(gap.closed_at) in period)
    waiting = [gap for gap in gaps if gap.stage in WAITING]
    return {
        "opened": len(opened),
        "opened_from_complaints": sum(gap.id in from_complaints for gap in opened),
        "resolved": ended[Stage.RESOLVED],
        "closed": ended[Stage.CLOSED],
        "waiting": len(waiting),
        "proposed": sum(gap.stage is Stage.PROPOSED for gap in waiting),
        "urgent": sum(gap.urgent for gap in waiting),
    }


def signal_facts(signal: Signal, names: dict[str, str]) -> dict[str, Any]:
    return {
        "kind": signal.kind.value,
        "subject": signal.subject,
        "name": names.get(signal.subject),
        "count": signal.count,
        "threshold": signal.threshold,
        "first_day": signal.first_day.isoformat(),
        "last_day": signal.last_day.isoformat(),
        "complaints": list(signal.complaints),
        "sentence": signal.sentence,
    }


def _of(table: Any, register: Register) -> Any:
    complaints = select(Complaint.id).where(Complaint.protocol_id == register.protocol_id)
    return select(table).where(col(table.complaint_id).in_(complaints)).order_by(table.id)
