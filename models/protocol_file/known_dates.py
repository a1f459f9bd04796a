"""Dates as precise as the document is: a day, a month, a year, or the first and last day of a period.

"October 2015" is not the first of October; whoever needs a day asks for the first or the last that it can be.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator
from pydantic_core import PydanticCustomError

from rules.errors import Refused
from rules.sentences import written_month

FORM = re.compile(r"(?P<year>\d{4})(-(?P<month>\d{2})(-(?P<day>\d{2}))?)?")
EXPECTED = "a date such as 2015-10-01, a month such as 2015-10, a year, or a period 2008-12-30/2010-03-16"


class NotADate(Refused):
    def __init__(self, found: str) -> None:
        super().__init__(f"“{found}” is not a date: write {EXPECTED}.")


@dataclass(frozen=True, slots=True)
class KnownDate:
    """`text` is the form in the file; `first` and `last` are the days it can stand for."""

    text: str
    first: date
    last: date

    @property
    def day(self) -> date | None:
        return self.first if self.first == self.last else None

    @property
    def words(self) -> str:
        """“4 March 2008”, “October 2015”, “2006”, “30 December 2008 to 16 March 2010”."""
        return " to ".join(_words(part) for part in self.text.split("/"))

    @property
    def when(self) -> str:
        """For use in a sentence: “on 4 March 2008”, “in October 2015”."""
        return f"from {self.words}" if "/" in self.text else f"{'on' if self.day else 'in'} {self.words}"


def read_date(text: str) -> KnownDate:
    """Raises NotADate."""
    parts = [_span(part) for part in text.strip().split("/")]
    if len(parts) > 2 or parts[0][0] > parts[-1][1]:
        raise NotADate(text)
    return KnownDate(text.strip(), parts[0][0], parts[-1][1])


def _span(text: str) -> tuple[date, date]:
    form = FORM.fullmatch(text)
    try:
        if form is None:
            raise NotADate(text)
        year, month, day = (int(form[unit]) if form[unit] else None for unit in ("year", "month", "day"))
        assert year is not None
        if day and month:
            return (only := date(year, month, day)), only
        last = calendar.monthrange(year, month)[1] if month else 31
        return date(year, month or 1, 1), date(year, month or 12, last)
    except ValueError:  # the 31st of a month that has none, the year 0
        raise NotADate(text) from None


def _words(part: str) -> str:
    first, last = _span(part)
    if first == last:
        return f"{first.day} {written_month(first)}"
    return written_month(first) if len(part) == len("2015-10") else str(first.year)


def _validated(value: object) -> KnownDate:
    if isinstance(value, KnownDate):
        return value
    try:
        return read_date(value if isinstance(value, str) else "")
    except NotADate:
        raise PydanticCustomError("expected", "{expected}", {"expected": EXPECTED}) from None


# A model's field of this type; its JSON is the text in the file.
DateAsKnown = Annotated[
    KnownDate, PlainValidator(_validated), PlainSerializer(lambda known: known.text, return_type=str)
]
DateIfKnown = Annotated[
    KnownDate | None,
    PlainValidator(lambda value: None if value in (None, "unspecified") else _validated(value)),
    PlainSerializer(lambda known: known.text if known else None, return_type=str | None),
]
