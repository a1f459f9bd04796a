"""The review of the protocol (§14): asked a month ahead, feedback closed on the day, adopted when all have signed.

What lies between — drafting, advice, decisions, signatures — people do, through `actions`.
"""

from datetime import datetime
from typing import assert_never

from prefect import flow, tags
from prefect.artifacts import acreate_markdown_artifact

from flows.clock import this_instant
from rules.review import Step
from tasks.review import adopt_version, close_feedback, invite_feedback, next_due_step, progress_of


@flow(name="annual-review", flow_run_name="annual-review-{review_id}")
async def annual_review(review_id: int, now: datetime | None = None) -> None:
    """Take every step this review is due, then stop. Safe to run at any time, any number of times."""
    now = this_instant(now)
    with tags(f"review:{review_id}"):
        while step := await next_due_step(review_id, now):
            match step:
                case Step.INVITE_FEEDBACK:
                    await invite_feedback(review_id, now)
                case Step.CLOSE_FEEDBACK:
                    await close_feedback(review_id, now)
                case Step.ADOPT:
                    await adopt_version(review_id, now)
                case _:
                    assert_never(step)
    await acreate_markdown_artifact(await progress_of(review_id, now), key=f"review-{review_id}")
