"""The steering group's paper: a period's complaints in numbers, written when the period is over, and kept as it was.

Done is a row: after an outage the missed ones are written, oldest first, and the secretary hears of them once.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, and_, col, or_, select

from actions.cast import NotThere, known_id, secretary_of
from actions.complaints import paper_effects as effects
from actions.complaints import paper_numbers as numbers
from actions.complaints.counting import acknowledgements, determinations, register_of
from actions.complaints.signalling import raise_signals, signals_on
from actions.moving import protocol_locked
from actions.policy import operating_of, today_of, zone_of
from actions.telling import tell
from models import history
from models.complaint import AnalysisPaper, Complaint
from models.inserting import insert_unless_there
from models.protocol import Protocol
from notifications.messages import AnalysisPaperReady
from rules.instants import local_day
from rules.report_periods import Length, ended_periods, months_to, period_in_words, period_with
from rules.signals import Span

LENGTHS = {"monthly": Length.MONTHLY, "quarterly": Length.QUARTERLY}
MONTHS_OF_TRENDS = 12
FORMAT = 1  # of the facts: readers of kept papers look at it


def paper_facts(session: Session, now: datetime, protocol: Protocol, first_day: date, last_day: date) -> dict[str, Any]:
    """Numbers in JSON's own terms, by what is known now: of a period that goes on, as far as it has gone."""
    period, today = Span(first_day, last_day), today_of(protocol, now)
    months, register = months_to(last_day, MONTHS_OF_TRENDS), register_of(session, protocol)
    so_far = Span(first_day, min(last_day, today))
    found, owed = determinations(session, register), acknowledgements(session, register)
    standing = signals_on(session, protocol, so_far.last_day, register)
    return {
        "format": FORMAT,
        "protocol": {"slug": protocol.slug, "name": protocol.short_name},
        "period": {
            "first_day": first_day.isoformat(), "last_day": last_day.isoformat(), "written_on": today.isoformat(),
            "is_over": last_day < today,
        },
        "received": numbers.received_numbers(register, period, months),
        "ended": numbers.ended_numbers(register, period),
        "stages": numbers.stage_numbers(register),
        "parties": numbers.party_numbers(register, found, period),
        "clauses": numbers.clause_numbers(session, register, found, period),
        "determinations": numbers.determined_numbers(found, period, months),
        "second_readings": effects.second_reading_numbers(session, register, period),
        "acknowledgements": numbers.acknowledgement_numbers(register, owed, period, today),
        "referrals": effects.referral_numbers(session, register, period),
        "suggestions": numbers.suggestion_numbers(session, register, found, period),
        "effects": effects.effect_numbers(session, register, period),
        "signals": [effects.signal_facts(each, register.names) for each in standing],
        "gaps": effects.gap_numbers(session, register, protocol, period),
        "rechecks": effects.recheck_numbers(session, register, period),
    }  # fmt: skip


def keep_paper(session: Session, now: datetime, protocol: Protocol) -> list[AnalysisPaper]:
    """Of every period that is over and has none yet; the signals of today are raised with them. Answers the new."""
    protocol_locked(session, protocol)
    history.hold(session, f"protocol:{protocol.slug}")
    raise_signals(session, now, protocol)
    written = [_keep(session, now, protocol, period) for period in _owed(session, now, protocol)]
    kept = [paper for paper in written if paper is not None]
    if kept:
        _tell_secretary(session, now, protocol, kept)
    return kept


def kept_paper(session: Session, protocol: Protocol, period: Span | None = None) -> AnalysisPaper:
    """Of that period, or the newest. A quarter of which months had papers of their own is the rest of it. Raises
    NotThere."""
    statement = select(AnalysisPaper).where(AnalysisPaper.protocol_id == protocol.id)
    if period is not None:
        first, last_month = col(AnalysisPaper.first_day), period.last_day.replace(day=1)
        rest = and_(first > period.first_day, first < last_month)
        statement = statement.where(AnalysisPaper.last_day == period.last_day, or_(first == period.first_day, rest))
    found = session.exec(statement.order_by(col(AnalysisPaper.last_day).desc())).first()
    if found is None:
        of = f" of {period_in_words(*period)}" if period else ""
        raise NotThere(
            f"No paper{of} has been kept for {protocol.slug}. Of the period that goes on: `concordat complaint paper "
            "--draft`."
        )
    return found


def newest_papers(session: Session, protocol: Protocol, count: int) -> list[AnalysisPaper]:
    """At most so many, the newest last."""
    statement = select(AnalysisPaper).where(AnalysisPaper.protocol_id == protocol.id)
    return list(session.exec(statement.order_by(col(AnalysisPaper.last_day).desc()).limit(count)))[::-1]


def period_going_on(protocol: Protocol, now: datetime) -> Span:
    return period_with(today_of(protocol, now), length_of(protocol))


def length_of(protocol: Protocol) -> Length:
    return LENGTHS[operating_of(protocol).complaints.paper]


def _owed(session: Session, now: datetime, protocol: Protocol) -> list[Span]:
    """From the first complaint on, never from before the protocol was loaded; after the newest that is kept, so that
    another length of period, from some day on, writes nothing anew and leaves nothing out: the first longer one
    begins where the newest ended.
    """
    of_protocol = select(Complaint.recorded_at).where(Complaint.protocol_id == protocol.id)
    first = session.exec(of_protocol.order_by(col(Complaint.recorded_at)).limit(1)).first()
    if first is None:
        return []
    since = local_day(max(first, protocol.loaded_at), zone_of(protocol))
    ended = ended_periods(since, today_of(protocol, now), length_of(protocol))
    if not (newest := newest_papers(session, protocol, 1)):
        return list(ended)
    begins = newest[0].last_day + timedelta(days=1)
    return [Span(max(each.first_day, begins), each.last_day) for each in ended if each.last_day >= begins]


def _keep(session: Session, now: datetime, protocol: Protocol, period: Span) -> AnalysisPaper | None:
    facts = paper_facts(session, now, protocol, *period)
    row = AnalysisPaper(
        protocol_id=known_id(protocol), first_day=period.first_day, last_day=period.last_day, facts=facts, made_at=now
    )  # fmt: skip
    if not insert_unless_there(session, row):
        return None
    history.write(
        session, f"protocol:{protocol.slug}", now, history.CLOCK, "complaint paper kept", paper=row.id,
        first_day=period.first_day.isoformat(), last_day=period.last_day.isoformat(),
    )  # fmt: skip
    return row


def _tell_secretary(session: Session, now: datetime, protocol: Protocol, kept: Sequence[AnalysisPaper]) -> None:
    """Of the newest, with the number of those that were caught up before it."""
    newest, case = kept[-1], f"protocol:{protocol.slug}"
    facts = newest.facts
    of = f"{protocol.slug}:complaint-paper:{newest.first_day.isoformat()}:{newest.last_day.isoformat()}"
    tell(
        session, now, protocol, secretary_of(session, known_id(protocol)), case, of,
        lambda h: AnalysisPaperReady(
            **h, period=period_in_words(newest.first_day, newest.last_day), earlier=len(kept) - 1,
            received=facts["received"]["total"], determined=facts["determinations"]["issues"],
            late=facts["acknowledgements"]["late"], signals=len(facts["signals"]), gaps=facts["gaps"]["waiting"],
            command=f"concordat complaint paper --protocol {protocol.slug}",
        ),
    )  # fmt: skip
