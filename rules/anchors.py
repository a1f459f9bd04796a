"""Dates counted from other dates: the corresponding date, anniversaries, the day notice must be given.

The corresponding-date rule (Dodds v Walker [1981] 1 WLR 1027): a period of calendar months ends on the day
of the same number, or on the last day of a month that has none; the day of the event is not counted. It is
not reversible (28 February plus one month is 28 March), so the anchor is kept and the rest derived from it.
"""

import calendar
from datetime import date, timedelta

from rules.errors import Refused
from rules.instants import OutsideTheCalendar
from rules.periods import Period, Unit
from rules.working_days import Holidays, Nation, add_working_days, working_day_on_or_before


class NationNeeded(Refused):
    """Facts differ between the nations on about ten days a year; a default would be wrong for somebody."""

    def __init__(self) -> None:
        super().__init__(
            "Say whose bank holidays count (england-and-wales, scotland or northern-ireland): "
            "working days differ between the nations."
        )


class HoursNeedAnInstant(Refused):
    def __init__(self, period: Period) -> None:
        super().__init__(
            f"A period of hours ({period}) is counted from an instant, not from a day: give the time and "
            "its offset, such as 2026-10-23T16:20+01:00."
        )


class NotAnInterval(Refused):
    """Only months and years come back to the same date each time."""

    def __init__(self, interval: Period) -> None:
        super().__init__(
            f"“{interval}” cannot be the interval of a recurring date: use calendar months or years, "
            "such as P6M or P1Y."
        )


def corresponding_day(day: date, months: int) -> date:
    """That many calendar months later (negative: earlier), clamped to the month's last day.

    Raises OutsideTheCalendar.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise OutsideTheCalendar
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_before(day: date, months: int) -> date:
    """The corresponding date so many months earlier: 31 March less one month is 28 or 29 February."""
    return corresponding_day(day, -months)


def anniversary(anchor: date, interval: Period, nth: int = 1) -> date:
    """The nth return of the anchor's date; always counted from the anchor, so 29 February comes back as such.

    Raises NotAnInterval unless the interval is of months or years, OutsideTheCalendar.
    """
    if interval.unit is not Unit.MONTHS:
        raise NotAnInterval(interval)
    return corresponding_day(anchor, interval.count * nth)


def next_anniversary(anchor: date, interval: Period, after: date) -> date:
    """The first date of the series *after* that day; the anchor itself is the first of the series.

    Depends on the anchor only, never on when the last review was held or ended (protocol §14).
    Raises NotAnInterval, OutsideTheCalendar.
    """
    months = (after.year - anchor.year) * 12 + after.month - anchor.month
    nth = max(0, months // interval.count)
    while (day := anniversary(anchor, interval, nth)) <= after:
        nth += 1
    return day


def counted(
    period: Period,
    start: date,
    *,
    back: bool = False,
    nation: Nation | None = None,
    holidays: Holidays | None = None,
) -> date:
    """The day a period of days, months or working days leads to; the start day itself is not counted.

    Raises NationNeeded for working days without a nation, HoursNeedAnInstant for hours,
    BeyondPublishedHolidays, OutsideTheCalendar.
    """
    n = -period.count if back else period.count
    try:
        match period.unit:
            case Unit.MONTHS:
                return corresponding_day(start, n)
            case Unit.DAYS:
                return start + timedelta(days=n)
            case Unit.WORKING_DAYS:
                return add_working_days(start, n, needed(nation), holidays)
            case Unit.MINUTES:
                raise HoursNeedAnInstant(period)
    except OverflowError:
        raise OutsideTheCalendar from None


def needed(nation: Nation | None) -> Nation:
    """Raises NationNeeded, where a rule cannot go on without one."""
    if nation is None:
        raise NationNeeded
    return nation


def notice_day(review_on: date, notice: Period, nation: Nation, holidays: Holidays | None = None) -> date:
    """The last working day on which “not later than `notice` before the review” is still kept.

    The corresponding date, going back over weekends and that nation's bank holidays: going forward
    would give less notice than promised. Raises BeyondPublishedHolidays.
    """
    day = counted(notice, review_on, back=True, nation=nation, holidays=holidays)
    return working_day_on_or_before(day, nation, holidays)
