"""Signals on the secretary's list: once when the numbers reach a threshold, and again only when they had gone below.

What has been raised is in the protocol's history. A dip that comes and goes between two looks is not seen.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from actions.complaints.counting import Register, acknowledgements, breakdowns, determinations, register_of
from actions.matters import close_matter, open_matter
from actions.moving import protocol_locked
from actions.policy import operating_of, today_of
from models import history
from models.history import History
from models.protocol import Matter, MatterKind, Protocol
from rules.anchors import counted
from rules.periods import parse_period
from rules.signals import Signal, SignalKind, Span, Thresholds, signals

RAISED, OVER = "signal raised", "signal over"
IN_WORDS = "the numbers are below the threshold again"

OF_A_CLAUSE = frozenset({SignalKind.CLAUSE_PARTIES, SignalKind.CLAUSE_TIMES})
OR_CLOSE = "If nothing follows: `concordat matter close NUMBER --because TEXT`."


def signals_on(session: Session, protocol: Protocol, day: date, register: Register | None = None) -> tuple[Signal, ...]:
    """Those that stand at the end of that day, by what is known now. Reads only."""
    known = register or register_of(session, protocol)
    owed = acknowledgements(session, known)
    return signals(
        breakdowns(determinations(session, known)),
        [each.acknowledgement for each in owed],
        _thresholds(protocol),
        _window(protocol, day),
        known.names,
    )


def raise_signals(session: Session, now: datetime, protocol: Protocol) -> list[Signal]:
    """A matter for each that stands and did not at the last look; those that have gone are closed. Answers the new."""
    protocol_locked(session, protocol)
    history.hold(session, _case(protocol))
    standing = signals_on(session, protocol, today_of(protocol, now))
    said, times = _said(session, protocol)
    new = [signal for signal in standing if said.get(signal.key) != RAISED]
    for signal in new:
        _raise(session, now, protocol, signal, times[signal.key] + 1)
    _end_others(session, now, protocol, {key for key, what in said.items() if what == RAISED}, standing)
    return new


def _thresholds(protocol: Protocol) -> Thresholds:
    stated = operating_of(protocol).complaints.signals
    return Thresholds(
        clause_parties=stated.clause_parties, clause_times=stated.clause_times, party_times=stated.party_times,
        late_acknowledgements=stated.late_acknowledgements,
    )  # fmt: skip


def _window(protocol: Protocol, day: date) -> Span:
    """Counted back from the day: of a year to 31 March, 1 April is the first day."""
    within = parse_period(operating_of(protocol).complaints.signals.within)
    return Span(counted(within, day, back=True, nation=protocol.nation) + timedelta(days=1), day)


def _said(session: Session, protocol: Protocol) -> tuple[dict[str, str], Counter[str]]:
    """By the signal's key: what was said of it last, and how often it has been raised."""
    statement = select(History.what, History.details).where(
        History.case == _case(protocol), col(History.what).in_((RAISED, OVER))
    )
    last, times = {}, Counter[str]()
    for what, details in session.exec(statement.order_by(col(History.seq))):
        last[details["signal"]] = what
        times[details["signal"]] += what == RAISED
    return last, times


def _raise(session: Session, now: datetime, protocol: Protocol, signal: Signal, time: int) -> None:
    open_matter(
        session, now, protocol, MatterKind.SIGNAL, _matter_key(signal.key, time), signal.sentence, _todo(signal)
    )
    history.write(
        session, _case(protocol), now, history.CLOCK, RAISED, signal=signal.key, time=time, count=signal.count,
        threshold=signal.threshold, complaints=list(signal.complaints),
    )  # fmt: skip


def _todo(signal: Signal) -> str:
    if signal.kind in OF_A_CLAUSE:
        return f"Ask it at the next review: `concordat gap open {signal.subject} --words TEXT`. {OR_CLOSE}"
    return f"Ask the party. If the protocol is wanting: `concordat gap open CLAUSE --words TEXT`. {OR_CLOSE}"


def _end_others(
    session: Session, now: datetime, protocol: Protocol, raised: set[str], standing: Iterable[Signal]
) -> None:
    for key in sorted(raised - {signal.key for signal in standing}):
        history.write(session, _case(protocol), now, history.CLOCK, OVER, signal=key)
        stem = f"{protocol.slug}:{_matter_key(key, '')}"
        for matter in session.exec(select(Matter).where(col(Matter.key).startswith(stem, autoescape=True))):
            close_matter(session, now, matter, IN_WORDS)


def _matter_key(key: str, time: int | str) -> str:
    return f"signal:{key}:{time}"


def _case(protocol: Protocol) -> str:
    return f"protocol:{protocol.slug}"
