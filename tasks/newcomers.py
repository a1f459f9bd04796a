"""Whoever counts as a party since today is asked to adopt. For the night's flow, and for whoever runs it without
Prefect."""

import logging
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import select

from actions.parties import ask_whoever_counts_since_today
from models.away import is_away
from models.protocol import Protocol
from models.store import reading, transaction

LOG = logging.getLogger(__name__)


def ask_newcomers(now: datetime, on: sa.Engine | None = None) -> int:
    """Each protocol in a transaction of its own: one in which nobody can be asked holds up no other. Answers how many
    parties are asked. Raises what says that the database is away."""
    with reading(on) as session:
        slugs = session.exec(select(Protocol.slug).order_by(Protocol.slug)).all()
    asked = 0
    for slug in slugs:
        try:
            with transaction(on) as session:
                asked += ask_whoever_counts_since_today(session, now, slug)
        except Exception as failure:  # whatever it was, the others are asked
            if is_away(failure):
                raise
            LOG.error("the newcomers of %s could not be asked to adopt", slug, exc_info=failure)
    return asked
