"""Many cases in one task: whichever cannot take its step holds up no other."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from logging import Logger, LoggerAdapter
from typing import Any

from sqlalchemy.exc import DBAPIError


def one_by_one(numbers: Iterable[int], take: Callable[[int], None]) -> dict[int, Exception]:
    """Answers those that could not be taken, and why."""
    stuck: dict[int, Exception] = {}
    for number in numbers:
        try:
            take(number)
        except Exception as failure:  # whoever it was, the others are taken
            stuck[number] = failure
    return stuck


def those_stuck(
    kind: str, numbers: Sequence[int], stuck: Mapping[int, Exception], log: Logger | LoggerAdapter[Any]
) -> list[int]:
    """Says of each why. Where it was no single case's fault the failure is raised: the database is away, and comes
    back, and the task is tried again."""
    for number, failure in stuck.items():
        log.error("%s:%s could not take its step", kind, number, exc_info=failure)
    first = next(iter(stuck.values()), None)
    if len(stuck) == len(numbers) and isinstance(first, DBAPIError | OSError):
        raise first
    return list(stuck)
