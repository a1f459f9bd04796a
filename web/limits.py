"""How often: wrong codes and links, and forms that anybody may send. Counted in this process; a restart forgets.

A whole council may come from one address, so what counts is failure, and of that the target's first. Nobody may lock
out somebody elsewhere by failing in their place: a target is counted for each sender, and for all of them far higher.
"""

import threading
import time
from collections import deque
from collections.abc import Callable

from rules.errors import Refused

FAILURES_OF_A_TARGET = 10  # wrong codes for one reference from one address in ten minutes
FAILURES_OF_ALL = 200  # wrong codes for one reference, from wherever: nobody guesses one of ten to the sixteenth so
FAILURES_OF_AN_ADDRESS = 100  # wrong codes, of whatever, from one address in ten minutes
SENT_FROM_AN_ADDRESS = 300  # public forms in ten minutes
WINDOW_SECONDS = 600
REMEMBERED = 10_000  # names of one kind; the oldest are forgotten first


class TooOften(Refused):
    def __init__(self) -> None:
        super().__init__("This was tried too often. Wait ten minutes, then try again; nothing is lost meanwhile.")


class Limits:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """A name's kind stands before its colon, and no kind is forgotten for another."""
        self._clock, self._lock = clock, threading.Lock()
        self._seen: dict[str, dict[str, deque[float]]] = {}

    def require(self, name: str, at_most: int) -> None:
        """Raises TooOften when `name` was counted so often within the window."""
        with self._lock:
            if len(self._within(name)) >= at_most:
                raise TooOften

    def count(self, name: str) -> None:
        with self._lock:
            self._count(name)

    def take(self, *limits: tuple[str, int]) -> None:
        """Count every name, or none where one is at its limit: many at once do not all pass. Raises TooOften."""
        with self._lock:
            if any(len(self._within(name)) >= at_most for name, at_most in limits):
                raise TooOften
            for name, _ in limits:
                self._count(name)

    def give_back(self, *names: str) -> None:
        """What was taken and turned out to be no failure."""
        with self._lock:
            for name in names:
                if seen := self._within(name):
                    seen.pop()

    def forget(self) -> None:
        with self._lock:
            self._seen.clear()

    def _count(self, name: str) -> None:
        seen, of_kind = self._within(name), self._seen.setdefault(_kind(name), {})
        seen.append(self._clock())
        of_kind.pop(name, None)
        of_kind[name] = seen
        while len(of_kind) > REMEMBERED:
            of_kind.pop(next(iter(of_kind)))

    def _within(self, name: str) -> deque[float]:
        seen = self._seen.get(_kind(name), {}).get(name, deque())
        while seen and seen[0] < self._clock() - WINDOW_SECONDS:
            seen.popleft()
        return seen


def _kind(name: str) -> str:
    return name.partition(":")[0] if ":" in name else ""


LIMITS = Limits()
