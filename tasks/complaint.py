"""The steps of a complaint's analysis, each after asking the rule again; and of a sweep's, by the hundred."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from prefect import get_run_logger, task
from sqlmodel import col, select

from actions.complaints.progress import complaint_progress
from actions.complaints.settling import complaints_due, next_complaint_step, take_complaint_step, take_due_steps
from models.complaint import Complaint
from models.store import reading, transaction
from rules.complaint import ClockStep, Step
from tasks.one_by_one import one_by_one, those_stuck
from tasks.retrying import DELAYS_SECONDS, RETRIES, if_it_may_pass

BATCH = 150  # complaints: their protocol is held for the whole of it, and whoever writes to it waits a second or two


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


@task(retries=RETRIES, retry_delay_seconds=DELAYS_SECONDS, retry_condition_fn=if_it_may_pass)
async def bring_up_to_date(numbers: Sequence[int], now: datetime) -> list[int]:
    """Every step that each of them is due, a transaction a protocol: locks are taken of one protocol alone.

    Where one step fails, the others of its batch are taken one by one. Answers those that could not be.
    """
    stuck = await asyncio.to_thread(all_but_the_stuck, numbers, now)
    return those_stuck("complaint", numbers, stuck, get_run_logger())


def all_but_the_stuck(numbers: Sequence[int], now: datetime) -> dict[int, Exception]:
    stuck: dict[int, Exception] = {}
    for together in _by_protocol(numbers):
        try:
            _take_all(together, now)
        except Exception:  # whoever it was, it holds up no other: each is taken, and fails, by itself
            stuck |= one_by_one(together, lambda number: _take_all([number], now))
    return stuck


def _by_protocol(numbers: Sequence[int]) -> list[list[int]]:
    with reading() as session:
        of = select(Complaint.protocol_id, Complaint.id).where(col(Complaint.id).in_(numbers))
        rows = session.exec(of.order_by(col(Complaint.id))).all()
    found: dict[int, list[int]] = defaultdict(list)
    for protocol_id, number in rows:
        found[protocol_id].append(number or 0)
    return list(found.values())


def _take_all(numbers: Sequence[int], now: datetime) -> None:
    with transaction() as session:
        take_due_steps(session, now, numbers)


async def progress_of(complaint_id: int, now: datetime) -> str:
    """Where it stands and what is next, as Markdown: parties by their ids, nothing of what was told."""

    def read() -> str:
        with reading() as session:
            return complaint_progress(session, now, complaint_id)

    return await asyncio.to_thread(read)
