"""Each task takes one step of a breach's follow-up, in one transaction, after asking the rule again."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from prefect import get_run_logger, task

from actions.breaches.progress import breach_progress
from actions.breaches.settling import breaches_due, next_breach_step, overlooked_breaches, take_breach_step
from models.store import reading, transaction
from rules.breach import ClockStep, Step
from tasks.one_by_one import one_by_one, those_stuck
from tasks.retrying import DELAYS_SECONDS, RETRIES, if_it_may_pass


async def next_due_step(breach_id: int, now: datetime) -> ClockStep | None:
    """What the rules say is due now; None where the breach waits for people."""

    def ask() -> ClockStep | None:
        with reading() as session:
            return next_breach_step(session, now, breach_id)

    return await asyncio.to_thread(ask)


async def due_breaches(now: datetime) -> list[int]:
    def ask() -> list[int]:
        with reading() as session:
            return breaches_due(session, now)

    return await asyncio.to_thread(ask)


async def overlooked(now: datetime) -> list[int]:
    def ask() -> list[int]:
        with reading() as session:
            return overlooked_breaches(session, now)

    return await asyncio.to_thread(ask)


@task(retries=RETRIES, retry_delay_seconds=DELAYS_SECONDS, retry_condition_fn=if_it_may_pass)
async def open_follow_ups(breach_id: int, now: datetime) -> bool:
    """One for every party the breach may concern, by that party's own procedure."""
    return await _take(breach_id, now, Step.OPEN_FOLLOW_UPS)


@task(retries=RETRIES, retry_delay_seconds=DELAYS_SECONDS, retry_condition_fn=if_it_may_pass)
async def hand_over(breach_id: int, now: datetime) -> bool:
    """Whoever is away or cannot be reached is stood in for."""
    return await _take(breach_id, now, Step.HAND_OVER)


@task(retries=RETRIES, retry_delay_seconds=DELAYS_SECONDS, retry_condition_fn=if_it_may_pass)
async def update_steps(breach_id: int, now: datetime) -> bool:
    """Steps of the procedures whose turn has come, or that are not needed any more."""
    return await _take(breach_id, now, Step.UPDATE_STEPS)


@task(retries=RETRIES, retry_delay_seconds=DELAYS_SECONDS, retry_condition_fn=if_it_may_pass)
async def move_on(breach_id: int, now: datetime, step: ClockStep) -> bool:
    """To the stage that all parties have reached."""
    return await _take(breach_id, now, step)


async def _take(breach_id: int, now: datetime, step: ClockStep) -> bool:
    def take() -> bool:
        with transaction() as session:
            return take_breach_step(session, now, breach_id, step)

    return await asyncio.to_thread(take)


@task(retries=RETRIES, retry_delay_seconds=DELAYS_SECONDS, retry_condition_fn=if_it_may_pass)
async def bring_up_to_date(numbers: Sequence[int], now: datetime) -> list[int]:
    """Every step that each of them is due. A transaction a breach: whoever reports one meanwhile waits for no more.

    Answers those that could not be.
    """
    stuck = await asyncio.to_thread(one_by_one, numbers, lambda number: _take_every_step(number, now))
    return those_stuck("breach", numbers, stuck, get_run_logger())


def _take_every_step(number: int, now: datetime) -> None:
    with transaction() as session:
        while step := next_breach_step(session, now, number):
            take_breach_step(session, now, number, step)


async def progress_of(breach_id: int, now: datetime) -> str:
    """Where each party stands and what is next, as Markdown: parties by their ids, nothing of what happened."""

    def read() -> str:
        with reading() as session:
            return breach_progress(session, now, breach_id)

    return await asyncio.to_thread(read)
