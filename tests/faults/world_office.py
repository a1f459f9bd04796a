"""The mail server's end of the line: a command is a line, and after 354 all up to the lonely dot is one message."""

import asyncio
import threading
from random import Random
from typing import Any

from tests.faults.world_smtp import ANSWERS, OK, STALL_SECONDS, Server


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
            self._hear("CONNECT")

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
        done = self.server.does("CONTENT", self.messages)
        self.caller.hears("250")  # before it is said: whoever dies there has not read it
        self._take(number, done)
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

    def hears_out(self) -> None:
        """What was said by now is heard, while whoever said it still lives."""
        asyncio.run_coroutine_threadsafe(self._a_moment(), self.loop).result()

    async def _a_moment(self) -> None:
        for _ in range(3):
            await asyncio.sleep(0.001)

    async def _until_nobody_speaks(self) -> None:
        for _ in range(5):
            if not self.open:
                return
            await asyncio.sleep(0.001)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
