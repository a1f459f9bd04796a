"""When people act: in office hours, on working days, at a minute drawn from the seed."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from rules.instants import at_local, local_day
from rules.working_days import (
    BeyondPublishedHolidays,
    Nation,
    add_working_days,
    is_working_day,
    working_days_between,
)

OFFICE_MINUTES = (9 * 60 + 10, 16 * 60 + 50)
AT_ONCE = timedelta(minutes=50)
WAKING_HOURS = (8, 20)  # of whoever is called at a weekend


@dataclass
class Calendar:
    nation: Nation
    zone: ZoneInfo
    rng: Random

    def later(self, now: datetime, working_days: int) -> datetime:
        """On the so-manieth working day after today."""
        return self.on(self.day_after(local_day(now, self.zone), working_days))

    def within(self, now: datetime, due_on: date, least: float, most: float) -> datetime:
        """After some share of the working days that are left, and at least one."""
        share = self.rng.uniform(least, most)
        return self.later(now, max(1, round(share * self._left(local_day(now, self.zone), due_on))))

    def on(self, day: date) -> datetime:
        minutes = self.rng.randint(*OFFICE_MINUTES)
        return at_local(day, time(minutes // 60, minutes % 60), self.zone)

    def day_after(self, day: date, working_days: int) -> date:
        """Beyond the published holidays nobody knows the working days; this is play, so five in seven will do."""
        try:
            return add_working_days(day, working_days, self.nation)
        except BeyondPublishedHolidays:
            return day + timedelta(days=round(working_days * 7 / 5))

    def before(self, now: datetime, due_at: datetime, least: float, most: float) -> datetime:
        """Where hours count, weekends do too: after some share of what is left, when people are awake if that can be.

        What is due at once, or was, is done within the hour.
        """
        left = due_at - now
        if left <= AT_ONCE:
            return now + timedelta(minutes=self.rng.randint(15, 50))
        at = now + timedelta(minutes=round(self.rng.uniform(least, most) * left.total_seconds() / 60))
        if (later := self.awake(at)) < due_at:
            return later
        return max(now + timedelta(minutes=15), later - timedelta(hours=13))  # the evening before

    def awake(self, at: datetime) -> datetime:
        """Then, or in the morning after."""
        first, last = WAKING_HOURS
        local = at.astimezone(self.zone)
        if first <= local.hour < last:
            return at
        day = local.date() + timedelta(days=local.hour >= last)
        return at_local(day, time(first, self.rng.randint(5, 55)), self.zone)

    def works_on(self, day: date) -> bool:
        try:
            return is_working_day(day, self.nation)
        except BeyondPublishedHolidays:
            return day.weekday() < 5

    def _left(self, today: date, due_on: date) -> int:
        try:
            return working_days_between(today, due_on, self.nation)
        except BeyondPublishedHolidays:
            return max(0, (due_on - today).days * 5 // 7)
