"""Cases that could not go on become work for the secretary. For the flow, and for whoever runs the clock without
Prefect."""

import logging
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from actions.watching import report_stuck_case
from tasks.one_by_one import each_for_itself

LOG = logging.getLogger(__name__)


def report_stuck_cases(now: datetime, cases: Iterable[str], on: sa.Engine | None = None) -> None:
    """One that cannot be reported loses no other. Raises what says that the database is away."""
    otherwise = "%s is stuck, and could not be put on the list"
    each_for_itself(cases, lambda session, case: report_stuck_case(session, now, case), LOG, otherwise, on)
