"""Where the mail server is and how it is spoken to."""

from dataclasses import dataclass, field
from email.utils import formataddr, parseaddr

from notifications.mime import is_sendable
from rules.errors import Refused
from settings import settings


class NoPostOffice(Refused):
    def __init__(self) -> None:
        super().__init__(
            "No mail server is set: name one with CONCORDAT_SMTP_HOST. What `concordat up` catches, it delivers itself."
        )


class NotAnAddress(Refused):
    def __init__(self, name: str, found: str) -> None:
        super().__init__(f"{name} is “{found}”, which is not an address that mail can be sent from.")


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
    """From the environment. Raises NoPostOffice or NotAnAddress."""
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
        sender=formataddr((parseaddr(said.mail_from)[0], _address("CONCORDAT_MAIL_FROM", said.mail_from))),
        bounces_to=_address("CONCORDAT_MAIL_BOUNCES", said.mail_bounces or said.mail_from),
    )


def _address(name: str, found: str) -> str:
    address = parseaddr(found)[1]
    if not is_sendable(address):
        raise NotAnAddress(name, found)
    return address
