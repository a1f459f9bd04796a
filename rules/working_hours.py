"""Working hours: only time inside office hours on a nation's working days counts, as “within 8 working hours” means.

Never to be mixed up with elapsed hours, which statutes use (UK GDPR art. 33(1)) and `rules.deadlines` counts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rules.deadlines import Due
from rules.errors import Refused
from rules.instants import LONDON, at_local, local_day, require_aware
from rules.sentences import listed, short_day, written_instant
from rules.working_days import Holidays, Nation, add_working_days, is_working_day, published, working_day_on_or_after

_DAY = timedelta(days=1)
_FORM = re.compile(r"([0-9]{1,6})\s{1,9}working\s{1,9}hours?", re.IGNORECASE)


class NotOfficeHours(Refused):
    def __init__(self, opens: time, closes: time) -> None:
        super().__init__(
            f"{opens.isoformat()} to {closes.isoformat()} are not office hours: write two times of one day "
            "without an offset, the opening before the closing, such as 09:00 and 17:00."
        )


class NoWorkingTime(Refused):
    def __init__(self, minutes: int) -> None:
        super().__init__(f"{minutes} minutes are no length of working time: there must be at least one.")


@dataclass(frozen=True, slots=True)
class Hours:
    """When an office is open on its working days, on the zone's clock. Raises NotOfficeHours."""

    opens: time = time(9)
    closes: time = time(17)

    def __post_init__(self) -> None:
        if self.opens.tzinfo or self.closes.tzinfo or self.opens >= self.closes:
            raise NotOfficeHours(self.opens, self.closes)

    def __str__(self) -> str:
        return f"{self.opens:%H:%M} to {self.closes:%H:%M}"

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Opening and closing in UTC. Raises SkippedTime or RepeatedTime if a clock change meets either."""
        return at_local(day, self.opens, zone), at_local(day, self.closes, zone)


OFFICE_HOURS = Hours()


def parse_limit_hours(text: str) -> int | None:
    """“8 working hours” in minutes; None for everything else, zero hours too."""
    found = _FORM.fullmatch(text.strip())
    return int(found[1]) * 60 or None if found else None


def add_working_hours(
    start: datetime,
    minutes: int,
    nation: Nation,
    zone: ZoneInfo = LONDON,
    hours: Hours = OFFICE_HOURS,
    holidays: Holidays | None = None,
) -> datetime:
    """The instant, in UTC, at which so many minutes of office time have passed; closing time may be that instant.

    A start outside office hours begins to count at the next opening. Minutes are real ones, also on the day
    of a clock change. Raises NoWorkingTime, NotAnInstant (naive), BeyondPublishedHolidays, SkippedTime,
    RepeatedTime.
    """
    if minutes < 1:
        raise NoWorkingTime(minutes)
    left = timedelta(minutes=minutes)
    spans = _open(require_aware(start), nation, zone, hours, holidays)
    begins, closes = next(spans)
    while left > closes - begins:
        left -= closes - begins
        begins, closes = next(spans)
    return begins + left


def _open(
    moment: datetime, nation: Nation, zone: ZoneInfo, hours: Hours, holidays: Holidays | None
) -> Iterator[tuple[datetime, datetime]]:
    """What is left of the office's time from that moment on, day by day, until BeyondPublishedHolidays."""
    day = working_day_on_or_after(local_day(moment, zone), nation, holidays)
    while True:
        opens, closes = hours.on(day, zone)
        if moment < closes:
            yield max(moment, opens), closes
        day = add_working_days(day, 1, nation, holidays)


def working_hours_deadline(
    start: datetime,
    minutes: int,
    nation: Nation,
    zone: ZoneInfo = LONDON,
    hours: Hours = OFFICE_HOURS,
    holidays: Holidays | None = None,
) -> Due:
    """`add_working_hours`, with the sentence that lets a person check it; raises the same."""
    due = add_working_hours(start, minutes, nation, zone, hours, holidays)
    moment = require_aware(start)
    begins, _ = next(_open(moment, nation, zone, hours, holidays))
    words = _words(minutes)
    opening = f"{words} in {nation.words} ({hours} on working days) from {written_instant(moment, zone)}"
    counting = f", counted from {written_instant(begins, zone)}, when the office opens," if begins > moment else ""
    passed = _passing_over(local_day(moment, zone), local_day(due, zone), nation, holidays or published())
    end = "ends" if words.startswith("one ") else "end"
    sentence = f"{opening}{counting} {end} on {written_instant(due, zone)}{passed}."
    return Due(due, sentence[0].upper() + sentence[1:])


def _words(minutes: int) -> str:
    number, unit = (minutes, "minute") if minutes % 60 else (minutes // 60, "hour")
    return f"one working {unit}" if number == 1 else f"{number} working {unit}s"


def _passing_over(first: date, last: date, nation: Nation, holidays: Holidays) -> str:
    """Every day from the first to the last on which nothing counted; weekends together, bank holidays by name."""
    days = [first + _DAY * n for n in range((last - first).days + 1)]
    off = [day for day in days if not is_working_day(day, nation, holidays)]
    named = [f"{short_day(day)} ({_plain(name)})" for day in off if (name := holidays.name(day, nation))]
    at_weekends = [day for day in off if day.weekday() > 4]
    weekends = ["weekends" if len(at_weekends) > 2 else "the weekend"] if at_weekends else []
    return f", passing over {listed(weekends + named)}" if off else ""


def _plain(holiday: str) -> str:
    """Without brackets of its own: “St Patrick's Day, substitute day”."""
    return holiday.replace(" (", ", ").replace(")", "")
