"""The periodic analysis (§14): the steering group's paper on complaints, monthly or quarterly by policy."""

from datetime import datetime

from prefect import flow
from prefect.artifacts import acreate_markdown_artifact

from flows.clock import this_instant
from tasks.complaint_paper import keep_papers_of, papers_to_show, protocols_here


class PapersNotKept(RuntimeError):
    def __init__(self, slugs: list[str]) -> None:
        super().__init__(f"The paper on complaints could not be kept of these protocols: {', '.join(slugs)}")


@flow(name="complaint-paper", flow_run_name="complaint-paper")
async def complaint_paper(now: datetime | None = None) -> None:
    """Keep the paper of every period that is over, raise the signals, show the papers. Safe to run at any time.

    One protocol that fails holds up no other.
    """
    now = this_instant(now)
    failed = []
    for slug in await protocols_here():
        state = await paper_of_one(slug, now, return_state=True)
        if not state.is_completed():
            failed.append(slug)
    if failed:
        raise PapersNotKept(failed)


@flow(name="complaint-paper-of-one", flow_run_name="complaint-paper-{slug}")
async def paper_of_one(slug: str, now: datetime) -> None:
    kept = await keep_papers_of(slug, now)
    for shown in await papers_to_show(slug, kept):
        await acreate_markdown_artifact(shown.markdown, key=shown.key)
