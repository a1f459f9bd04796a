"""By when a complaint is acknowledged, reported on, analysed: counted from when the first party received it."""

from datetime import date, datetime

from sqlmodel import Session

from actions.breaches.windows import COUNTED_SO, Counted, in_weekdays_if_need_be
from actions.complaints.moving import nation_of, protocol_of
from actions.holidays import ask_for_holidays
from actions.policy import complaint_clocks, today_of, zone_of
from models import history
from models.complaint import Complaint
from models.obligation import ObligationKind
from models.protocol import Protocol
from models.protocol_file.complaints import LAW_DAYS, within_the_law
from rules.complaint import STATUTORY
from rules.deadlines import Roll, deadline
from rules.periods import parse_period
from rules.working_days import Holidays, Nation, working_day_on_or_after


def acknowledgement_due(session: Session, complaint: Complaint, nation: Nation) -> Counted | None:
    """None where its kind is not acknowledged. DPA 2018 s.164A(3): thirty days, day 1 is the day after receipt; an end
    that is no working day goes forward. Receipt is the first party's, whoever answers now: a hop stops no clock."""
    protocol = protocol_of(session, complaint)
    period = _period_to_acknowledge(protocol, complaint, nation)
    return _counted(protocol, period, complaint.received_at, nation) if period else None


def _period_to_acknowledge(protocol: Protocol, complaint: Complaint, nation: Nation) -> str | None:
    """Policy's; of a kind that the Act knows, the Act's where that ends earlier: a row from before may allow more."""
    stated = complaint_clocks(protocol, complaint.kind).acknowledgement
    if stated is None or complaint.kind not in STATUTORY or within_the_law(stated):
        return stated

    def ends(period: str) -> int:
        return _counted(protocol, period, complaint.received_at, nation).due.toordinal()

    return min(f"P{LAW_DAYS}D", stated, key=ends)


def progress_due(session: Session, complaint: Complaint, since: datetime, nation: Nation) -> Counted | None:
    """s.164A(4): informed about progress; how often is a choice."""
    protocol = protocol_of(session, complaint)
    period = complaint_clocks(protocol, complaint.kind).progress
    return _counted(protocol, period, since, nation) if period else None


def analysis_due(session: Session, now: datetime, complaint: Complaint, nation: Nation) -> Counted:
    """A target, counted from receipt; where that has passed, as long again from today."""
    protocol = protocol_of(session, complaint)
    period = complaint_clocks(protocol, complaint.kind).analysis
    counted = _counted(protocol, period, complaint.received_at, nation)
    past = isinstance(counted.due, date) and counted.due < today_of(protocol, now)
    return _counted(protocol, period, now, nation) if past else counted


def explained(session: Session, complaint: Complaint) -> str | None:
    """How its acknowledgement was counted, in a sentence that can be checked on a paper calendar."""
    protocol, nation = protocol_of(session, complaint), nation_of(session, complaint)
    period = _period_to_acknowledge(protocol, complaint, nation)
    if period is None:
        return None
    parsed = parse_period(period)

    def explain(holidays: Holidays | None) -> str:
        return deadline(
            parsed, complaint.received_at, nation=nation, roll=Roll.FORWARD, zone=zone_of(protocol), holidays=holidays
        ).because

    said, unknown = in_weekdays_if_need_be(protocol, complaint.received_at, explain)
    return f"{said} {unknown} {COUNTED_SO}" if unknown else said


def note_doubt(session: Session, now: datetime, complaint: Complaint, counted: Counted, kind: ObligationKind) -> None:
    """In history, in words, and on the secretary's list: nobody can count its working days yet."""
    if counted.unknown is not None:
        history.write(
            session, complaint.case, now, history.CLOCK, "counted without bank holidays", obligation=kind.value,
            because=counted.doubt,
        )  # fmt: skip
        ask_for_holidays(session, now, protocol_of(session, complaint), counted.unknown)


def _counted(protocol: Protocol, period: str, start: datetime, nation: Nation) -> Counted:
    parsed = parse_period(period)

    def count(holidays: Holidays | None) -> date:
        due = deadline(parsed, start, nation=nation, roll=Roll.FORWARD, zone=zone_of(protocol), holidays=holidays).day
        return working_day_on_or_after(due, nation, holidays)

    return Counted(*in_weekdays_if_need_be(protocol, start, count))
