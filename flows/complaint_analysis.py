"""A complaint (§9, §14): analysed “to determine whether it relates to a breakdown or an inadequacy of the protocol”.

The clock begins the analysis, and asks again after a version has answered it. What lies between — acknowledging,
answering the four questions, what follows from them — people do, through `actions`.
"""

from datetime import datetime
from typing import assert_never

from prefect import flow, tags
from prefect.artifacts import acreate_markdown_artifact

from flows.clock import present, this_instant
from rules.complaint import Step
from tasks.complaint import ask_again, begin_analysis, next_due_step, progress_of
from tasks.delivery import deliver_round


@flow(name="complaint-analysis", flow_run_name="complaint-analysis-{complaint_id}")
async def complaint_analysis(complaint_id: int, now: datetime | None = None) -> None:
    """Take every step this complaint is due, say it, then stop. Safe to run at any time, any number of times."""
    await analyse(complaint_id, this_instant(now))
    await deliver_round(present, return_state=True)  # type: ignore[misc]  # Prefect types it as if it were not async
    await acreate_markdown_artifact(await progress_of(complaint_id, present()), key=f"complaint-{complaint_id}")


@flow(name="complaint-steps", flow_run_name="complaint-steps-{complaint_id}")
async def analyse(complaint_id: int, now: datetime) -> None:
    """The steps alone: the sweep's delivery is a flow of its own."""
    with tags(f"complaint:{complaint_id}"):
        while step := await next_due_step(complaint_id, now):
            match step:
                case Step.BEGIN_ANALYSIS:
                    await begin_analysis(complaint_id, now)
                case Step.ASK_AGAIN:
                    await ask_again(complaint_id, now)
                case _:
                    assert_never(step)
