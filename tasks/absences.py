"""Those who are away, a protocol at a time. For the flow, and for whoever runs the clock without Prefect."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from prefect import get_run_logger, task

from actions.absences import absences_due, see_to_absences
from models.store import reading, transaction
from tasks.one_by_one import one_by_one, those_stuck
from tasks.retrying import DELAYS_SECONDS, RETRIES, if_it_may_pass


async def due_absences(now: datetime) -> dict[int, str]:
    return await asyncio.to_thread(look_for_absences, now)


def look_for_absences(now: datetime, on: sa.Engine | None = None) -> dict[int, str]:
    with reading(on) as session:
        return absences_due(session, now)


@task(retries=RETRIES, retry_delay_seconds=DELAYS_SECONDS, retry_condition_fn=if_it_may_pass)
async def hand_over_and_note(due: Mapping[int, str], now: datetime) -> list[str]:
    """What is owed goes to whoever stands in; what waits is on the secretary's list. Answers the cases of the protocols
    in which that could not be done."""
    stuck = await asyncio.to_thread(take_absences, due, now)
    return [due[number] for number in those_stuck("protocol", list(due), stuck, get_run_logger())]


def take_absences(numbers: Iterable[int], now: datetime, on: sa.Engine | None = None) -> dict[int, Exception]:
    def take(number: int) -> None:
        with transaction(on) as session:
            see_to_absences(session, now, number)

    return one_by_one(numbers, take)
