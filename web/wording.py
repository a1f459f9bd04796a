"""How pages write what they know: days, instants, time left, people's own words, commands as links."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from models.access import Standing
from notifications.links import page_of_case
from notifications.wording import capitalised, counted, the
from rules.instants import LONDON
from rules.limits import time_left
from rules.sentences import listed, written_day, written_instant
from web.differences import marked

if TYPE_CHECKING:
    from web.callers import Caller


def plain_day(day: date) -> str:
    """“27 March 2026”."""
    return written_day(day).partition(" ")[2]


def long_day(day: date) -> str:
    """“Friday 27 March 2026”."""
    return written_day(day)


def clock(moment: datetime) -> str:
    """“27 March 2026, 16:20 GMT”, by the clock in London."""
    there = moment.astimezone(LONDON)
    return f"{plain_day(there.date())}, {there:%H:%M} {there.tzname()}"


def long_clock(moment: datetime) -> str:
    return written_instant(moment, LONDON)


def left(due_at: datetime, now: datetime) -> str:
    """“3 days left”, “40 minutes left”, “overdue by 2 days”."""
    return time_left(due_at, now)


def ago(moment: datetime, now: datetime) -> str:
    """“4 minutes ago”, “2 days ago”."""
    for size, name in ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):
        if now - moment >= size:
            number = (now - moment) // size
            return f"{number} {name}{'s' if number > 1 else ''} ago"
    return "just now"


def paragraphs(text: str | None) -> Markup:
    """Somebody's own words: paragraphs and lines as they wrote them, everything escaped."""
    blocks = re.split(r"\n\s*\n", (text or "").strip())
    made = (Markup('<p class="govuk-body">{}</p>').format(_lines(block)) for block in blocks if block.strip())
    return Markup("").join(made)


def _lines(block: str) -> Markup:
    return Markup("<br>").join(escape(line) for line in block.strip().split("\n"))


def closed(words: str) -> str:
    """Somebody's own words at the end of a sentence: with one full stop, whether or not they wrote it."""
    said = words.rstrip()
    return said if said.endswith((".", "!", "?", "…")) else f"{said}."


def case_words(case: str) -> str:
    """“review 12” for `review:12`."""
    kind, _, number = case.partition(":")
    return "the protocol" if kind == "protocol" else f"{kind} {number}"


COMMAND = re.compile(r"\s*\((?:see )?`--?[^`]*`\)|`--?[^`]*`|`concordat ([^`]*)`|“concordat ([^”]*)”")


PageOf = Callable[[str], tuple[str, str] | None]


def for_people(sentence: str, page_of: PageOf | None = None, standing: Standing | None = None) -> Markup:
    """A sentence that names commands, as a page says it: a command is a link to the page that does the same.

    Options in brackets are left out: the form has a field for each. Where that page is not for somebody of `standing`,
    only its title is said: no link leads to where they are turned away.
    """
    from web.commands import page_of_command

    find, parts, at = page_of or page_of_command, [], 0
    for match in COMMAND.finditer(sentence):
        parts.append(escape(sentence[at : match.start()]))
        parts.append(_command(match, find, standing))
        at = match.end()
    parts.append(escape(sentence[at:]))
    return Markup("").join(parts)


@pass_context
def for_the_visitor(context: Context, sentence: str, page_of: PageOf | None = None) -> Markup:
    """`for_people`, for whoever looks at the page (a macro knows that only if it is imported `with context`)."""
    visitor = context.get("visitor")
    return for_people(sentence, page_of, visitor.standing if visitor else None)


def is_for(address: str, visitor: "Caller") -> bool:
    """Whether a link to that address is of use to the visitor."""
    from web.commands import lets_in

    return lets_in(address, visitor.standing)


def _command(match: re.Match[str], find: PageOf, standing: Standing | None) -> Markup:
    from web.commands import lets_in

    command = match[1] or match[2]
    if command is None:
        option = match[0].strip()
        return Markup("") if option.startswith("(") else escape(option.strip("`").lstrip("-").replace("-", " "))
    found = find(command)
    if found is None:
        return Markup("<code>concordat {}</code>").format(command)
    path, title = found
    if standing is not None and not lets_in(path, standing):
        return escape(title)
    return Markup('<a class="govuk-link" href="{}">{}</a>').format(path, title)


def without_links(sentence: str) -> str:
    """For an error message, which is no place for a link."""
    return for_people(sentence).striptags()


FILTERS: dict[str, Callable[..., Any]] = {
    "plain_day": plain_day,
    "long_day": long_day,
    "clock": clock,
    "long_clock": long_clock,
    "left": left,
    "ago": ago,
    "paragraphs": paragraphs,
    "case_words": case_words,
    "closed": closed,
    "case_page": page_of_case,
    "counted": counted,
    "capitalised": capitalised,
    "listed": listed,
    "the": the,
    "for_people": for_the_visitor,
    "is_for": is_for,
    "marked": marked,
}
