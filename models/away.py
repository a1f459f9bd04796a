"""A database that is away for a moment: it is restarted, or another takes its place."""

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError

PATIENCE_SECONDS: float = 30
PAUSE_SECONDS: float = 0.5

T = TypeVar("T")


def once_it_is_back(work: Callable[[], T]) -> T:
    """For what may be done twice: nobody knows whether a commit that was not answered has been done."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return work()
        except DBAPIError as error:
            if not _is_away(error) or time.monotonic() >= until:
                raise
        time.sleep(PAUSE_SECONDS)


def _is_away(error: DBAPIError) -> bool:
    return error.connection_invalidated or isinstance(error, OperationalError)
