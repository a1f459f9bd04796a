"""A time of day as somebody wrote it, and the instant that it is: never guessed where the clocks change."""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from rules.errors import Refused
from rules.instants import RepeatedTime, SkippedTime, at_local

# “16:20”, “4.20 p.m.”, “1620”, “4 pm”; a number alone is none: “16” may be a day as well.
TIME = re.compile(
    r"(?:(?P<hour>\d{1,2})[:.](?P<minute>\d{2})|(?P<hours>\d{2})(?P<minutes>\d{2})|(?P<full>\d{1,2})(?=[ap]))"
    r"(?:(?P<half>[ap])\.?m\.?)?",
    re.ASCII,
)


class NotATime(Refused):
    def __init__(self) -> None:
        super().__init__("Write the time as hours and minutes, such as 16:20")


class NotTheNameThen(Refused):
    def __init__(self, time_of_day: str, said: str, name: str) -> None:
        super().__init__(
            f"The clocks show {name} on that day, not {said}: write “{time_of_day} {name}” if that is meant, or the "
            "time that the clocks showed"
        )


class NoSuchTime(Refused):
    def __init__(self, reading: datetime) -> None:
        super().__init__(f"{reading:%H:%M} did not exist that night, because the clocks go forward: write another time")


class SayWhich(Refused):
    def __init__(self, time_of_day: str, zones: list[str]) -> None:
        first, second = (f"“{time_of_day} {name}”" for name in zones)
        super().__init__(f"{time_of_day} came twice that night, because the clocks go back: write {first} or {second}")


def instant_on(on: date, written: str, zone: ZoneInfo) -> datetime:
    """The instant of a time of day as somebody wrote it. Raises NotATime, NoSuchTime, SayWhich, NotTheNameThen."""
    said, name = _without_name(written.strip(), on, zone)
    hour = _time(said)
    try:
        moment = at_local(on, hour, zone)
    except RepeatedTime:
        return _of_two(datetime.combine(on, hour), name, zone)
    except SkippedTime:
        raise NoSuchTime(datetime.combine(on, hour)) from None
    shown = moment.astimezone(zone).tzname() or ""
    if name not in ("", shown):
        raise NotTheNameThen(f"{hour:%H:%M}", name, shown)
    return moment


def _without_name(written: str, on: date, zone: ZoneInfo) -> tuple[str, str]:
    """Only a name that the zone's clocks have that year is taken off: “PM” belongs to the time, “CEST” to no time."""
    said, _, last = written.rpartition(" ")
    names = {datetime(on.year, month, 1, tzinfo=zone).tzname() for month in range(1, 13)}
    return (said, last.upper()) if last.upper() in names else (written, "")


def _of_two(reading: datetime, name: str, zone: ZoneInfo) -> datetime:
    """“01:30 BST” is the first of the two, “01:30 GMT” the second."""
    both = [reading.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    for moment in both:
        if moment.tzname() == name:
            return moment.astimezone(UTC)
    raise SayWhich(f"{reading:%H:%M}", [moment.tzname() or "" for moment in both])


def _time(text: str) -> time:
    found = TIME.fullmatch(text.replace(" ", "").lower())
    if found is None:
        raise NotATime
    hour = int(found["hour"] or found["hours"] or found["full"])
    minute, half = int(found["minute"] or found["minutes"] or 0), found["half"]
    if hour > 23 or minute > 59 or (half and not 1 <= hour <= 12):
        raise NotATime
    return time(hour % 12 + (12 if half == "p" else 0) if half else hour, minute)
