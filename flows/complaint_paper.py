"""The periodic analysis (§14): the steering group's paper on complaints, monthly or quarterly by policy."""

from datetime import datetime

from prefect import flow
from prefect.artifacts import acreate_markdown_artifact

from flows.clock import this_instant
from tasks.complaint_paper import keep_papers_of, papers_to_show, protocols_here


@flow(name="complaint-paper", flow_run_name="complaint-paper")
async def complaint_paper(now: datetime | None = None) -> None:
    """Keep the paper of every period that is over, raise the signals, show the papers. Safe to run at any time."""
    now = this_instant(now)
    for slug in await protocols_here():
        kept = await keep_papers_of(slug, now)
        for shown in await papers_to_show(slug, kept):
            await acreate_markdown_artifact(shown.markdown, key=shown.key)
