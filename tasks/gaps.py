"""Gaps that an earlier release left resolved in a text that never came into force are open again. For the night's flow,
and for whoever runs it without Prefect."""

import logging
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from actions.cast import protocol_named
from actions.gaps.waiting_again import answered_by_nothing, reopen_unanswered
from actions.moving import protocol_locked
from models.history import CLOCK
from models.protocol import Protocol
from models.store import reading
from tasks.one_by_one import each_for_itself

LOG = logging.getLogger(__name__)


def reopen_what_nothing_answers(now: datetime, on: sa.Engine | None = None) -> int:
    """Answers how many are. Raises what says that the database is away."""
    with reading(on) as session:
        slugs = {session.get_one(Protocol, gap.protocol_id).slug for gap, _ in answered_by_nothing(session)}

    def reopen(session: Session, slug: str) -> int:
        protocol = protocol_named(session, slug)
        protocol_locked(session, protocol)
        return reopen_unanswered(session, now, protocol, CLOCK)

    return sum(each_for_itself(sorted(slugs), reopen, LOG, "the gaps of %s could not be opened again", on))
