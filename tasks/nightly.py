"""The night's work: prove the records, look whether the sweep is alive, forget what nobody asks for any more."""

import asyncio
from datetime import datetime

from prefect import task

from actions.access.forgetting import forget_old_answers, forget_old_visits
from actions.verifying import VerifyReport, verify
from actions.watching import raise_sweep_alarm, sweep_is_late
from models.store import reading, transaction


@task
async def check_records(now: datetime) -> VerifyReport:
    def check() -> VerifyReport:
        with reading() as session:
            return verify(session, now)

    return await asyncio.to_thread(check)


@task
async def watch_the_sweep(now: datetime) -> bool:
    """True where the sweep is silent; the alarm is raised once for each silence."""

    def watch() -> bool:
        with transaction() as session:
            late = sweep_is_late(session, now)
            if late:
                raise_sweep_alarm(session, now)
            return late

    return await asyncio.to_thread(watch)


@task
async def forget_what_is_over(now: datetime) -> int:
    """How many answers under a sender's own key, visits, links and codes were forgotten."""

    def forget() -> int:
        with transaction() as session:
            return forget_old_answers(session, now) + forget_old_visits(session, now)

    return await asyncio.to_thread(forget)
