"""Many cases in one task: whichever cannot take its step holds up no other."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from logging import Logger, LoggerAdapter
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from models.away import is_away
from models.store import transaction

T = TypeVar("T")


def one_by_one(numbers: Iterable[int], take: Callable[[int], None]) -> dict[int, Exception]:
    """Answers those that could not be taken, and why."""
    stuck: dict[int, Exception] = {}
    for number in numbers:
        try:
            take(number)
        except Exception as failure:  # whoever it was, the others are taken
            stuck[number] = failure
    return stuck


def each_for_itself(
    names: Iterable[str], act: Callable[[Session, str], T], log: Logger, otherwise: str, on: sa.Engine | None = None
) -> list[T]:
    """Each in a transaction of its own; of one that cannot be done the log says `otherwise`, with its name. Answers
    what came of the others. Raises what says that the database is away."""
    done = []
    for name in names:
        try:
            with transaction(on) as session:
                done.append(act(session, name))
        except Exception as failure:  # whatever it was, the others are done
            if is_away(failure):
                raise
            log.error(otherwise, name, exc_info=failure)
    return done


def by_halves(numbers: Sequence[int], take: Callable[[Sequence[int]], None]) -> dict[int, Exception]:
    """What cannot be taken together is taken by halves, down to those that cannot be taken at all: answers them, and
    why. Raises what says that the database is away."""
    try:
        take(numbers)
    except Exception as failure:  # whoever it was, the others are taken
        if is_away(failure):
            raise
        if len(numbers) == 1:
            return {numbers[0]: failure}
        middle = len(numbers) // 2
        return by_halves(numbers[:middle], take) | by_halves(numbers[middle:], take)
    return {}


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
