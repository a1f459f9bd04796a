"""From a message to what is read: subject line, text, HTML, and a calendar file where its folder has one.

Messages to thousands differ in a name or two. So the templates are asked once for all that say the same, with signs in
place of what they only print (`Message.PRINTED`), and the names are written in for each.
"""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import escape

from models.outbox import GAP, in_full
from notifications.calendar_file import Entry, calendar_file
from notifications.messages import Message
from notifications.printed import alike, duties, printed_in, sign, with_signs
from notifications.wording import FILTERS, begun, cleaned, paragraph, single_line, together

TEMPLATES = Path(__file__).parent / "templates"
SUBJECT_LENGTH = 250  # characters; the reference is never what is cut off
KEPT = 256  # drawings in this process, of 10 to 20 kB each
_DRAWN: dict[Hashable, "Drawn"] = {}

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


class Words(NamedTuple):
    """What many messages say, with a GAP for each of the words of one."""

    text: str
    html: str


@dataclass(frozen=True, kw_only=True)
class Rendered:
    subject: str
    said: Words
    own_text: str  # what stands in the gaps, each with a GAP behind it
    own_html: str
    calendar: str | None

    @property
    def text(self) -> str:
        return in_full(self.said.text, self.own_text)

    @property
    def html(self) -> str:
        return in_full(self.said.html, self.own_html)


class Drawn(NamedTuple):
    """What a message says. Of a list of pieces every second names a value, to be written in its place."""

    subject: list[str]
    said: Words
    lines: list[list[str]]  # in pieces, those of the text that hold values: each is wrapped when they are known
    names: list[str]  # of the values in the HTML's gaps
    calendar: list[str]  # in pieces; its first line is the title, the others describe it
    when: date | datetime | None  # where the calendar's entry stands; None: there is none


def render(message: Message, *, key: str, now: datetime, sequence: int = 0) -> Rendered:
    """`key` and `sequence` are the calendar entry's: one key is one entry, a higher sequence replaces it."""
    printed = printed_in(message)
    drawn = _drawn_once(message, printed) if printed else _drawn(message, ())
    printed["subject"] = _subject(single_line(message.reference), _written(drawn.subject, printed))
    escaped = {name: str(escape(value)) for name, value in printed.items()}
    return Rendered(
        subject=printed["subject"],
        said=drawn.said,
        own_text="".join([paragraph(_written(line, printed)) + GAP for line in drawn.lines]),
        own_html="".join([escaped[name] + GAP for name in drawn.names]),
        calendar=_calendar(drawn, printed, key, now, sequence),
    )


def _drawn_once(message: Message, printed: Mapping[str, str]) -> Drawn:
    known_by = alike(message, printed)
    drawn = _DRAWN.get(known_by)
    if drawn is None:
        drawn = _drawn(with_signs(message, printed), tuple(printed))
        if len(_DRAWN) >= KEPT:
            _DRAWN.clear()  # by whichever thread: nobody asks twice
        _DRAWN[known_by] = drawn
    return drawn


def _pieces(text: str) -> list[str]:
    return re.split(f"{GAP}([a-z_]+)\ue001", text)


def _written(pieces: Sequence[str], values: Mapping[str, str]) -> str:
    written = list(pieces)
    written[1::2] = [values[name] for name in pieces[1::2]]
    return "".join(written)


def _drawn(message: Message, printed: tuple[str, ...]) -> Drawn:
    context = cleaned(asdict(message))
    if printed:
        context |= {name: getattr(message, name) for name in (*printed, *message.NAMING)}
        for each, duty in zip(duties(context), duties(vars(message)), strict=True):
            each["party"] = duty.party if duty.party == sign("party") else each["party"]
    context |= {"page": message.page, "subject": sign("subject")}
    lines = list(_runs(_pieces(line) for line in _part(message, "body.txt", context).split("\n")))
    html = _pieces(_with_styles(_part(message, "body.html", context)))
    limited = context.get("duty", context)
    for_calendar = (TEMPLATES / message.folder / "calendar.txt").exists()
    return Drawn(
        subject=_pieces(_part(message, "subject.txt", context)),
        said=Words(together(line[0] if len(line) == 1 else GAP for line in lines), GAP.join(html[::2])),
        lines=[line for line in lines if len(line) > 1],
        names=html[1::2],
        calendar=_pieces(_part(message, "calendar.txt", context)) if for_calendar else [],
        when=limited.get("due_at") or limited["due_on"] if for_calendar else None,
    )


def _runs(lines: Iterable[list[str]]) -> Iterator[list[str]]:
    """Lines without a value are wrapped here, and one piece with those beside them."""
    for is_fixed, run in groupby(lines, key=lambda line: len(line) == 1):
        if is_fixed:
            yield ["\n".join(paragraph(line) for [line] in run)]
        else:
            for line in run:
                yield from _begun(*line)


def _begun(before: str, *values_and_words: str) -> Iterator[list[str]]:
    """What is full before the first value is wrapped here too."""
    full, rest = begun(before)
    if full:
        yield [full]
    yield [rest, *values_and_words]


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


def _subject(reference: str, words: str) -> str:
    """One line that begins with the reference, by which an answer is found again, however much of it is shown."""
    room, line = SUBJECT_LENGTH - len(f"[{reference}] "), single_line(words)
    return f"[{reference}] " + (line if len(line) <= room else line[: room - 1].rstrip() + "…")


def _calendar(drawn: Drawn, printed: Mapping[str, str], key: str, now: datetime, sequence: int) -> str | None:
    """It stands at the limit."""
    if drawn.when is None:
        return None
    title, _, description = _written(drawn.calendar, printed).strip().partition("\n")
    entry = Entry(when=drawn.when, summary=title, description=description.strip())
    return calendar_file(entry, uid=key, now=now, sequence=sequence)


def _with_styles(html: str) -> str:
    """Only the templates' own tags look like `<p>`: in values every `<` has been escaped."""
    return re.sub(r"<(\w+)>", lambda tag: _styled(tag[1]), html)


def _styled(tag: str) -> str:
    return f'<{tag} style="{STYLES[tag]}">' if tag in STYLES else f"<{tag}>"
