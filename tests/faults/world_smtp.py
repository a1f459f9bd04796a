"""The mail server of a simulated year: real SMTP over loopback, in moods that the year's seed decides.

Its own small server: it must keep every copy it takes, hang up at any word, and wait for nothing. Where it stalls, no
time goes by here: the deliverer's own loop is told that its minutes are over (`SkippingLoop`).
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.faults.world_workers import Worker

STALL_SECONDS = 60.0  # longer than the deliverer waits
OK = "250 2.0.0 Ok"
ANSWERS = {"CONNECT": "220 world ready", "EHLO": "250 world", "DATA": "354 go on", "QUIT": "221 bye"}

# What it may do instead of the usual, by the word it was given. A word of its own (drop, stall, take and …) is done;
# anything else is said.
MOODS: dict[str, dict[str, tuple[str, ...]]] = {
    "kind": {},
    "greylisting": {"RCPT": ("450 4.2.0 come back later",)},
    "busy": {"MAIL": ("421 4.3.2 too busy",), "CONNECT": ("421 4.3.2 too busy",)},
    "full": {"RCPT": ("452 4.2.2 mailbox full",), "CONTENT": ("452 4.3.1 disk full",)},
    "refuses": {"RCPT": ("550 5.1.1 no such user",), "CONTENT": ("554 5.7.1 not wanted",)},
    "drops before": {"MAIL": ("drop",), "RCPT": ("drop",), "DATA": ("drop",), "CONTENT": ("drop",)},
    "drops after": {"CONTENT": ("take and drop",)},
    "stalls": {"RCPT": ("stall",), "CONTENT": ("stall", "take and stall")},
    "drips": {"RCPT": ("drip",), "CONTENT": ("drip",)},
    "limits": {"MAIL": ("421 4.7.0 so many messages a connection",)},
    "dies": {"CONTENT": ("take, answer and drop",)},
    "is down": {"CONNECT": ("drop",)},
}
HOW_OFTEN = {"kind": 0.0, "refuses": 0.05, "drops after": 0.15, "is down": 1.0, "limits": 0.0}
USUALLY = 0.3
MESSAGES_A_CONNECTION = 1


class SkippingLoop(asyncio.SelectorEventLoop):
    """A loop whose clock can be put forward: what waits for it has waited long enough."""

    skipped = 0.0

    def time(self) -> float:
        return super().time() + self.skipped

    def skip(self, seconds: float) -> None:
        """From another thread; whoever is waiting by then has set its timer."""

        def forward() -> None:
            self.skipped += seconds

        self.call_soon_threadsafe(forward)


@dataclass
class Caller:
    """Whoever speaks to the server at the moment: a deliverer, and what is to become of it."""

    worker: Worker
    loop: SkippingLoop
    dies_at: tuple[str, int] | None = None
    lost: float = 0.0  # seconds for which it was kept waiting: of the world's time, none has gone by

    @property
    def dead(self) -> bool:
        return self.worker.dead

    def hears(self, word: str) -> None:
        if self.dies_at is not None and self.dies_at[0] == word:
            self.dies_at = (word, self.dies_at[1] - 1)
            self.worker.dead = self.dead or self.dies_at[1] == 0

    def loses(self, seconds: float) -> None:
        self.lost += seconds
        self.loop.skip(seconds)

    def lets_others(self, go_on: Callable[[], None]) -> bool:
        """Whoever else is at work may have a turn before MAIL is answered."""
        if self.worker.turns is None or self.dead:
            return False
        self.worker.turns.leave(self.worker, go_on)
        return True


@dataclass
class Server:
    rng: Random
    mood: str = "kind"
    caller: Caller | None = None  # whose turn it is: nobody else connects
    callers: dict[str, Caller] = field(default_factory=dict)  # by the worker's name
    copies: Counter[str] = field(default_factory=Counter)  # by Message-ID
    answered: Counter[str] = field(default_factory=Counter)  # how often a 250 was said to it
    met: Counter[str] = field(default_factory=Counter)  # what it did otherwise, for the year's numbers

    def does(self, word: str, in_connection: int) -> str | None:
        if self.mood == "limits" and word == "MAIL" and in_connection >= MESSAGES_A_CONNECTION:
            self.met["MAIL, one too many in a connection"] += 1
            return MOODS["limits"]["MAIL"][0]
        choices = MOODS[self.mood].get(word)
        if not choices or self.rng.random() >= HOW_OFTEN.get(self.mood, USUALLY):
            return None
        done = self.rng.choice(choices)
        self.met[f"{word} {done[:3] if done[0].isdigit() else done}"] += 1
        return done
