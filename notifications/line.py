"""One persistent connection to the mail server, and what happens to a message on it."""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import cast

import aiosmtplib

from models.fail_points import reached
from notifications.answers import (
    ABOUT_US,
    CLOSING,
    READY_FOR_MESSAGE,
    accepted,
    deferred,
    in_doubt,
    refused,
    words_of,
)
from notifications.conversation import Answer, Conversation
from notifications.outgoing import Outgoing
from notifications.post_office import MailSettings
from notifications.settling import Result

STRIKES = 3
GOODBYE_SECONDS = 2
DATA = b"DATA\r\n"
# MAIL, RCPT and DATA, each with the answers that let the next be of use.
GOES_ON = (frozenset({250}), frozenset({250, 251}), frozenset({READY_FOR_MESSAGE}))


class ConnectionEnded(Exception):
    """Before the message was handed over: it is surely not sent."""

    def __init__(self, said: str, *, stalled: bool = False) -> None:
        super().__init__(said)
        self.stalled = stalled


class Closed(Exception):
    """The server cannot be reached, or does not want us: trying the next message would not help."""


class Line:
    """A connection that reconnects by itself. Raises Closed; everything about one message is a Result."""

    def __init__(self, post_office: MailSettings) -> None:
        self.post_office = post_office
        self.handed_over: Outgoing | None = None  # the message whose answer we wait for
        self._open: Conversation | None = None
        self._strikes = 0
        self._mail_from = f"MAIL FROM:<{post_office.bounces_to}>\r\n".encode("ascii")

    async def post(self, row: Outgoing, message: bytes) -> Result:
        """One attempt; a connection that the server had meanwhile ended is replaced and does not count."""
        was_open = self._open is not None and self._open.is_open
        try:
            return await self._post(row, message)
        except ConnectionEnded as ended:
            if not was_open or ended.stalled:
                return self._struck(deferred(row, str(ended)))
        try:
            return await self._post(row, message)
        except ConnectionEnded as ended:
            return self._struck(deferred(row, str(ended)))

    def _struck(self, result: Result) -> Result:
        self._strikes += 1
        return result

    @property
    def trouble(self) -> str | None:
        """Several messages in a row met a server that answers the telephone and hangs up."""
        return "the mail server keeps ending the connection" if self._strikes >= STRIKES else None

    async def close(self) -> Result | None:
        """The answer that somebody who was cancelled waited for, if it comes within moments; then goodbye."""
        if self._open is None:
            return None
        heard = None
        with suppress(OSError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                if self.handed_over is not None and self._open.owes:
                    heard = self._answered(self.handed_over, await _answer_to_content(self._open))
                await self._open.ask(b"QUIT\r\n")
        self._open.close()
        return heard

    async def _post(self, row: Outgoing, message: bytes) -> Result:
        server = await self._connected()
        answers, lost = await _announce(server, self._mail_from, f"RCPT TO:<{row.address}>\r\n".encode("ascii"))
        for place, answer in enumerate(answers):
            if answer.code not in GOES_ON[place]:
                return await self._after_refusal(server, row, answers, place)
        if lost is not None:
            raise _ended(server, lost)
        return await self._hand_over(server, row, message)

    async def _hand_over(self, server: Conversation, row: Outgoing, message: bytes) -> Result:
        """From the first byte of the content to the answer nobody but the server knows whether it has it."""
        if not server.is_open:
            raise ConnectionEnded("the connection was lost before the message was handed over")
        self.handed_over = row
        try:
            answer = await _content(server, message)
        except OSError as lost:
            server.close()
            self.handed_over = None
            said = f"No answer after the message was handed over: {words_of(lost)}"
            return self._struck(in_doubt(row, said))
        return self._answered(row, answer)

    def _answered(self, row: Outgoing, answer: Answer) -> Result:
        self.handed_over = None
        self._strikes = 0
        if 200 <= answer.code < 300:
            return accepted(row, str(answer))
        return refused(row, answer.code, answer.words, at_recipient=False)

    async def _after_refusal(
        self, server: Conversation, row: Outgoing, answers: Sequence[Answer], place: int
    ) -> Result:
        """The message is surely not sent: no content follows."""
        code, words = answers[place]
        if code == CLOSING or not 400 <= code < 600:
            server.close()
            raise ConnectionEnded(f"{code} {words}")
        await _left_off(server, waits_for_content=answers[-1].code == READY_FOR_MESSAGE)
        if place == 0 or code in ABOUT_US:  # what the server says of our own address it would say of every message
            raise Closed(f"{code} {words}")
        self._strikes = 0
        return refused(row, code, words, at_recipient=place == 1)  # 550 to DATA is policy (RFC 5321 §4.3.2)

    async def _connected(self) -> Conversation:
        if self._open is not None and self._open.is_open:
            return self._open
        client = _client(self.post_office)
        try:
            reached("before connecting")
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await _greet(client)
            reached("after connecting")
        except (aiosmtplib.SMTPException, OSError) as lost:
            client.close()
            where = f"{self.post_office.host}:{self.post_office.port}"
            raise Closed(f"the mail server {where} cannot be used: {words_of(lost)}") from lost
        self._open = _taken_over(client, self.post_office.timeout_seconds)
        return self._open


def _client(post_office: MailSettings) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname=post_office.host,
        port=post_office.port,
        username=post_office.username,
        password=post_office.password,
        start_tls=post_office.starttls,
        timeout=post_office.timeout_seconds,
        local_hostname=socket.gethostname(),  # the library would ask the name server, which may be slow
    )


async def _greet(client: aiosmtplib.SMTP) -> None:
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError:
        await client.helo()


def _taken_over(client: aiosmtplib.SMTP, timeout: float) -> Conversation:
    transport = cast(asyncio.Transport, client.transport)
    return Conversation(transport, timeout, pipelining=client.supports_extension("pipelining"))


async def _announce(server: Conversation, mail: bytes, rcpt: bytes) -> tuple[list[Answer], OSError | None]:
    """MAIL, RCPT and DATA: the answers that came, and why no more did. In one group where the server takes groups, with
    DATA the last (RFC 2920 §3.1); otherwise nothing more is said after a no."""
    answers: list[Answer] = []
    try:
        reached("before MAIL")
        if server.pipelining:
            server.say(mail, rcpt, DATA)
        if await _goes_on(server, mail, answers):
            reached("after MAIL")
            if await _goes_on(server, rcpt, answers):
                reached("after RCPT")
                await _goes_on(server, DATA, answers)
    except OSError as lost:
        return answers, lost
    return answers, None


async def _goes_on(server: Conversation, command: bytes, answers: list[Answer]) -> bool:
    """Whether there is another answer to be heard."""
    answers.append(await server.answer() if server.pipelining else await server.ask(command))
    return server.pipelining or answers[-1].code in GOES_ON[len(answers) - 1]


async def _left_off(server: Conversation, *, waits_for_content: bool) -> None:
    """Ready for the next message. A server that has refused the recipient and still takes DATA gets an empty message
    to nobody (RFC 2920 §3.1)."""
    with suppress(OSError):
        if waits_for_content:
            await server.ask(b".\r\n")
        await server.ask(b"RSET\r\n")


async def _content(server: Conversation, message: bytes) -> Answer:
    """What follows 354, and the answer to it."""
    reached("before the content")
    server.say(_stuffed(message) + (b".\r\n" if message.endswith(b"\r\n") else b"\r\n.\r\n"))
    reached("content sent")
    answer = await _answer_to_content(server)
    reached("answer read")
    return answer


async def _answer_to_content(server: Conversation) -> Answer:
    answer = await server.answer()
    if not (200 <= answer.code < 300 or 400 <= answer.code < 600):
        raise ConnectionError(str(answer))
    return answer


def _stuffed(message: bytes) -> bytes:
    """A dot at the beginning of a line is doubled (RFC 5321 §4.5.2); `message` begins with a header. Behind its last
    dot nothing is looked for: of what is base64, that is nearly all."""
    end = message.rfind(b".") + 1
    if message.find(b"\r\n.", 0, end) < 0:
        return message
    return message[:end].replace(b"\r\n.", b"\r\n..") + message[end:]


def _ended(server: Conversation, lost: OSError) -> ConnectionEnded:
    server.close()
    return ConnectionEnded(words_of(lost), stalled=isinstance(lost, TimeoutError))
