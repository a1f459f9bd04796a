"""Instants are UTC and aware; days are a zone's days; the two meet only here.

Rule for local times: one that a clock change skips or repeats is refused, never guessed. Nothing is
scheduled between 01:00 and 02:00 local, so in the United Kingdom only a person's own input can meet it.
"""

from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo, available_timezones

from rules.errors import Refused
from rules.sentences import no_such_day, written_instant

LONDON = ZoneInfo("Europe/London")


class NotAnInstant(Refused):
    def __init__(self, found: datetime) -> None:
        super().__init__(
            f"{found.isoformat()} is not an instant: it does not say in which zone; "
            "write its offset too, such as 2026-10-23T16:20+01:00."
        )


class NeitherDayNorInstant(Refused):
    def __init__(self, found: str) -> None:
        why = "is neither a date such as 2026-10-23 nor an instant such as 2026-10-23T16:20+01:00."
        said = no_such_day(found)
        super().__init__(f"“{found}” cannot be: {said}" if said else f"“{found}” {why}")


class OutsideTheCalendar(Refused):
    def __init__(self) -> None:
        super().__init__("The date falls outside the calendar: only the years 2 to 9998 can be computed.")


class UnknownZone(Refused):
    def __init__(self, name: str, near: list[str]) -> None:
        hint = f" (nearest name: {near[0]})" if near else ""
        super().__init__(f"There is no time zone “{name}”: use an IANA name such as Europe/London{hint}.")
        self.name = name


class SkippedTime(Refused):
    """The clocks jump over it."""

    def __init__(self, local: datetime, zone: ZoneInfo) -> None:
        readings = _readings(local, zone)
        super().__init__(
            f"{local:%Y-%m-%d %H:%M} does not exist in {zone.key}, because the clocks go forward over it: "
            f"write {readings[1]} or {readings[0]}."
        )


class RepeatedTime(Refused):
    """The clocks pass it twice."""

    def __init__(self, local: datetime, zone: ZoneInfo) -> None:
        readings = _readings(local, zone)
        super().__init__(
            f"{local:%Y-%m-%d %H:%M} happens twice in {zone.key}, because the clocks go back over it: "
            f"write {readings[0]} or {readings[1]}."
        )


def _readings(local: datetime, zone: ZoneInfo) -> list[str]:
    """Both meanings a skipped or repeated time can have, each as ISO with offset and in words."""
    instants = [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    zoned = [instant.astimezone(zone) for instant in instants]
    return [f"{moment.isoformat(timespec='minutes')} ({written_instant(moment, zone)})" for moment in zoned]


def zone_named(name: str) -> ZoneInfo:
    """Raises UnknownZone also where zoneinfo itself leaks a folder or path error (`Europe`, `../etc`)."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UnknownZone(name, get_close_matches(name, available_timezones(), n=1)) from None


def require_aware(instant: datetime) -> datetime:
    """The same instant in UTC. Raises NotAnInstant for a naive value, OutsideTheCalendar at its very ends."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise NotAnInstant(instant)
    if not 1 < instant.year < 9999:
        raise OutsideTheCalendar
    return instant.astimezone(UTC)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The zone's calendar day, midnight belonging to the day it begins. Raises NotAnInstant."""
    return require_aware(instant).astimezone(zone).date()


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The zone's next midnight in UTC, exclusive: an answer at this very instant is late.

    23 and 25 hours after the day's beginning on the days of the clock changes. Raises OutsideTheCalendar.
    """
    if not 1 < day.year < 9999:
        raise OutsideTheCalendar
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def from_local(local: datetime, zone: ZoneInfo) -> datetime:
    """A naive reading of the zone's clock as an instant in UTC. Raises SkippedTime or RepeatedTime."""
    naive = local.replace(tzinfo=None, fold=0)
    first, second = (require_aware(naive.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    if first.astimezone(zone).replace(tzinfo=None, fold=0) != naive:
        raise SkippedTime(naive, zone)
    if first != second:
        raise RepeatedTime(naive, zone)
    return first


def at_local(day: date, hour_minute: time, zone: ZoneInfo) -> datetime:
    """That time of the zone's day, in UTC. Raises SkippedTime or RepeatedTime in the night of a change."""
    return from_local(datetime.combine(day, hour_minute), zone)


def elapsed(instant: datetime, hours: int, minutes: int = 0) -> datetime:
    """That many real hours later (negative: earlier), in UTC.

    Statutory hours are elapsed hours (UK GDPR art. 33(1)); adding them to a zoned value would count the
    clock on the wall, an hour wrong across a change. Raises NotAnInstant, OutsideTheCalendar.
    """
    try:
        return require_aware(require_aware(instant) + timedelta(hours=hours, minutes=minutes))
    except OverflowError:
        raise OutsideTheCalendar from None


def parse_when(text: str, zone: ZoneInfo) -> date | datetime:
    """Read what a person wrote: an ISO date, an ISO instant (returned in UTC), or a time on the zone's clock.

    Raises NeitherDayNorInstant, SkippedTime, RepeatedTime.
    """
    written = text.strip()
    try:
        return date.fromisoformat(written)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise NeitherDayNorInstant(text) from None
    return from_local(moment, zone) if moment.tzinfo is None else require_aware(moment)
