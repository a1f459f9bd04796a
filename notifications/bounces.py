"""Reading a delivery report (RFC 3464): which message, which address, for good or only for now, and why."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32

from notifications.wording import single_line
from rules.errors import Refused

WORDS = 450  # characters of the diagnostic that are kept

# What odd input makes the standard library raise; a report comes from anybody.
ODD = (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError)


class NotADeliveryReport(Refused):
    """`found` completes "This is not a delivery report: …"."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"This is not a delivery report: {found}. Read it yourself; if it says that an address is wrong, "
            "correct the address with “concordat contact correct”."
        )


@dataclass(frozen=True, kw_only=True)
class BounceReport:
    """`message_id` is ours, in angle brackets; `permanent`: the server has given up, no further try follows."""

    message_id: str
    recipient: str
    status: str
    diagnostic: str
    permanent: bool

    @property
    def said(self) -> str:
        return self.diagnostic if self.status in self.diagnostic else f"{self.status} {self.diagnostic}".strip()


def bounce_report(raw: bytes) -> BounceReport:
    """Raises NotADeliveryReport, and nothing else, whatever the bytes are."""
    try:
        return _read(message_from_bytes(raw, policy=compat32))
    except ODD as odd:
        raise NotADeliveryReport("it cannot be read as a message") from odd


def _read(message: Message) -> BounceReport:
    groups = _status_groups(message)
    per_recipient = [group for group in groups if group["Final-Recipient"] or group["Original-Recipient"]]
    if not per_recipient:
        raise NotADeliveryReport("it names no recipient")
    failed = [group for group in per_recipient if _action(group) == "failed"]
    group = (failed or per_recipient)[0]
    return BounceReport(
        message_id=_message_id(message),
        recipient=_typed(group, "Original-Recipient") or _typed(group, "Final-Recipient"),
        status=_status(group),
        diagnostic=_typed(group, "Diagnostic-Code")[:WORDS],
        permanent=_action(group) == "failed",
    )


def _status_groups(message: Message) -> list[Message]:
    """The fields about the message, then those about each recipient."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            groups = part.get_payload()
            return [group for group in groups if isinstance(group, Message)] if isinstance(groups, list) else []
    raise NotADeliveryReport("it has no part that says what became of the message")


def _message_id(message: Message) -> str:
    """Of the message it is about, whose headers it brings along."""
    for part in message.walk():
        if part.get_content_type() in {"message/rfc822", "text/rfc822-headers", "message/rfc822-headers"}:
            found = re.search(r"^Message-ID:\s*(<[^<>\s]{3,250}>)", _source(part), re.MULTILINE | re.IGNORECASE)
            if found:
                return found[1]
    raise NotADeliveryReport("it does not say which message it is about")


def _source(part: Message) -> str:
    """The text of the part, header lines unfolded."""
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    if isinstance(inner, Message):
        text = "\n".join(f"{name}: {value}" for name, value in inner.items())
    else:
        raw = part.get_payload(decode=True)
        text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else ""
    return re.sub(r"\r?\n[ \t]+", " ", text)


def _action(group: Message) -> str:
    """“failed”, “delayed”, “delivered”, “relayed” or “expanded”; a 5 without an action has failed."""
    action = _text(group, "Action").lower()
    return action or ("failed" if _status(group).startswith("5") else "delayed")


def _status(group: Message) -> str:
    found = re.search(r"\b[245]\.\d{1,3}\.\d{1,3}\b", _text(group, "Status"))
    return found[0] if found else ""


def _typed(group: Message, name: str) -> str:
    """The value after its type: “rfc822; lead@party.example”, “smtp; 550 No such user”."""
    kind, semicolon, value = _text(group, name).partition(";")
    return value.strip() if semicolon else kind


def _text(group: Message, name: str) -> str:
    value = str(group[name] or "")
    try:
        value = str(make_header(decode_header(value)))
    except ODD:
        value = value.encode("ascii", "replace").decode()
    return single_line(value)
