"""When people act: in office hours, on working days, at a minute drawn from the seed."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from rules.instants import at_local, local_day
from rules.working_days import BeyondPublishedHolidays, Nation, add_working_days, working_days_between

OFFICE_MINUTES = (9 * 60 + 10, 16 * 60 + 50)


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

    def _left(self, today: date, due_on: date) -> int:
        try:
            return working_days_between(today, due_on, self.nation)
        except BeyondPublishedHolidays:
            return max(0, (due_on - today).days * 5 // 7)
