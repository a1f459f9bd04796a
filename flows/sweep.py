"""The sweep: every few minutes, everything the clock owes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from prefect import flow
from prefect.tasks import Task

from flows.annual_review import annual_review
from flows.clock import this_instant
from models.store import giving_way
from tasks.absences import due_absences, hand_over_and_note
from tasks.breach import bring_up_to_date as bring_breaches_up_to_date
from tasks.breach import due_breaches
from tasks.complaint import BATCH, due_complaints
from tasks.complaint import bring_up_to_date as bring_complaints_up_to_date
from tasks.review import due_reviews
from tasks.sweep import queue_reminders, report_stuck, sweep_begins, sweep_ends


class CasesNotAdvanced(RuntimeError):
    def __init__(self, cases: list[str]) -> None:
        super().__init__(f"These cases could not be brought up to date: {', '.join(cases)}")


@flow(name="sweep", flow_run_name="sweep")
async def sweep(now: datetime | None = None) -> None:
    """Advance every case that is due, breaches first, and queue every reminder that is due.

    One case that fails holds up no other.
    """
    with giving_way():
        failed = await everything_due(this_instant(now))
    if failed:
        raise CasesNotAdvanced(failed)


async def in_batches(kind: str, numbers: Sequence[int], now: datetime, bring_up_to_date: Task[..., Any]) -> list[str]:
    """One task for hundreds of cases. Answers those that could not go on."""
    failed = []
    for first in range(0, len(numbers), BATCH):
        batch = numbers[first : first + BATCH]
        state = await bring_up_to_date(batch, now, return_state=True)
        stuck = await state.aresult() if state.is_completed() else batch
        failed += [f"{kind}:{number}" for number in stuck]
    return failed


async def everything_due(now: datetime) -> list[str]:
    """Answers the cases that could not go on."""
    await sweep_begins(now)
    failed = []
    failed += await in_batches("breach", await due_breaches(now), now, bring_breaches_up_to_date)
    failed += await in_batches("complaint", await due_complaints(now), now, bring_complaints_up_to_date)
    for review_id in await due_reviews(now):
        state = await annual_review(review_id, now, return_state=True)
        if not state.is_completed():
            failed.append(f"review:{review_id}")
    failed += await every_absence(now)
    failed += await every_reminder(now)
    failed = list(dict.fromkeys(failed))
    await sweep_ends(now)
    if failed:
        await report_stuck(failed, now)
    return failed


async def every_absence(now: datetime) -> list[str]:
    """Answers the cases of protocols in which they could not be seen to. After what the cases ask for, so that nothing
    waits for somebody unsaid; before the reminders, so that whoever stands in gets them."""
    if not (due := await due_absences(now)):
        return []
    see_to: Task[..., Any] = hand_over_and_note
    state = await see_to(due, now, return_state=True)
    return list(await state.aresult() if state.is_completed() else due.values())


async def every_reminder(now: datetime) -> list[str]:
    """Answers the cases of those that could not be reminded, which are passed over until the next sweep."""
    stuck: dict[int, str] = {}
    while any(done := await queue_reminders(now, list(stuck))):
        stuck |= done[1]
    return list(stuck.values())
