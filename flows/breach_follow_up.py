"""A breach (§13, §14): every party concerned follows it up by its own procedure, and is asked at once.

What lies between — containing, assessing, notifying, telling people, learning — people do, through `actions`.
"""

from datetime import datetime
from typing import assert_never

from prefect import flow, tags
from prefect.artifacts import acreate_markdown_artifact

from flows.clock import present, this_instant
from rules.breach import Step
from tasks.breach import hand_over, move_on, next_due_step, open_follow_ups, progress_of, update_steps
from tasks.delivery import deliver_round


@flow(name="breach-follow-up", flow_run_name="breach-follow-up-{breach_id}")
async def breach_follow_up(breach_id: int, now: datetime | None = None) -> None:
    """Take every step this breach is due, say it, then stop. Safe to run at any time, any number of times."""
    with tags(f"breach:{breach_id}"):
        await take_steps(breach_id, this_instant(now))
    # A coordinator is told now, not at the next full minute; what cannot be sent now, the delivery sends.
    await deliver_round(present, return_state=True)  # type: ignore[misc]  # Prefect types it as if it were not async
    await acreate_markdown_artifact(await progress_of(breach_id, present()), key=f"breach-{breach_id}")


async def take_steps(breach_id: int, now: datetime) -> None:
    while step := await next_due_step(breach_id, now):
        match step:
            case Step.OPEN_FOLLOW_UPS:
                await open_follow_ups(breach_id, now)
            case Step.HAND_OVER:
                await hand_over(breach_id, now)
            case Step.UPDATE_STEPS:
                await update_steps(breach_id, now)
            case Step.RETURN_TO_ASSESSING | Step.BEGIN_FOLLOWING_UP | Step.BEGIN_REPORTING_OUT | Step.BEGIN_LEARNING:
                await move_on(breach_id, now, step)
            case _:
                assert_never(step)
