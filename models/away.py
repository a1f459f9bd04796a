"""A database that is away for a moment: it is restarted, or another takes its place."""

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

PATIENCE_SECONDS: float = 30
PAUSE_SECONDS: float = 0.5

T = TypeVar("T")


def once_it_is_back(work: Callable[[], T]) -> T:
    """For what may be done twice: nobody knows whether a commit that was not answered has been done."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return work()
        except Exception as failure:
            if not is_away(failure) or time.monotonic() >= until:
                raise
        time.sleep(PAUSE_SECONDS)


def is_away(failure: Exception) -> bool:
    """The database is away, locked or full: no single case's fault, and what failed may pass."""
    lost = isinstance(failure, DBAPIError) and failure.connection_invalidated
    return lost or isinstance(failure, OperationalError | InterfaceError | NoConnection | OSError)
