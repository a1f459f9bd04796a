"""The night's work: look whether the sweep is alive, forget what nobody asks for any more and what was kept long
enough, open gaps again that nothing answers, prove the records, ask whoever counts since today."""

import asyncio
from datetime import datetime

from prefect import task

from actions.access import forgetting
from actions.verifying import VerifyReport, verify
from actions.watching import watch_sweep
from models.store import giving_way, reading, transaction
from tasks.gaps import reopen_what_nothing_answers
from tasks.newcomers import ask_newcomers
from tasks.retention import empty_what_is_over


@task
async def check_records(now: datetime) -> VerifyReport:
    def check() -> VerifyReport:
        with reading() as session:
            return verify(session, now)

    return await asyncio.to_thread(check)


@task
async def watch_the_sweep(now: datetime) -> bool:
    def watch() -> bool:
        with transaction() as session:
            return watch_sweep(session, now)

    return await asyncio.to_thread(watch)


@task
async def ask_whoever_counts_since_today(now: datetime) -> int:
    return await asyncio.to_thread(ask_newcomers, now)


@task
async def forget_what_is_over(now: datetime) -> int:
    def forget() -> int:
        with transaction() as session:
            return forgetting.forget_what_is_over(session, now)

    return await asyncio.to_thread(forget)


@task
async def reopen_gaps(now: datetime) -> int:
    return await asyncio.to_thread(reopen_what_nothing_answers, now)


@task
async def empty_what_was_kept_long_enough(now: datetime) -> int:
    def at_leisure() -> int:
        with giving_way():
            return empty_what_is_over(now)

    return await asyncio.to_thread(at_leisure)
