"""The post: what waits in an outbox leaves over real SMTP to the product's own mail catcher, and is read as files."""

import asyncio
import email
import re
import socket
import tempfile
from email import policy
from email.message import EmailMessage
from pathlib import Path
from threading import Thread

from aiosmtpd.controller import Controller

from cli.mailcatcher import KeepAsFiles
from notifications.delivery import deliver
from notifications.post_office import MailSettings
from tests.web.site import Site


class Catcher:
    """Mails as their recipients read them. Links lead to the address under which the site is served here."""

    def __init__(self, site: Site, address: str) -> None:
        self.site, self.address = site, address
        self.folder = Path(tempfile.mkdtemp(prefix="concordat-mail-"))

    def deliver(self) -> None:
        """In a thread of its own: the browser's loop runs in this one."""
        thread = Thread(target=self._deliver)
        thread.start()
        thread.join()

    def _deliver(self) -> None:
        port = _free_port()
        controller = Controller(KeepAsFiles(self.folder), hostname="127.0.0.1", port=port)
        controller.start()
        try:
            office = MailSettings(host="127.0.0.1", port=port, sender="isp@isp-bedfordshire.example",
                                  bounces_to="isp@isp-bedfordshire.example", connections=1)  # fmt: skip
            asyncio.run(deliver(self.site.store, clock=lambda: self.site.now, post_office=office))
        finally:
            controller.stop()

    def to(self, address: str) -> list[EmailMessage]:
        """Everything delivered to them, the oldest first."""
        self.deliver()
        messages = [_read(path) for path in sorted(self.folder.glob("*.eml"))]
        return [each for each in messages if address in str(each["Delivered-To"])]

    def link(self, address: str, part: str = "/p/") -> str:
        """The path in the newest mail to them that holds one."""
        for message in reversed(self.to(address)):
            found = re.search(rf"https?://\S+?({part}[\w-]+)", text_of(message))
            if found:
                return found[1]
        raise AssertionError(f"no mail to {address} holds a link to {part}")

    def code(self, address: str) -> str:
        found = re.search(r"^\s*(\d{6})\s*$", text_of(self.to(address)[-1]), re.MULTILINE)
        assert found is not None
        return found[1]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _read(path: Path) -> EmailMessage:
    message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage) -> str:
    part = message.get_body(preferencelist=("plain",))
    assert part is not None
    return str(part.get_content())
