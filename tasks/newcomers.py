"""Whoever counts as a party since today is asked to adopt. For the night's flow, and for whoever runs it without
Prefect."""

import logging
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import select

from actions.parties import ask_whoever_counts_since_today
from models.protocol import Protocol
from models.store import reading
from tasks.one_by_one import each_for_itself

LOG = logging.getLogger(__name__)


def ask_newcomers(now: datetime, on: sa.Engine | None = None) -> int:
    """One protocol in which nobody can be asked holds up no other. Answers how many parties are asked. Raises what says
    that the database is away."""
    with reading(on) as session:
        slugs = session.exec(select(Protocol.slug).order_by(Protocol.slug)).all()
    otherwise = "the newcomers of %s could not be asked to adopt"
    return sum(
        each_for_itself(
            slugs, lambda session, slug: ask_whoever_counts_since_today(session, now, slug), LOG, otherwise, on
        )
    )
