"""The sweep's units of work: batches of reminders, and the signs of life around them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from prefect import get_run_logger, task

from actions.watching import SWEEP, begin_beat, end_beat
from models.store import transaction
from tasks.reminders import remind
from tasks.retrying import DELAYS_SECONDS, RETRIES, if_it_may_pass
from tasks.stuck import report_stuck_cases


@task(retries=RETRIES, retry_delay_seconds=DELAYS_SECONDS, retry_condition_fn=if_it_may_pass)
async def queue_reminders(now: datetime, passing_over: Sequence[int]) -> tuple[int, dict[int, str]]:
    """One batch of hundreds of obligations, one transaction. Answers how many it looked at, and the cases of those that
    could not be reminded, by the obligation's id."""
    looked_at, stuck = await asyncio.to_thread(remind, now, passing_over)
    for number, (case, why) in stuck.items():
        get_run_logger().error("%s: duty %s could not be reminded", case, number, exc_info=why)
    return looked_at, {number: case for number, (case, _) in stuck.items()}


async def sweep_begins(now: datetime) -> None:
    def begin() -> None:
        with transaction() as session:
            begin_beat(session, now, SWEEP)

    await asyncio.to_thread(begin)


async def sweep_ends(now: datetime) -> None:
    def end() -> None:
        with transaction() as session:
            end_beat(session, now, SWEEP)

    await asyncio.to_thread(end)


@task
async def report_stuck(cases: list[str], now: datetime) -> None:
    """A case that cannot go on becomes work for the secretary; the others have gone on without it."""
    await asyncio.to_thread(report_stuck_cases, now, cases)
