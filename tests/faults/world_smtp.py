"""The mail server of a simulated year: real SMTP over loopback, in moods that the year's seed decides.

Its own small server: it must keep every copy it takes, hang up at any word, and wait for nothing. Where it stalls, no
time goes by here: the deliverer's own loop is told that its minutes are over (`SkippingLoop`).
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

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
MESSAGES_A_CONNECTION = 3


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
    answered: Counter[str] = field(default_factory=Counter)  # of these, how often a 250 was sent to somebody alive
    met: Counter[str] = field(default_factory=Counter)  # what it did otherwise, for the year's numbers

    def does(self, word: str, in_connection: int) -> str | None:
        if self.mood == "limits" and word == "MAIL" and in_connection >= MESSAGES_A_CONNECTION:
            return MOODS["limits"]["MAIL"][0]
        choices = MOODS[self.mood].get(word)
        if not choices or self.rng.random() >= HOW_OFTEN.get(self.mood, USUALLY):
            return None
        done = self.rng.choice(choices)
        self.met[f"{word} {done[:3] if done[0].isdigit() else done}"] += 1
        return done


class Conversation(asyncio.Protocol):
    """One connection. Every command is one line; after 354 everything up to the lonely dot is one message."""

    def __init__(self, office: "Office") -> None:
        self.office, self.server, self.loop = office, office.server, office.loop
        self.caller = self.server.caller
        self.buffer, self.in_content, self.messages = b"", False, 0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.office.open.add(self)
        if self.caller is None or self.caller.dead:
            transport.abort()
        else:
            self._answer("CONNECT")

    def connection_lost(self, _why: Exception | None) -> None:
        self.office.open.discard(self)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while not self.transport.is_closing():
            end = b"\r\n.\r\n" if self.in_content else b"\r\n"
            text, found, rest = self.buffer.partition(end)
            if not found:
                return
            self.buffer = rest
            self._content(text) if self.in_content else self._command(text)

    def _command(self, line: bytes) -> None:
        word = line[:4].decode().upper()
        if word == "MAIL" and self.caller and self.caller.lets_others(self._mail_later):
            return
        self._hear(word)

    def _mail_later(self) -> None:
        self.loop.call_soon_threadsafe(self._hear, "MAIL")

    def _hear(self, word: str) -> None:
        assert self.caller is not None
        self.caller.hears(word)
        if self.caller.dead:
            self.transport.abort()
            return
        self._answer(word)
        if word == "QUIT":
            self.transport.close()

    def _answer(self, word: str) -> None:
        done = self.server.does(word, self.messages)
        match done:
            case "drop":
                self.transport.abort()
            case "stall":
                self._stall()
            case "drip":
                self._drip(ANSWERS.get(word, OK))
            case None:
                self.in_content = word == "DATA"
                self._say(ANSWERS.get(word, OK))
            case _:
                self._say(done)
                if done.startswith("421"):
                    self.transport.close()

    def _content(self, text: bytes) -> None:
        assert self.caller is not None
        self.in_content = False
        number = _message_id(text)
        self.caller.hears("CONTENT")
        if self.caller.dead:
            self.server.copies[number] += 1  # it had all of it
            self.transport.abort()
            return
        self._take(number, self.server.does("CONTENT", self.messages))
        self.caller.hears("250")
        if self.caller.dead:
            self.transport.abort()

    def _take(self, number: str, done: str | None) -> None:
        if done is None or done == "drip" or done.startswith("take"):
            self.server.copies[number] += 1
            self.messages += 1
        if done in (None, "drip", "take, answer and drop"):
            self.server.answered[number] += 1
            self._drip(OK) if done == "drip" else self._say(OK)
        elif done in ("stall", "take and stall"):
            self._stall()
        elif done[0].isdigit():
            self._say(done)
        if done is not None and done.endswith("drop"):
            self.transport.close() if "answer" in done else self.transport.abort()

    def _say(self, answer: str) -> None:
        self.transport.write(answer.encode() + b"\r\n")

    def _drip(self, answer: str) -> None:
        """Each piece just in time."""
        assert self.caller is not None
        self.transport.write(answer[:2].encode())
        self.caller.loses(STALL_SECONDS / 4)
        self.transport.write(answer[2:].encode() + b"\r\n")

    def _stall(self) -> None:
        assert self.caller is not None
        self.caller.loses(STALL_SECONDS)


def _message_id(text: bytes) -> str:
    for line in text.split(b"\r\n"):
        if line.lower().startswith(b"message-id:"):
            return line.partition(b":")[2].strip().decode()
    raise AssertionError("a message without a Message-ID")


class Office:
    """The server's loop, in a thread of its own for as long as years are played; each year has its own memory."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.server = Server(Random(0))
        self.open: set[Conversation] = set()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,), daemon=True, name="mail server")
        self._thread.start()
        ready.wait()

    def _serve(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self.loop)
        listening = self.loop.run_until_complete(self.loop.create_server(lambda: Conversation(self), "127.0.0.1", 0))
        self.port: int = listening.sockets[0].getsockname()[1]
        self.loop.call_soon(ready.set)
        self.loop.run_forever()
        listening.close()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    def has_heard_all(self) -> None:
        """What a worker that is dead had said by then is taken, or not, before anybody goes on."""
        asyncio.run_coroutine_threadsafe(self._until_nobody_speaks(), self.loop).result()

    async def _until_nobody_speaks(self) -> None:
        for _ in range(50):
            if not self.open:
                return
            await asyncio.sleep(0.001)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
