"""From an outbox row to the bytes that travel.

`MIMEText` under the compat32 policy: five times as many messages a second as `EmailMessage`, and building
them is the dearest part of sending (docs/decisions, delivery).
"""

import re
from datetime import datetime
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime

from models.outbox import Message as OutboxRow

CALENDAR_NAME = "due-date.ics"

# What can stand in a MAIL or RCPT command as it is. Other addresses are right somewhere (SMTPUTF8), but not on
# every server on the way, and a party's duty must not hang on that.
SENDABLE = re.compile(r"[!-;=?A-~]+@[A-Za-z0-9.\[\]:_-]+")


# A folded Message-ID is legal and not understood by every server; the subject folds itself.
AS_SENT = compat32.clone(linesep="\r\n", max_line_length=0)


def is_sendable(address: str) -> bool:
    return address.isascii() and SENDABLE.fullmatch(address) is not None


def mime(row: OutboxRow, now: datetime, sender: str) -> bytes:
    """The message with CRLF line ends. The date is that of sending: after an outage nobody looks for old mail."""
    alternatives = MIMEMultipart("alternative", policy=compat32)
    alternatives.attach(MIMEText(row.text, "plain", "utf-8", policy=compat32))
    alternatives.attach(MIMEText(row.html, "html", "utf-8", policy=compat32))
    message: Message = alternatives if row.calendar is None else _with_calendar(alternatives, row.calendar)
    message["From"] = sender
    message["To"] = row.address
    if row.reply_to:
        message["Reply-To"] = row.reply_to
    charset = "us-ascii" if row.subject.isascii() else "utf-8"
    message["Subject"] = Header(row.subject, charset, header_name="Subject").encode()
    message["Message-ID"] = row.message_id
    message["Date"] = format_datetime(now)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic answer is wanted
    return message.as_bytes(policy=AS_SENT)


def _with_calendar(alternatives: Message, calendar: str) -> MIMEMultipart:
    """As an attachment: Outlook shows an inline calendar part as text."""
    entry = MIMEText(calendar, "calendar", "utf-8", policy=compat32)
    entry.set_param("method", "PUBLISH")
    entry.add_header("Content-Disposition", "attachment", filename=CALENDAR_NAME)
    mixed = MIMEMultipart("mixed", policy=compat32)
    mixed.attach(alternatives)
    mixed.attach(entry)
    return mixed
