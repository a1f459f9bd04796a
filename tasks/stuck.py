"""Cases that could not go on become work for the secretary. For the flow, and for whoever runs the clock without
Prefect."""

import logging
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from actions.watching import report_stuck_case
from models.away import is_away
from models.store import transaction

LOG = logging.getLogger(__name__)


def report_stuck_cases(now: datetime, cases: Iterable[str], on: sa.Engine | None = None) -> None:
    """Each in a transaction of its own: one that cannot be reported loses no other. Raises what says that the database
    is away."""
    for case in cases:
        try:
            with transaction(on) as session:
                report_stuck_case(session, now, case)
        except Exception as failure:  # whatever it was, the others are reported
            if is_away(failure):
                raise
            LOG.error("%s is stuck, and could not be put on the list", case, exc_info=failure)
