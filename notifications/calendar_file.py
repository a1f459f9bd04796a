"""Entries, of a day or an instant, as an iCalendar file (RFC 5545): one to be attached (Outlook shows an inline part as
text), or many that a calendar program fetches again and again.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

PRODUCT = "-//Concordat//Information sharing protocols//EN"
LINE_OCTETS = 75  # RFC 5545 §3.1, without the line break


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What stands in the calendar, on which day of the reader's own zone; or at which instant."""

    when: date | datetime
    summary: str
    description: str


def calendar_file(entry: Entry, *, uid: str, now: datetime, sequence: int = 0) -> str:
    """The file's text with CRLF line ends. An entry of the same uid and a higher sequence replaces it.

    METHOD:PUBLISH: the entry is information, nobody is asked to accept it. It does not block the day.
    """
    return _written([*_BEGIN, *_event(entry, uid, now, sequence), "END:VCALENDAR"])


def calendar_feed(name: str, entries: Iterable[tuple[str, Entry]], *, now: datetime) -> str:
    """By uid. What is not in it any more is gone from the reader's calendar when their program fetches it next.

    A feed without entries still holds one component, the zone: RFC 5545 §3.6 asks for that.
    """
    about = [f"NAME:{_escaped(name)}", f"X-WR-CALNAME:{_escaped(name)}", "X-WR-TIMEZONE:Europe/London"]
    again = ["REFRESH-INTERVAL;VALUE=DURATION:PT6H", "X-PUBLISHED-TTL:PT6H"]
    events = (line for uid, entry in entries for line in _event(entry, uid, now, 0))
    return _written([*_BEGIN, *about, *again, *LONDON_ZONE, *events, "END:VCALENDAR"])


_BEGIN = ("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH")
# Since 1996 the clocks change on the last Sundays of March and October, at 01:00 UTC.
LONDON_ZONE = (
    "BEGIN:VTIMEZONE", "TZID:Europe/London",
    "BEGIN:DAYLIGHT", "DTSTART:19960331T010000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0100", "TZNAME:BST", "END:DAYLIGHT",
    "BEGIN:STANDARD", "DTSTART:19961027T020000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0000", "TZNAME:GMT", "END:STANDARD",
    "END:VTIMEZONE",
)  # fmt: skip


def _event(entry: Entry, uid: str, now: datetime, sequence: int) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{_escaped(uid)}",
        f"DTSTAMP:{_in_utc(now)}",
        f"SEQUENCE:{sequence}",
        *_time(entry.when),
        f"SUMMARY:{_escaped(entry.summary)}",
        f"DESCRIPTION:{_escaped(entry.description)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _written(lines: Iterable[str]) -> str:
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def with_words(calendar: str, filled: Callable[[str], str]) -> str:
    """The file with what is written in at sending: a sign may stand across two lines, and a link needs more room."""
    if "⟦" not in calendar:
        return calendar
    lines = calendar.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")
    return "".join(f"{_folded(filled(line))}\r\n" for line in lines)


def _time(when: date | datetime) -> list[str]:
    """An entry without an end takes no time: a limit is a moment (RFC 5545 §3.6.1)."""
    if isinstance(when, datetime):
        return [f"DTSTART:{_in_utc(when)}"]
    return [f"DTSTART;VALUE=DATE:{_basic(when)}", f"DTEND;VALUE=DATE:{_basic(when + timedelta(days=1))}"]


def _in_utc(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _basic(day: date) -> str:
    return day.isoformat().replace("-", "")


def _escaped(text: str) -> str:
    """TEXT of RFC 5545 §3.3.11: backslash, semicolon, comma and line ends are written with a backslash."""
    marked = re.sub(r"([\\;,])", r"\\\1", text)
    return re.sub(r"\r\n|\r|\n", r"\\n", marked)


def _folded(line: str) -> str:
    """At most 75 octets a line, a continuation beginning with a space; no character is cut in two."""
    octets, begin, parts = line.encode(), 0, []
    while len(octets) - begin > (room := LINE_OCTETS - bool(begin)):
        end = begin + room
        while octets[end] & 0xC0 == 0x80:  # within a character
            end -= 1
        parts.append(octets[begin:end])
        begin = end
    return b"\r\n ".join([*parts, octets[begin:]]).decode()
