"""One persistent connection to the mail server, and what happens to a message on it."""

import socket
from contextlib import suppress

import aiosmtplib

from models.fail_points import reached
from models.outbox import Message as OutboxRow
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
from notifications.post_office import MailSettings
from notifications.settling import Result

STRIKES = 3


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
        self.handed_over: int | None = None  # id of the message whose answer we wait for
        self._client: aiosmtplib.SMTP | None = None
        self._strikes = 0

    async def post(self, row: OutboxRow, message: bytes) -> Result:
        """One attempt; a connection that the server had meanwhile ended is replaced and does not count."""
        was_open = self._client is not None and self._client.is_connected
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

    async def close(self) -> None:
        if self._client is not None:
            with suppress(aiosmtplib.SMTPException, OSError):
                await self._client.quit(timeout=2)
            self._client.close()

    async def _post(self, row: OutboxRow, message: bytes) -> Result:
        client = await self._connected()
        try:
            reached("before MAIL")
            await client.mail(self.post_office.bounces_to)
            reached("after MAIL")
            await client.rcpt(row.address)
            reached("after RCPT")
            answer = await client.execute_command(b"DATA")
        except aiosmtplib.SMTPSenderRefused as no:
            raise _closed_or_ended(no) from no
        except aiosmtplib.SMTPRecipientRefused as no:
            return await self._after_refusal(client, row, no.code, no.message)
        except (aiosmtplib.SMTPException, OSError) as lost:
            raise _ended(client, lost) from lost
        if answer.code != READY_FOR_MESSAGE:
            return await self._after_refusal(client, row, answer.code, answer.message)
        return await self._hand_over(client, row, message)

    async def _hand_over(self, client: aiosmtplib.SMTP, row: OutboxRow, message: bytes) -> Result:
        """From the first byte of the content to the answer nobody but the server knows whether it has it."""
        if not client.is_connected:
            raise ConnectionEnded("the connection was lost before the message was handed over")
        self.handed_over = row.id
        try:
            code, words = await _content(client, message, self.post_office.timeout_seconds)
        except (aiosmtplib.SMTPException, OSError) as lost:
            client.close()
            self.handed_over = None
            said = f"No answer after the message was handed over: {words_of(lost)}"
            return self._struck(in_doubt(row, said))
        self.handed_over = None
        self._strikes = 0
        if 200 <= code < 300:
            return accepted(row, f"{code} {words}")
        return refused(row, code, words, at_recipient=False)

    async def _after_refusal(self, client: aiosmtplib.SMTP, row: OutboxRow, code: int, words: str) -> Result:
        if code == CLOSING:
            client.close()
            raise ConnectionEnded(f"{code} {words}")
        if code in ABOUT_US:
            raise Closed(f"{code} {words}")
        self._strikes = 0
        try:
            await client.rset()
        except (aiosmtplib.SMTPException, OSError):
            client.close()
        return refused(row, code, words, at_recipient=True)

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
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
        self._client = client
        return client


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


async def _content(client: aiosmtplib.SMTP, message: bytes, timeout: float) -> tuple[int, str]:
    """What follows 354. The library's own `data` does not tell a loss before 354 from one after the content."""
    assert client.protocol is not None
    # A dot at the beginning of a line is doubled (RFC 5321 §4.5.2); `message` begins with a header.
    stuffed = message.removesuffix(b"\r\n").replace(b"\r\n.", b"\r\n..")
    reached("before the content")
    client.protocol.write(stuffed + b"\r\n.\r\n")
    reached("content sent")
    answer = await client.protocol.read_response(timeout=timeout)
    reached("answer read")
    if not (200 <= answer.code < 300 or 400 <= answer.code < 600):
        raise aiosmtplib.SMTPResponseException(answer.code, answer.message)
    return answer.code, answer.message


def _closed_or_ended(no: aiosmtplib.SMTPSenderRefused) -> Exception:
    """What the server says of our own address it would say of every message."""
    said = f"{no.code} {no.message}"
    return ConnectionEnded(said) if no.code == CLOSING else Closed(said)


def _ended(client: aiosmtplib.SMTP, lost: Exception) -> ConnectionEnded:
    client.close()
    return ConnectionEnded(words_of(lost), stalled=isinstance(lost, TimeoutError))
