"""From an outbox row to the bytes that travel.

Written out by hand, because building is the dearest part of sending and the structure never varies: `MIMEText`
takes seven times as long for the same message, and `EmailMessage` forty times.
"""

import base64
import re
import struct
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache

from notifications.calendar_file import with_words
from notifications.links import signs_of, with_signs
from notifications.outgoing import Addressed

CALENDAR_NAME = "due-date.ics"
LINE_LENGTH = 76

# What can stand in a MAIL or RCPT command as it is. Other addresses are right somewhere (SMTPUTF8), but not on
# every server on the way, and a party's duty must not hang on that.
SENDABLE = re.compile(r"[!-;=?A-~]+@[A-Za-z0-9.\[\]:_-]+")


def is_sendable(address: str) -> bool:
    return SENDABLE.fullmatch(address) is not None


def mime(row: Addressed, now: datetime, sender: str) -> bytes:
    """The message with CRLF line ends, all ASCII.

    The date is that of sending: after an outage nobody looks for new mail among the old.
    """
    headers = {
        "From": sender,
        "To": row.address,
        "Reply-To": row.reply_to if row.reply_to and is_sendable(row.reply_to) else sender,
        "Subject": _subject(row.subject),
        "Message-ID": row.message_id,  # one line: folded it is legal, and not understood by every server
        "Date": _date(now),
        "Auto-Submitted": "auto-generated",  # RFC 3834: no automatic answer is wanted
        "MIME-Version": "1.0",
    }
    signs = signs_of(row)
    text = _text("text/plain", with_signs(row.text, signs))
    body = _parts("alternative", text, _text("text/html", with_signs(row.html, signs)))
    if row.calendar is not None:
        body = _parts("mixed", body, _attached(with_words(row.calendar, lambda words: with_signs(words, signs))))
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("ascii") + body


# One clock's reading serves a hundred messages.
_date = lru_cache(maxsize=8)(format_datetime)


def _subject(words: str) -> str:
    """On one line, so that no word can begin another header."""
    line = " ".join(words.split())
    return line if line.isascii() else Header(line, "utf-8", header_name="Subject").encode(linesep="\r\n")


def _parts(kind: str, *parts: bytes) -> bytes:
    """The boundary can stand in no part: they are all base64, which has no underscore."""
    begin, end = f"--=_{kind}\r\n".encode("ascii"), f"--=_{kind}--\r\n".encode("ascii")
    content = b"".join(begin + part + b"\r\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="=_{kind}"\r\n\r\n'.encode("ascii") + content + end


def _text(kind: str, text: str, more: str = "") -> bytes:
    headers = f"Content-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n{more}\r\n"
    return headers.encode("ascii") + b"\r\n".join(_lines(base64.b64encode(text.encode())))


def _lines(encoded: bytes) -> list[bytes]:
    """Of 76 characters (RFC 2045 §6.8)."""
    whole, rest = divmod(len(encoded), LINE_LENGTH)
    lines = [*_cut_in(whole).unpack_from(encoded)]
    return [*lines, encoded[-rest:]] if rest else lines


@lru_cache(maxsize=256)
def _cut_in(lines: int) -> struct.Struct:
    """Cuts all at once: one slice after another takes twice as long."""
    return struct.Struct(f"{LINE_LENGTH}s" * lines)


def _attached(calendar: str) -> bytes:
    """As an attachment: Outlook shows an inline calendar part as text."""
    disposition = f'Content-Disposition: attachment; filename="{CALENDAR_NAME}"\r\n'
    return _text("text/calendar; method=PUBLISH", calendar, disposition)
