"""The steering group's paper: kept in one transaction a protocol, then shown from what was kept."""

import asyncio
from datetime import datetime
from typing import NamedTuple

from prefect import task
from sqlmodel import select

from actions.cast import protocol_named
from actions.complaints.paper import keep_paper, newest_papers
from models.protocol import Protocol
from models.store import reading, transaction
from notifications.complaint_paper import paper_markdown
from tasks.retrying import DELAYS_SECONDS, RETRIES, if_it_may_pass


class Shown(NamedTuple):
    key: str
    markdown: str


async def protocols_here() -> list[str]:
    def ask() -> list[str]:
        with reading() as session:
            return list(session.exec(select(Protocol.slug).order_by(Protocol.slug)))

    return await asyncio.to_thread(ask)


@task(retries=RETRIES, retry_delay_seconds=DELAYS_SECONDS, retry_condition_fn=if_it_may_pass)
async def keep_papers_of(slug: str, now: datetime) -> int:
    """Of every period that is over and has none yet; answers how many."""

    def keep() -> int:
        with transaction() as session:
            return len(keep_paper(session, now, protocol_named(session, slug)))

    return await asyncio.to_thread(keep)


async def papers_to_show(slug: str, kept: int) -> list[Shown]:
    """Those just kept, and always the newest: a run that was killed after keeping it has shown none."""

    def read() -> list[Shown]:
        with reading() as session:
            papers = newest_papers(session, protocol_named(session, slug), max(kept, 1))
            return [
                Shown(f"complaint-paper-{slug}-{paper.last_day:%Y-%m}", paper_markdown(paper.facts)) for paper in papers
            ]

    return await asyncio.to_thread(read)
