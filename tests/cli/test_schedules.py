"""The schedules of `prefect.yaml`, as Prefect itself reckons them."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from prefect.server.schemas.schedules import CronSchedule
from ruamel.yaml import YAML

from cli.deploying import wanted_schedules
from rules.instants import LONDON
from settings import HERE

FILE = YAML(typ="safe", pure=True).load(HERE / "prefect.yaml")
SCHEDULES = {each["slug"]: each for deployment in FILE["deployments"] for each in deployment.get("schedules", [])}
ORDINARY = date(2027, 1, 20)


def clock_changes(year: int) -> list[date]:
    """The days on whose morning London's clocks change."""
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    offsets = [datetime.combine(day, time(), LONDON).utcoffset() for day in [*days, date(year + 1, 1, 1)]]
    return [day for day, (before, after) in zip(days, pairwise(offsets), strict=True) if before != after]


CHANGES = [day for year in range(2025, 2032) for day in clock_changes(year)]


async def longest_pause(schedule: dict[str, Any], around: date) -> timedelta:
    """Between two runs, from the evening before until the next morning; of a daily one, over three days."""
    midnight = datetime.combine(around, time(), UTC)
    hours = 72 if runs_once_a_day(schedule) else 7
    start, end = midnight - timedelta(hours=hours / 2), midnight + timedelta(hours=hours / 2)
    cron = CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])
    dates = [each.astimezone(UTC) for each in await cron.get_dates(n=1000, start=start, end=end)]
    return max(after - before for before, after in pairwise(dates))


def runs_once_a_day(schedule: dict[str, Any]) -> bool:
    minute, hour, *_ = schedule["cron"].split()
    return bool(minute.isdecimal() and hour.isdecimal())


def test_every_schedule_has_a_slug_and_no_deployment_runs_between_one_and_two_at_night() -> None:
    assert all(schedule["cron"].split()[1] not in {"1"} for schedule in SCHEDULES.values())
    slugs = [slug for wanted in wanted_schedules().values() for slug in wanted]
    assert len(slugs) == len(set(slugs)) == len(SCHEDULES) == 4


def test_what_runs_once_a_day_keeps_to_the_time_of_london() -> None:
    daily = [schedule for schedule in SCHEDULES.values() if runs_once_a_day(schedule)]
    assert [schedule["timezone"] for schedule in daily] == ["Europe/London"] * 2


@pytest.mark.parametrize("slug", SCHEDULES)
async def test_a_night_in_which_the_clocks_change_makes_no_pause_longer(slug: str) -> None:
    schedule = SCHEDULES[slug]
    longest = await longest_pause(schedule, ORDINARY)
    if runs_once_a_day(schedule):
        longest += timedelta(hours=1)  # the day itself is as much longer
    assert len(CHANGES) == 14
    assert {day: pause for day in CHANGES if (pause := await longest_pause(schedule, day)) > longest} == {}
