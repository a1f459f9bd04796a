"""Each task takes one step of a complaint's analysis, in one transaction, after asking the rule again."""

import asyncio
from datetime import datetime

from prefect import task

from actions.complaints.progress import complaint_progress
from actions.complaints.settling import complaints_due, next_complaint_step, take_complaint_step
from models.store import reading, transaction
from rules.complaint import ClockStep, Step
from tasks.retrying import DELAYS_SECONDS, RETRIES, if_it_may_pass


async def next_due_step(complaint_id: int, now: datetime) -> ClockStep | None:
    """What the rules say is due now; None where the complaint waits for people."""

    def look() -> ClockStep | None:
        with reading() as session:
            return next_complaint_step(session, now, complaint_id)

    return await asyncio.to_thread(look)


async def due_complaints(now: datetime) -> list[int]:
    def look() -> list[int]:
        with reading() as session:
            return complaints_due(session, now)

    return await asyncio.to_thread(look)


@task(retries=RETRIES, retry_delay_seconds=DELAYS_SECONDS, retry_condition_fn=if_it_may_pass)
async def begin_analysis(complaint_id: int, now: datetime) -> bool:
    """Clauses are suggested, and somebody is asked the four questions."""
    return await _take(complaint_id, now, Step.BEGIN_ANALYSIS)


@task(retries=RETRIES, retry_delay_seconds=DELAYS_SECONDS, retry_condition_fn=if_it_may_pass)
async def ask_again(complaint_id: int, now: datetime) -> bool:
    """A version has answered it: would it be covered now?"""
    return await _take(complaint_id, now, Step.ASK_AGAIN)


async def _take(complaint_id: int, now: datetime, step: ClockStep) -> bool:
    def take() -> bool:
        with transaction() as session:
            return take_complaint_step(session, now, complaint_id, step)

    return await asyncio.to_thread(take)


async def progress_of(complaint_id: int, now: datetime) -> str:
    """Where it stands and what is next, as Markdown: parties by their ids, nothing of what was told."""

    def read() -> str:
        with reading() as session:
            return complaint_progress(session, now, complaint_id)

    return await asyncio.to_thread(read)
