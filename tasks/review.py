"""Each task takes one step of a review, in one transaction, after asking the rule again."""

import asyncio
from datetime import datetime

from prefect import task

from actions.clockwork import next_step, reviews_due, take_clock_step
from actions.progress import review_progress
from models.store import reading, transaction
from rules.review import ClockStep, Step
from tasks.retrying import DELAYS_SECONDS, RETRIES, if_it_may_pass


async def next_due_step(review_id: int, now: datetime) -> ClockStep | None:
    """What the rules say is due now; None where the review waits for people or for a day to come."""

    def ask() -> ClockStep | None:
        with reading() as session:
            return next_step(session, now, review_id)

    return await asyncio.to_thread(ask)


async def due_reviews(now: datetime) -> list[int]:
    def ask() -> list[int]:
        with reading() as session:
            return reviews_due(session, now)

    return await asyncio.to_thread(ask)


@task(retries=RETRIES, retry_delay_seconds=DELAYS_SECONDS, retry_condition_fn=if_it_may_pass)
async def invite_feedback(review_id: int, now: datetime) -> bool:
    return await _take(review_id, now, Step.INVITE_FEEDBACK)


@task(retries=RETRIES, retry_delay_seconds=DELAYS_SECONDS, retry_condition_fn=if_it_may_pass)
async def close_feedback(review_id: int, now: datetime) -> bool:
    return await _take(review_id, now, Step.CLOSE_FEEDBACK)


@task(retries=RETRIES, retry_delay_seconds=DELAYS_SECONDS, retry_condition_fn=if_it_may_pass)
async def adopt_version(review_id: int, now: datetime) -> bool:
    return await _take(review_id, now, Step.ADOPT)


async def _take(review_id: int, now: datetime, step: ClockStep) -> bool:
    def take() -> bool:
        with transaction() as session:
            return take_clock_step(session, now, review_id, step)

    return await asyncio.to_thread(take)


async def progress_of(review_id: int, now: datetime) -> str:
    """Who has answered and what is next, as Markdown: parties by their ids, no personal data."""

    def read() -> str:
        with reading() as session:
            return review_progress(session, now, review_id)

    return await asyncio.to_thread(read)
