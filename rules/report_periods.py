"""The months and quarters that a report covers, and which of them have ended."""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import IntEnum

from rules.anchors import corresponding_day
from rules.errors import Refused
from rules.sentences import written_day, written_month
from rules.signals import Span


class NotAReportPeriod(Refused):
    def __init__(self, found: str) -> None:
        super().__init__(f"“{found}” is neither a month such as 2027-03 nor a quarter such as 2027-Q1.")


class Length(IntEnum):
    """In months. Both begin with the calendar year."""

    MONTHLY = 1
    QUARTERLY = 3


def period_with(day: date, length: Length) -> Span:
    """The month or quarter in which the day lies."""
    first = date(day.year, (day.month - 1) // length * length + 1, 1)
    return Span(first, corresponding_day(first, length) - timedelta(days=1))


def ended_periods(since: date, today: date, length: Length) -> Iterator[Span]:
    """From the one in which `since` lies to the last that is over, oldest first."""
    period = period_with(since, length)
    while period.last_day < today:
        yield period
        period = period_with(period.last_day + timedelta(days=1), length)


def months_to(day: date, count: int) -> tuple[Span, ...]:
    """That many whole months, the last being the one in which the day lies."""
    return tuple(period_with(corresponding_day(day, back - count + 1), Length.MONTHLY) for back in range(count))


def parse_report_period(text: str) -> Span:
    """“2027-03” or “2027-Q1”. Raises NotAReportPeriod."""
    year, _, part = text.strip().upper().partition("-")
    try:
        if not (len(year) == 4 and text.isascii() and 2 <= int(year) <= 9998):
            raise ValueError
        if part.startswith("Q") and part[1:] in ("1", "2", "3", "4"):
            return period_with(date(int(year), int(part[1:]) * 3, 1), Length.QUARTERLY)
        if len(part) != 2:
            raise ValueError
        return period_with(date(int(year), int(part), 1), Length.MONTHLY)
    except ValueError:
        raise NotAReportPeriod(text) from None


def period_in_words(first_day: date, last_day: date) -> str:
    """“March 2027”, “January 2027 to March 2027”; of other days, these."""
    whole = first_day.day == 1 and (last_day + timedelta(days=1)).day == 1
    if not whole:
        return f"{written_day(first_day)} to {written_day(last_day)}"
    if (first_day.year, first_day.month) == (last_day.year, last_day.month):
        return written_month(first_day)
    return f"{written_month(first_day)} to {written_month(last_day)}"
