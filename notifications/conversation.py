"""Commands and answers on a connection that aiosmtplib has opened, secured and logged in.

The library waits for each answer before the next command, and loses what comes sooner. Here commands may go in
groups, for which a server that says PIPELINING keeps its answers apart (RFC 2920).
"""

import asyncio
from collections import deque
from typing import NamedTuple

LONGEST_ANSWER = 32_768  # bytes; a server that says more without an end is not listened to


class Answer(NamedTuple):
    code: int
    words: str

    def __str__(self) -> str:
        return f"{self.code} {self.words}"


def legible(said: str) -> str:
    """What a server or the library said, as it can be kept and shown: PostgreSQL takes no zero byte, and UTF-8 no half
    of a character."""
    if said.isprintable():
        return said
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "\ufffd" for sign in said)


class Conversation(asyncio.Protocol):
    """Takes the connection over. Every way in which it can end is an OSError, a stall a TimeoutError."""

    def __init__(self, transport: asyncio.Transport, timeout: float, *, pipelining: bool) -> None:
        self.pipelining = pipelining
        self._transport, self._timeout = transport, timeout
        self._answers: deque[Answer] = deque()
        self._owed = 0  # answers to what was said
        self._unread = b""
        self._lines: list[str] = []  # of an answer that is not complete yet
        self._end: OSError | None = None
        self._listening: asyncio.Future[None] | None = None
        self._until = 0.0  # by the loop's clock: then whoever listens has waited long enough
        self._watch: asyncio.TimerHandle | None = None
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        return self._end is None and not self._transport.is_closing()

    @property
    def owes(self) -> bool:
        """An answer is still to come, or to be heard."""
        return self._owed > 0

    def say(self, *commands: bytes) -> None:
        """One answer is owed to each. Raises OSError where nothing can be said any more: then nothing was."""
        if not self.is_open:
            raise self._end or ConnectionError("Connection lost")
        if not self._owed:  # what nobody asked for must not be taken for an answer
            self._answers.clear()
            self._lines, self._unread = [], b""
        self._owed += len(commands)
        self._transport.write(b"".join(commands))

    async def answer(self) -> Answer:
        """The next one owed."""
        if not self._answers:
            await self._listen()
        self._owed -= 1
        return self._answers.popleft()

    async def ask(self, command: bytes) -> Answer:
        self.say(command)
        return await self.answer()

    def close(self) -> None:
        self._end = self._end or ConnectionError("Connection closed")
        self._watch_no_more()
        self._transport.close()

    async def _listen(self) -> None:
        if self._end is not None:
            raise self._end
        loop = asyncio.get_running_loop()
        self._listening = loop.create_future()
        self._until = loop.time() + self._timeout
        if self._watch is None:  # one goes on from wait to wait: setting one for each is dearer than reading an answer
            self._watch = loop.call_at(self._until, self._look)
        try:
            await self._listening
        finally:
            self._listening = None

    def _look(self) -> None:
        loop, self._watch = asyncio.get_running_loop(), None
        if self._listening is None:
            return
        if loop.time() < self._until:
            self._watch = loop.call_at(self._until, self._look)
        else:
            self._over(TimeoutError("Timed out waiting for the server's answer"))

    def data_received(self, data: bytes) -> None:
        if not self._owed:
            return
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            if self._end is None:  # behind nonsense nobody knows what an answer is to
                self._read(line)
        if len(self._unread) + sum(map(len, self._lines)) > LONGEST_ANSWER:
            self._over(ConnectionError("Response too long"))
        elif self._answers:
            self._wake()

    def _read(self, line: bytes) -> None:
        """`250-first line`, `250 last line`."""
        if not line[:3].isdigit():
            self._over(ConnectionError(f"Malformed SMTP response line: {line[:200].decode(errors='replace')}"))
            return
        self._lines.append(legible(line[4:].strip().decode(errors="replace")))
        if line[3:4] != b"-":
            self._answers.append(Answer(int(line[:3]), "\n".join(self._lines)))
            self._lines = []

    def connection_lost(self, error: Exception | None) -> None:
        self._over(ConnectionError(f"Connection lost{f': {error}' if error else ''}"))

    def _over(self, why: OSError) -> None:
        """What was read before stays to be heard."""
        self._end = self._end or why
        self._watch_no_more()
        self._transport.abort()
        self._wake()

    def _watch_no_more(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _wake(self) -> None:
        if self._listening is None or self._listening.done():
            return
        if self._answers or self._end is None:
            self._listening.set_result(None)
        else:
            self._listening.set_exception(self._end)
