"""A real SMTP server on loopback that misbehaves as it is told."""

import asyncio
import email
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from notifications.post_office import MailSettings

DROP = "drop"  # end the connection without a word
STALL = "stall"  # never answer
Answer = Callable[[str, int], str | None]  # (recipient, how often seen) to an answer; None is the usual one


def usual(_recipient: str, _times: int) -> None:
    return None


class MisbehavingServer(SMTP):
    """`MAIL`, `RCPT`, `DATA` (before 354) and `CONTENT` (after the final dot) can each answer otherwise."""

    office: "PostOffice"

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802 - the library finds them by these names
        if not await self._misbehaves("MAIL", arg):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        if not await self._misbehaves("RCPT", arg):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if self.office.takes_data_for_nobody and not self.envelope.rcpt_tos:
            await self.push("354 Go on")
            self.office.to_nobody.append((await self._reader.readuntil(b".\r\n")).removesuffix(b".\r\n"))
            await self.push("554 5.5.1 No valid recipients")
        elif not await self._misbehaves("DATA", ",".join(self.envelope.rcpt_tos)):
            await super().smtp_DATA(arg)

    async def _misbehaves(self, command: str, about: str) -> bool:
        answer = self.office.answer(command, about)
        match answer:
            case None:
                return False
            case "drop":
                self.transport.abort()
            case "stall":
                await asyncio.sleep(3600)
            case "twice":
                await self.push("250 2.0.0 Ok")
                return False
            case _:
                await self.push(answer)
                if answer.startswith("421"):
                    self.transport.close()
        return True


class PostOffice:
    """What the server was asked, what it took, and how it is to answer."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.envelopes: list[Envelope] = []
        self.connections = 0
        self.logins: list[tuple[str, bool]] = []  # user, over TLS
        self.seen: Counter[tuple[str, str]] = Counter()
        self.answers: dict[str, Answer] = {}
        self.pipelining = True
        self.takes_data_for_nobody = False
        self.to_nobody: list[bytes] = []  # what came so

    def answer(self, command: str, about: str) -> str | None:
        self.seen[command, about] += 1
        self.seen[command, ""] += 1
        return self.answers.get(command, usual)(about, self.seen[command, about])

    def asked(self, command: str) -> int:
        return self.seen[command, ""]

    async def handle_EHLO(  # noqa: N802
        self, server: MisbehavingServer, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], *(["250-PIPELINING"] if self.pipelining else []), responses[-1]]

    async def handle_DATA(self, server: MisbehavingServer, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.answer("CONTENT", ",".join(envelope.rcpt_tos))
        match answer:
            case "drop":
                server.transport.abort()
                return "250 nobody hears this"
            case "drop after taking":
                self._take(envelope)
                server.transport.abort()
                return "250 nobody hears this"
            case "take and close" | "take and die":
                self._take(envelope)
                await server.push("250 2.0.0 Ok: queued as 4F1" + ("\r\n421 4.7.0 Enough" if "close" in answer else ""))
                server.transport.close()
                return "250 nobody hears this"
            case "stall":
                await asyncio.sleep(3600)
        if answer is None:
            self._take(envelope)
        return answer or "250 2.0.0 Ok: queued as 4F1"

    def _take(self, envelope: Envelope) -> None:
        self.envelopes.append(envelope)
        self.taken.append(email.message_from_bytes(envelope.content or b""))

    @property
    def ids(self) -> list[str]:
        return [message["Message-ID"] for message in self.taken]


class Served(Controller):
    def __init__(self, office: PostOffice, **how: Any) -> None:
        self.office = office
        super().__init__(office, hostname="127.0.0.1", port=0, ready_timeout=20, **how)

    def factory(self) -> MisbehavingServer:
        server = MisbehavingServer(self.handler, **self.SMTP_kwargs)
        server.office = self.office
        self.office.connections += 1
        return server

    def _trigger_server(self) -> None:
        """The library connects once to see whether it listens; with port 0 it would ask the wrong port."""
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()
        self.office.connections = 0


@contextmanager
def serving(office: PostOffice, *, tls: ssl.SSLContext | None = None, password: str | None = None) -> Iterator[int]:
    """Yields the port."""

    def authenticate(server: Any, session: Session, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
        office.logins.append((data.login.decode(), session.ssl is not None))
        return AuthResult(success=data.password.decode() == password, handled=False)

    how: dict[str, Any] = {"tls_context": tls, "require_starttls": tls is not None}
    if password is not None:
        how |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": tls is not None}
    served = Served(office, **how)
    served.start()
    try:
        yield served.port
    finally:
        served.stop()


def mail(port: int, **how: Any) -> MailSettings:
    usual_settings: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "connections": 1,
        "timeout_seconds": 5,
        "sender": "concordat@isp-bedfordshire.example",
        "bounces_to": "bounces@isp-bedfordshire.example",
    }
    return MailSettings(**(usual_settings | how))
