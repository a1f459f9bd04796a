"""One persistent connection to the mail server, and what each of its answers means for a message."""

import re
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parseaddr

import aiosmtplib

from models.outbox import Message as OutboxRow
from notifications.mime import is_sendable
from notifications.settling import Accepted, Deferred, Failed, InDoubt, Result
from rules.errors import Refused
from settings import settings

CLOSING = 421  # "service closing": many servers end a connection so after some number of messages
READY_FOR_MESSAGE = 354
ABOUT_US = frozenset({530, 534, 535, 538})  # log in, or log in otherwise: no message is at fault
NO_SUCH_ADDRESS = frozenset({550, 551, 553})  # RFC 5321 §4.2.3, where no enhanced status says more
STRIKES = 3


class NoPostOffice(Refused):
    def __init__(self) -> None:
        super().__init__("No mail server is set: name one with CONCORDAT_SMTP_HOST.")


@dataclass(frozen=True, kw_only=True)
class MailSettings:
    """`bounces_to` is the envelope sender: delivery reports return there."""

    host: str
    port: int
    starttls: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    connections: int = 4
    timeout_seconds: float = 60
    messages_per_minute: int = 0
    sender: str
    bounces_to: str


def mail_settings() -> MailSettings:
    """From the environment. Raises NoPostOffice."""
    said = settings()
    if said.smtp_host is None:
        raise NoPostOffice
    return MailSettings(
        host=said.smtp_host,
        port=said.smtp_port,
        starttls=said.smtp_starttls,
        username=said.smtp_username,
        password=said.smtp_password,
        connections=said.smtp_connections,
        timeout_seconds=said.smtp_timeout_seconds,
        messages_per_minute=said.smtp_messages_per_minute,
        sender=said.mail_from,
        bounces_to=parseaddr(said.mail_bounces or said.mail_from)[1],
    )


class ConnectionEnded(Exception):  # noqa: N818 - an event, mostly a harmless one
    """Before the message was handed over: it is surely not sent."""

    def __init__(self, said: str, *, stalled: bool = False) -> None:
        super().__init__(said)
        self.stalled = stalled


class Closed(Exception):  # noqa: N818 - the state of the post office
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
        assert row.id is not None
        if not is_sendable(row.address):
            return _failed(row, f"“{row.address}” is not an address that mail can be sent to.", address=True)
        was_open = self._client is not None and self._client.is_connected
        try:
            return await self._post(row, message)
        except ConnectionEnded as ended:
            if not was_open or ended.stalled:
                return self._struck(_deferred(row, str(ended)))
        try:
            return await self._post(row, message)
        except ConnectionEnded as ended:
            return self._struck(_deferred(row, str(ended)))

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
            await client.mail(self.post_office.bounces_to)
            await client.rcpt(row.address)
            answer = await client.execute_command(b"DATA")
        except aiosmtplib.SMTPSenderRefused as refused:
            raise _closed_or_ended(refused) from refused
        except aiosmtplib.SMTPRecipientRefused as refused:
            return await self._after_refusal(client, row, refused.code, refused.message)
        except (aiosmtplib.SMTPException, OSError) as lost:
            raise _ended(client, lost) from lost
        if answer.code != READY_FOR_MESSAGE:
            return await self._after_refusal(client, row, answer.code, answer.message)
        return await self._hand_over(client, row, message)

    async def _hand_over(self, client: aiosmtplib.SMTP, row: OutboxRow, message: bytes) -> Result:
        """From the first byte of the content to the answer nobody but the server knows whether it has it."""
        self.handed_over = row.id
        try:
            code, words = await _content(client, message, self.post_office.timeout_seconds)
        except (aiosmtplib.SMTPException, OSError) as lost:
            client.close()
            self.handed_over = None
            said = f"No answer after the message was handed over: {_words(lost)}"
            return self._struck(InDoubt(id=row.id or 0, attempts=row.attempts, said=said))
        self.handed_over = None
        self._strikes = 0
        if code == 250:
            return Accepted(id=row.id or 0, attempts=row.attempts, said=f"{code} {words}")
        return _refused(row, code, words, at_recipient=False)

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
        return _refused(row, code, words, at_recipient=True)

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        client = _client(self.post_office)
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await _greet(client)
        except (aiosmtplib.SMTPException, OSError) as failed:
            client.close()
            where = f"{self.post_office.host}:{self.post_office.port}"
            raise Closed(f"the mail server {where} cannot be used: {_words(failed)}") from failed
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


async def _content(client: aiosmtplib.SMTP, message: bytes, timeout: float) -> tuple[int, str]:  # noqa: ASYNC109
    """What follows 354. The library's own `data` does not tell a loss before 354 from one after the content."""
    if client.protocol is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    stuffed = re.sub(rb"(?m)^\.", b"..", message)  # RFC 5321 §4.5.2
    client.protocol.write(stuffed + (b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n"))
    answer = await client.protocol.read_response(timeout=timeout)
    if not 200 <= answer.code < 600:
        raise aiosmtplib.SMTPResponseException(answer.code, answer.message)
    return answer.code, answer.message


def _closed_or_ended(refused: aiosmtplib.SMTPSenderRefused) -> Exception:
    """What the server says of our own address it would say of every message."""
    said = f"{refused.code} {refused.message}"
    return ConnectionEnded(said) if refused.code == CLOSING else Closed(said)


def _ended(client: aiosmtplib.SMTP, lost: Exception) -> ConnectionEnded:
    client.close()
    return ConnectionEnded(_words(lost), stalled=isinstance(lost, TimeoutError))


def _refused(row: OutboxRow, code: int, words: str, *, at_recipient: bool) -> Result:
    said = f"{code} {words}"
    if 500 <= code < 600:
        return _failed(row, said, address=_is_about_address(code, words, at_recipient))
    return _deferred(row, said)


def _is_about_address(code: int, words: str, at_recipient: bool) -> bool:
    """5.1.x is about addresses, 5.2.1 a mailbox that takes nothing any more (RFC 3463); 5.1.7 and 5.1.8 are ours."""
    status = re.match(r"5\.(\d{1,3})\.(\d{1,3})\b", words)
    if status is None:
        return at_recipient and code in NO_SUCH_ADDRESS
    subject, detail = int(status[1]), int(status[2])
    return (subject == 1 and detail not in {7, 8}) or (subject, detail) == (2, 1)


def _deferred(row: OutboxRow, said: str) -> Deferred:
    return Deferred(id=row.id or 0, attempts=row.attempts, said=said)


def _failed(row: OutboxRow, said: str, *, address: bool) -> Failed:
    return Failed(id=row.id or 0, attempts=row.attempts, said=said, address_refused=address)


def _words(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}"
    return str(error) or type(error).__name__
