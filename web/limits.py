"""How often: wrong codes and links, and forms that anybody may send. Counted in this process; a restart forgets.

A whole council may come from one address, so what counts is failure, and the target rather than the sender.
"""

import threading
import time
from collections import deque
from collections.abc import Callable

from rules.errors import Refused

FAILURES_OF_A_TARGET = 10  # wrong codes for one reference in ten minutes
FAILURES_OF_AN_ADDRESS = 100  # wrong codes, of whatever, from one address in ten minutes
SENT_FROM_AN_ADDRESS = 300  # public forms in ten minutes
WINDOW_SECONDS = 600
REMEMBERED = 10_000  # names; the oldest are forgotten first


class TooOften(Refused):
    def __init__(self) -> None:
        super().__init__("This was tried too often. Wait ten minutes, then try again; nothing is lost meanwhile.")


class Limits:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._seen, self._lock = clock, dict[str, deque[float]](), threading.Lock()

    def require(self, name: str, at_most: int) -> None:
        """Raises TooOften when `name` was counted so often within the window."""
        with self._lock:
            if len(self._within(name)) >= at_most:
                raise TooOften

    def count(self, name: str) -> None:
        with self._lock:
            seen = self._within(name)
            seen.append(self._clock())
            self._seen.pop(name, None)
            self._seen[name] = seen
            while len(self._seen) > REMEMBERED:
                self._seen.pop(next(iter(self._seen)))

    def forget(self) -> None:
        with self._lock:
            self._seen.clear()

    def _within(self, name: str) -> deque[float]:
        seen = self._seen.get(name, deque())
        while seen and seen[0] < self._clock() - WINDOW_SECONDS:
            seen.popleft()
        return seen


LIMITS = Limits()
