"""Days by which somebody in a breach is asked, also where nobody can count their working days yet.

What the law asks is never kept from being recorded by a window of our own, nor by the protocol's: beyond the published
bank holidays every weekday counts, which is never later than the true day, and it is said that it was counted so.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple, TypeVar

from sqlmodel import Session

from actions.holidays import ask_for_holidays
from actions.policy import due_after, partners_at_once, partners_due, partners_have_a_clock, today_of
from models import history
from models.breach import Breach
from models.obligation import Obligation
from models.protocol import Protocol
from rules.working_days import BeyondPublishedHolidays, Holidays, published

LONGEST = timedelta(days=3 * 366)  # longer than any window that a protocol file may give
Value = TypeVar("Value")
COUNTED_SO = "So every weekday after them was counted as a working day; the true day may be later."


class Counted(NamedTuple):
    """`unknown`: why nobody can say yet that this is the day. `without_figure`: it is when Concordat asks again."""

    due: datetime | date
    unknown: BeyondPublishedHolidays | None = None
    without_figure: bool = False

    @property
    def doubt(self) -> str | None:
        return f"{self.unknown} {COUNTED_SO}" if self.unknown else None


def window_day(protocol: Protocol, window: str, now: datetime) -> Counted:
    """As `due_after`, which refuses where this falls back."""
    return Counted(*in_weekdays_if_need_be(protocol, now, lambda holidays: due_after(protocol, window, now, holidays)))


def partners_clock(protocol: Protocol, now: datetime) -> Counted | None:
    """As `partners_due`; None where the protocol sets no clock."""
    if not partners_have_a_clock(protocol):
        return None
    due, unknown = in_weekdays_if_need_be(protocol, now, lambda holidays: partners_due(protocol, now, holidays))
    return Counted(due, unknown, without_figure=partners_at_once(protocol))


def note_doubt(
    session: Session, now: datetime, breach: Breach, protocol: Protocol, duty: Obligation, counted: Counted
) -> None:
    """In history, in words, and on the secretary's list."""
    if counted.unknown is None:
        return
    history.write(
        session, breach.case, now, history.CLOCK, "counted without bank holidays", obligation=duty.key,
        because=counted.doubt,
    )  # fmt: skip
    ask_for_holidays(session, now, protocol, counted.unknown)


def in_weekdays_if_need_be(
    protocol: Protocol, start: datetime, count: Callable[[Holidays | None], Value]
) -> tuple[Value, BeyondPublishedHolidays | None]:
    """What `count` makes of the published bank holidays; beyond them, of weekdays, and why."""
    try:
        return count(None), None
    except BeyondPublishedHolidays as unknown:
        return count(published().weekdays_until(today_of(protocol, start) + LONGEST)), unknown
