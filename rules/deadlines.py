"""When something is due, and the one sentence that lets a person check it on a paper calendar."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from rules.anchors import HoursNeedAnInstant, counted, needed
from rules.errors import Refused
from rules.instants import LONDON, elapsed, end_of_day, local_day, require_aware
from rules.periods import Period, Unit
from rules.sentences import listed, short_day, written_day, written_instant, written_month
from rules.working_days import (
    Holidays,
    Nation,
    is_working_day,
    published,
    working_day_on_or_after,
    working_day_on_or_before,
)

_DAY = timedelta(days=1)


class Roll(StrEnum):
    """Where a date goes that falls on a weekend or bank holiday: a deadline forward, a notice back."""

    FORWARD = "forward"
    BACK = "back"
    NONE = "none"


class HoursDoNotRoll(Refused):
    """Statutory hours run through weekends and holidays (UK GDPR art. 33(1); DPA 2018 s.67)."""

    def __init__(self) -> None:
        super().__init__(
            "Elapsed hours run through nights, weekends and holidays and end when they end: "
            "they cannot be rolled to a working day."
        )


@dataclass(frozen=True, slots=True)
class Due:
    """A day (until the next local midnight, exclusive) or an instant in UTC (itself still in time)."""

    due: date | datetime
    because: str

    @property
    def day(self) -> date:
        if isinstance(self.due, datetime):
            raise TypeError("this deadline is an instant, not a day")
        return self.due

    @property
    def instant(self) -> datetime:
        if not isinstance(self.due, datetime):
            raise TypeError("this deadline is a day, not an instant")
        return self.due


def deadline(
    period: Period,
    start: date | datetime,
    *,
    back: bool = False,
    nation: Nation | None = None,
    roll: Roll | None = None,
    zone: ZoneInfo = LONDON,
    holidays: Holidays | None = None,
) -> Due:
    """Count a period from (or back from) its start: hours to an instant in UTC, all else to the zone's day.

    The start day is not counted. An aware instant given for a period of days means its day in the zone.
    Raises HoursNeedAnInstant, NotAnInstant (naive), HoursDoNotRoll, NationNeeded (working days, or a roll),
    BeyondPublishedHolidays, OutsideTheCalendar.
    """
    if period.unit is Unit.MINUTES:
        return _hours_deadline(period, start, back, roll, zone)
    start_day = local_day(start, zone) if isinstance(start, datetime) else start
    day = counted(period, start_day, back=back, nation=nation, holidays=holidays)
    calendar_used = holidays or published()
    sentence = _counting(period, start_day, day, back, nation, calendar_used)
    if roll in (None, Roll.NONE) or period.unit is Unit.WORKING_DAYS:
        return Due(day, sentence + ".")
    return _rolled(day, sentence, roll, needed(nation), calendar_used)


def _rolled(day: date, sentence: str, roll: Roll, nation: Nation, holidays: Holidays) -> Due:
    move, words = {
        Roll.FORWARD: (working_day_on_or_after, "forward to the next working day"),
        Roll.BACK: (working_day_on_or_before, "back to the working day before"),
    }[roll]
    due = move(day, nation, holidays)
    if due == day:
        return Due(day, f"{sentence}; it is a working day in {nation.words}.")
    passed = [_named(each, nation, holidays) for each in _days(day, due)]
    are = "are not working days" if len(passed) > 1 else "is not a working day"
    why = f"because {listed(passed)} {are} in {nation.words}"
    return Due(due, f"{sentence}; it goes {words}, {written_day(due)}, {why}.")


def _days(first: date, end: date) -> list[date]:
    """From the first towards the end, in whichever direction, without the end."""
    step = _DAY if first < end else -_DAY
    return [first + step * n for n in range(abs((end - first).days))]


def _named(day: date, nation: Nation, holidays: Holidays) -> str:
    name = holidays.name(day, nation)
    return f"{short_day(day)} ({name.replace(' (', ', ').rstrip(')')})" if name else short_day(day)


def _counting(period: Period, start: date, day: date, back: bool, nation: Nation | None, holidays: Holidays) -> str:
    """The sentence up to the day itself, without its full stop: what was counted, whence, by what rule."""
    words = str(period)
    where = ""
    end = written_day(day)
    if period.unit is Unit.WORKING_DAYS:
        where = f" in {needed(nation).words}"
        end += _passing_over(start, day, needed(nation), holidays)
    elif period.unit is Unit.MONTHS:
        end = f"the corresponding date, {end}" if day.day == start.day else end + _clamped(start, day)
    opening = f"{words}{where} {'before' if back else 'from'} {written_day(start)}, that day not counted,"
    return f"{opening[0].upper()}{opening[1:]} {_verb(words, back)} on {end}"


def _verb(words: str, back: bool) -> str:
    return ("fall" if back else "end") + ("s" if words.startswith("one ") else "")


def _clamped(start: date, day: date) -> str:
    ordinal = {29: "29th", 30: "30th", 31: "31st"}[start.day]
    return f", the last day of its month, because {written_month(day)} has no {ordinal}"


def _passing_over(start: date, day: date, nation: Nation, holidays: Holidays) -> str:
    between = _days(start, day)[1:]
    off = [each for each in sorted(between) if not is_working_day(each, nation, holidays)]
    named = [_named(each, nation, holidays) for each in off if holidays.name(each, nation)]
    saturdays_and_sundays = sum(each.weekday() > 4 for each in off)
    weekends = ["weekends" if saturdays_and_sundays > 2 else "the weekend"] if saturdays_and_sundays else []
    return f", passing over {listed(weekends + named)}" if off else ""


def _hours_deadline(period: Period, start: date | datetime, back: bool, roll: Roll | None, zone: ZoneInfo) -> Due:
    if not isinstance(start, datetime):
        raise HoursNeedAnInstant(period)
    if roll not in (None, Roll.NONE):
        raise HoursDoNotRoll
    begin = require_aware(start)
    due = elapsed(begin, 0, -period.count if back else period.count)
    words = _elapsed_words(period.count)
    counting = f"{words} {'before' if back else 'from'} {written_instant(begin, zone)} {_verb(words, back)} on"
    sentence = f"{counting} {written_instant(due, zone)}{_clock_words(begin, due, zone)}."
    return Due(due, sentence[0].upper() + sentence[1:])


def _elapsed_words(minutes: int) -> str:
    number, unit = (minutes, "minute") if minutes % 60 else (minutes // 60, "hour")
    return f"one elapsed {unit}" if number == 1 else f"{number} elapsed {unit}s"


def _clock_words(begin: datetime, due: datetime, zone: ZoneInfo) -> str:
    first, last = sorted((begin, due))
    if _offset(first, zone) == _offset(last, zone):
        return ", every hour counted, those of nights, weekends and holidays too"
    day, direction = _last_clock_change(last, zone)
    changed = short_day(day) if day.year == due.astimezone(zone).year else written_day(day)
    return f", because the clocks go {direction} on {changed}"


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _last_clock_change(last: datetime, zone: ZoneInfo) -> tuple[date, str]:
    """The day of the newest change before an instant that is known to have one, and “back” or “forward”."""
    day, later = local_day(last, zone), last
    while True:
        earlier = end_of_day(day - _DAY, zone)
        before, after = _offset(earlier, zone), _offset(later, zone)
        if before != after:
            return day, "back" if before > after else "forward"
        day, later = day - _DAY, earlier
