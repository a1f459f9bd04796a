"""From a message to what is read: subject line, text, HTML, and a calendar file where its folder has one."""

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from notifications.calendar_file import Entry, calendar_file
from notifications.messages import Message
from notifications.wording import FILTERS, cleaned, single_line

TEMPLATES = Path(__file__).parent / "templates"
SUBJECT_LENGTH = 250  # characters; the reference is never what is cut off

# Mail programs drop style sheets, so each element carries its own.
_FONT = "font-family: Arial, Helvetica, sans-serif; color: #0b0c0c;"
STYLES = {
    "h1": f"{_FONT} font-size: 24px; line-height: 1.25; margin: 0 0 20px 0;",
    "h2": f"{_FONT} font-size: 19px; line-height: 1.3; margin: 28px 0 8px 0;",
    "p": f"{_FONT} font-size: 17px; line-height: 1.5; margin: 0 0 14px 0;",
    "ul": "margin: 0 0 14px 0; padding: 0 0 0 24px;",
    "ol": "margin: 0 0 14px 0; padding: 0 0 0 24px;",
    "li": f"{_FONT} font-size: 17px; line-height: 1.5; margin: 0 0 6px 0;",
    "blockquote": f"{_FONT} font-size: 17px; line-height: 1.5; margin: 0 0 14px 0; padding: 0 0 0 14px; "
    "border-left: 4px solid #505a5f; white-space: pre-line;",
    "code": "font-family: Consolas, Menlo, monospace; font-size: 15px; word-break: break-all;",
}


@dataclass(frozen=True, kw_only=True)
class Rendered:
    subject: str
    text: str
    html: str
    calendar: str | None


def render(message: Message, *, key: str, now: datetime, sequence: int = 0) -> Rendered:
    """`key` and `sequence` are the calendar entry's: one key is one entry, a higher sequence replaces it."""
    context = cleaned(asdict(message))
    context["page"] = message.page
    context["subject"] = _subject(message, context)
    return Rendered(
        subject=context["subject"],
        text=_part(message, "body.txt", context),
        html=_with_styles(_part(message, "body.html", context)),
        calendar=_calendar(message, context, key, now, sequence),
    )


@cache
def templates(html: bool) -> Environment:
    """In the HTML form everything is escaped, also what `_sentences.txt` says there; by the name of the file it
    would not be. A missing value is an error, never an empty place.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        auto_reload=False,
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=(), disabled_extensions=(), default=html),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    return environment


def _part(message: Message, part: str, context: dict[str, Any]) -> str:
    environment = templates(html=part.endswith(".html"))
    return environment.get_template(f"{message.folder}/{part}").render(context)


def _subject(message: Message, context: dict[str, Any]) -> str:
    """One line that begins with the reference, by which an answer is found again, however much of it is shown."""
    reference = f"[{context['reference']}] "
    words = single_line(_part(message, "subject.txt", context))
    room = SUBJECT_LENGTH - len(reference)
    return reference + (words if len(words) <= room else words[: room - 1].rstrip() + "…")


def _calendar(message: Message, context: dict[str, Any], key: str, now: datetime, sequence: int) -> str | None:
    """From `calendar.txt`: its first line is the title, the others describe it. It stands at the limit."""
    if not (TEMPLATES / message.folder / "calendar.txt").exists():
        return None
    title, _, description = _part(message, "calendar.txt", context).strip().partition("\n")
    limited = context.get("duty", context)
    entry = Entry(when=limited.get("due_at") or limited["due_on"], summary=title, description=description.strip())
    return calendar_file(entry, uid=key, now=now, sequence=sequence)


def _with_styles(html: str) -> str:
    """Only the templates' own tags look like `<p>`: in values every `<` has been escaped."""
    return re.sub(r"<(\w+)>", lambda tag: _styled(tag[1]), html)


def _styled(tag: str) -> str:
    return f'<{tag} style="{STYLES[tag]}">' if tag in STYLES else f"<{tag}>"
