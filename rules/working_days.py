"""Working days of one nation, from the bank holidays published on GOV.UK, and never a day further.

The data is the copy packaged in govuk-bank-holidays; nothing here asks the network. The package's own
questions are not used: without a division it takes the holidays common to all nations, and past its
data it calls every weekday a working day.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from rules.errors import Refused
from rules.sentences import written_day

_DAY = timedelta(days=1)


class Nation(StrEnum):
    """The values are GOV.UK's names of its lists."""

    ENGLAND_AND_WALES = "england-and-wales"
    SCOTLAND = "scotland"
    NORTHERN_IRELAND = "northern-ireland"

    @property
    def words(self) -> str:
        return {"england-and-wales": "England and Wales", "scotland": "Scotland"}.get(self, "Northern Ireland")


class BeyondPublishedHolidays(Refused):
    """Refused, not guessed: a later proclamation would move a date that people were already told.

    `day` is the first day asked about that is not covered; `first` and `last` are what is published.
    """

    def __init__(self, nation: Nation, day: date, first: date, last: date) -> None:
        super().__init__(
            f"Bank holidays of {nation.words} are published from {written_day(first)} to {written_day(last)} "
            f"only, so nobody can say yet whether {written_day(day)} is a working day there."
        )
        self.nation, self.day, self.first, self.last = nation, day, first, last


@dataclass(frozen=True, eq=False)
class NationHolidays:
    """One nation's holidays by name, and the days from `first` to `last` for which the list is whole."""

    names: Mapping[date, str]
    first: date
    last: date
    working: tuple[date, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        every = (self.first + _DAY * n for n in range((self.last - self.first).days + 1))
        working = tuple(day for day in every if day.weekday() < 5 and day not in self.names)
        object.__setattr__(self, "working", working)


@dataclass(frozen=True, eq=False)
class Holidays:
    """The calendar that every rule takes as an argument; the published one where none is given."""

    nations: Mapping[Nation, NationHolidays]

    def of(self, nation: Nation, day: date) -> NationHolidays:
        """The nation's list, if it covers that day. Raises BeyondPublishedHolidays."""
        known = self.nations[nation]
        if not known.first <= day <= known.last:
            raise BeyondPublishedHolidays(nation, day, known.first, known.last)
        return known

    def name(self, day: date, nation: Nation) -> str | None:
        """What that day is called if it is a bank holiday. Raises BeyondPublishedHolidays."""
        return self.of(nation, day).names.get(day)

    def with_days(self, names: Mapping[date, str], nations: Iterable[Nation] = tuple(Nation)) -> "Holidays":
        """A calendar with a protocol's own closed days added; how far the lists reach does not change."""
        own = set(nations)
        return Holidays(
            {
                nation: NationHolidays(
                    {**names, **known.names} if nation in own else known.names, known.first, known.last
                )
                for nation, known in self.nations.items()
            }
        )

    def until(self, last: date) -> "Holidays":
        """A calendar that knows nothing after that day: what an installation not updated for long has."""
        return Holidays(
            {
                nation: NationHolidays(known.names, known.first, min(known.last, last))
                for nation, known in self.nations.items()
            }
        )

    def weekdays_until(self, last: date) -> "Holidays":
        """A calendar that goes on until that day as if nothing more were to be published: every weekday counts.

        What is counted in it is never later than the true day.
        """
        return Holidays(
            {
                nation: NationHolidays(known.names, known.first, max(known.last, last))
                for nation, known in self.nations.items()
            }
        )


@cache
def published() -> Holidays:
    """GOV.UK's lists as packaged, read strictly: what cannot be read is an error, never an empty list."""
    from govuk_bank_holidays.bank_holidays import BankHolidays  # imports requests: a tenth of a second

    lists = BankHolidays.load_backup_data()
    return Holidays({nation: _nation_holidays(lists[nation]["events"]) for nation in Nation})


def _nation_holidays(events: Iterable[Mapping[str, str]]) -> NationHolidays:
    """GOV.UK publishes whole years; a last year without its December would count only as far as it goes."""
    names = {date.fromisoformat(event["date"]): _name(event) for event in events}
    newest = max(names)
    return NationHolidays(
        names,
        first=date(min(names).year, 1, 1),
        last=date(newest.year, 12, 31) if newest.month == 12 else newest,
    )


def _name(event: Mapping[str, str]) -> str:
    substitute = event.get("notes", "").strip().lower() == "substitute day"
    return f"{event['title']}, substitute day" if substitute else event["title"]


def is_working_day(day: date, nation: Nation, holidays: Holidays | None = None) -> bool:
    """Neither Saturday, Sunday nor a bank holiday of that nation. Raises BeyondPublishedHolidays."""
    known = (holidays or published()).of(nation, day)
    return day.weekday() < 5 and day not in known.names


def working_day_on_or_before(day: date, nation: Nation, holidays: Holidays | None = None) -> date:
    """For what must happen *not later than* a day. Raises BeyondPublishedHolidays."""
    if is_working_day(day, nation, holidays):
        return day
    return add_working_days(day, -1, nation, holidays)


def working_day_on_or_after(day: date, nation: Nation, holidays: Holidays | None = None) -> date:
    """For a deadline that a person must be able to meet. Raises BeyondPublishedHolidays."""
    if is_working_day(day, nation, holidays):
        return day
    return add_working_days(day, 1, nation, holidays)


def add_working_days(day: date, n: int, nation: Nation, holidays: Holidays | None = None) -> date:
    """The n-th working day after that day (before it, if n is negative); the day itself is never counted.

    With n = 0 the day itself, working or not. Raises BeyondPublishedHolidays if any day between is unknown.
    """
    if n == 0:
        return day
    known = (holidays or published()).nations[nation]
    neighbour = day + _DAY if n > 0 else day - _DAY
    if not known.first <= neighbour <= known.last:
        raise BeyondPublishedHolidays(nation, neighbour, known.first, known.last)
    at = bisect_right(known.working, day) + n - 1 if n > 0 else bisect_left(known.working, day) + n
    if not 0 <= at < len(known.working):
        beyond = known.last + _DAY if n > 0 else known.first - _DAY
        raise BeyondPublishedHolidays(nation, beyond, known.first, known.last)
    return known.working[at]


def working_days_between(after: date, until: date, nation: Nation, holidays: Holidays | None = None) -> int:
    """Working days after the first day up to and including the second: what `add_working_days` would add.

    Zero if `until` is not after `after`. Raises BeyondPublishedHolidays if either day is not covered.
    """
    calendar = holidays or published()
    working = calendar.of(nation, after).working
    calendar.of(nation, until)
    return max(0, bisect_right(working, until) - bisect_right(working, after))
