"""From an outbox row to the bytes that travel.

Written out by hand, because building is the dearest part of sending and the structure never varies: `MIMEText`
takes seven times as long for the same message, and `EmailMessage` forty times.
"""

import base64
import re
import struct
from collections.abc import Mapping
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache

from models.outbox import GAP
from notifications.calendar_file import with_words
from notifications.links import SIGN, signs_of, with_signs
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
    answer_to = row.reply_to if row.reply_to and is_sendable(row.reply_to) else sender
    # The Message-ID on one line: folded it is legal, and not understood by every server. Auto-Submitted (RFC 3834): no
    # automatic answer is wanted.
    headers = (
        f"From: {sender}\r\nTo: {row.address}\r\nReply-To: {answer_to}\r\nSubject: {_subject(row.subject)}\r\n"
        f"Message-ID: {row.message_id}\r\nDate: {_date(now)}\r\nAuto-Submitted: auto-generated\r\n"
        "MIME-Version: 1.0\r\n"
    )
    signs, said = signs_of(row), row.shared_text
    text = _text("text/plain", _filled(said.text if said else None, row.own_text, signs))
    body = _parts("alternative", text, _text("text/html", _filled(said.html if said else None, row.own_html, signs)))
    if row.calendar is not None:
        body = _parts("mixed", body, _attached(with_words(row.calendar, lambda words: with_signs(words, signs))))
    return headers.encode("ascii") + body


def _filled(said: str | None, own: str, signs: Mapping[str, str]) -> bytes:
    """In UTF-8: what many say, with the words of one and what stands for each sign."""
    if "⟦" in own:
        own = with_signs(own, signs)
    if said is None:
        return own.encode()
    words = iter(own.encode().split(_GAP))
    pieces, names = _cut(said)
    written = list(pieces)
    written[1::2] = [next(words) if name is None else signs.get(name, name).encode() for name in names]
    return b"".join(written)


_GAP = GAP.encode()


@lru_cache(maxsize=64)
def _cut(said: str) -> tuple[list[bytes], list[str | None]]:
    """Every second piece is to be written in: a word of one's own, or a sign, which is named. Once for all who say it:
    to look for the signs in each message takes longer than to fill them in."""
    pieces = re.split(f"({GAP}|{SIGN.pattern})", said)
    return [piece.encode() for piece in pieces], [None if name == GAP else name for name in pieces[1::2]]


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


def _text(kind: str, text: bytes, more: str = "") -> bytes:
    headers = f"Content-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n{more}\r\n"
    return headers.encode("ascii") + b"\r\n".join(_lines(base64.b64encode(text)))


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
    return _text("text/calendar; method=PUBLISH", calendar.encode(), disposition)
