"""Words that have been kept for as long as the protocol says go, a case at a time. For the night's flow, and for
whoever runs it without Prefect."""

import logging
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import select

from actions.retention.cases import cases_to_empty
from actions.retention.emptying import empty
from models.protocol import Protocol
from models.store import reading
from tasks.one_by_one import each_for_itself

LOG = logging.getLogger(__name__)


def empty_what_is_over(now: datetime, on: sa.Engine | None = None) -> int:
    """A case that cannot be emptied holds up no other. Answers how many were. Raises what says that the database is
    away."""
    with reading(on) as session:
        due = {
            case: protocol.slug
            for protocol in session.exec(select(Protocol).order_by(Protocol.slug)).all()
            for case in cases_to_empty(session, protocol, now)
        }
    otherwise = "the words of %s could not be emptied"
    return sum(each_for_itself(due, lambda session, case: empty(session, now, due[case], case), LOG, otherwise, on))
