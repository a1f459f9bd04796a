"""Lengths of time as protocols, procedures and Acts write them.

Four units that never convert into each other: elapsed minutes are counted in UTC, days and calendar
months on the calendar, working days with a nation's bank holidays. Weeks are seven days and years
twelve months exactly, so `P1Y` and `P12M` are one and the same period.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from rules.errors import Refused


class NotAPeriod(Refused):
    def __init__(self, found: str) -> None:
        super().__init__(
            f"“{found}” is not a period: write hours as PT72H, days as P30D, weeks as P2W, calendar months "
            "as P1M, years as P1Y, or “5 working days”."
        )
        self.found = found


class Unit(StrEnum):
    """What is counted. The values are the words people read, in the plural."""

    MINUTES = "minutes"
    DAYS = "days"
    MONTHS = "calendar months"
    WORKING_DAYS = "working days"


_FORMS = tuple(
    re.compile(form.replace("#", "[0-9]{1,6}"), re.IGNORECASE)
    for form in (
        r"P(?=.)(?:(?P<years>#)Y)?(?:(?P<months>#)M)?",
        r"P(?P<weeks>#)W",
        r"P(?P<days>#)D",
        r"PT(?=.)(?:(?P<hours>#)H)?(?:(?P<minutes>#)M)?",
        r"(?P<working_days>#)\s+working\s+days?",
    )
)
_WORTH = {
    "years":        (12, Unit.MONTHS),
    "months":       (1, Unit.MONTHS),
    "weeks":        (7, Unit.DAYS),
    "days":         (1, Unit.DAYS),
    "hours":        (60, Unit.MINUTES),
    "minutes":      (1, Unit.MINUTES),
    "working_days": (1, Unit.WORKING_DAYS),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """A whole number of one unit, at least one: “immediately” is a word of its own, not a length of time."""

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.count < 1:
            raise NotAPeriod(f"{self.count} {self.unit}")

    def __str__(self) -> str:
        """For sentences: “one calendar month”, “72 hours”, “5 working days”."""
        match self.unit:
            case Unit.MINUTES:
                hours, minutes = divmod(self.count, 60)
                parts = [_words(hours, "hours"), _words(minutes, "minutes")]
                return " and ".join(part for part in parts if part)
            case Unit.MONTHS:
                years, months = divmod(self.count, 12)
                return _words(self.count, "calendar months") if months else _words(years, "years")
            case Unit.DAYS | Unit.WORKING_DAYS:
                return _words(self.count, self.unit)

    @property
    def text(self) -> str:
        """For files and databases; `parse_period` reads it back as an equal period."""
        match self.unit:
            case Unit.WORKING_DAYS:
                return f"{self.count} working day" + "s" * (self.count > 1)
            case Unit.DAYS:
                return f"P{self.count}D"
            case Unit.MONTHS:
                return "P" + _iso(self.count, 12, "Y", "M")
            case Unit.MINUTES:
                return "PT" + _iso(self.count, 60, "H", "M")


def _words(count: int, plural: str) -> str:
    if count == 0:
        return ""
    return f"one {plural.removesuffix('s')}" if count == 1 else f"{count} {plural}"


def _iso(count: int, base: int, large: str, small: str) -> str:
    many, rest = divmod(count, base)
    return (f"{many}{large}" if many else "") + (f"{rest}{small}" if rest else "")


def parse_period(text: str) -> Period:
    """Read ISO 8601 (one kind of unit: `PT1H30M`, `P1Y6M`, `P30D`, `P2W`) or “5 working days”.

    Days mixed with hours or months are refused: whether such a period is elapsed time or calendar days
    is exactly what a deadline must not leave open. Fractions, seconds and zero are refused too.
    Raises NotAPeriod.
    """
    for form in _FORMS:
        if found := form.fullmatch(text.strip()):
            parts = {name: int(number) for name, number in found.groupdict().items() if number}
            unit = {_WORTH[name][1] for name in parts}.pop()
            count = sum(number * _WORTH[name][0] for name, number in parts.items())
            return _at_least_one(count, unit, text)
    raise NotAPeriod(text)


def _at_least_one(count: int, unit: Unit, text: str) -> Period:
    if count < 1:
        raise NotAPeriod(text)
    return Period(count, unit)
