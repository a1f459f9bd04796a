"""How values are written in messages: dates in words, lines wrapped, hostile characters left out."""

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from rules.instants import LONDON
from rules.regulator_notice import missing_in_words
from rules.sentences import definite, listed, written_day, written_instant

LINE_LENGTH = 78  # characters; longer lines are broken by mail servers and quoted badly in replies

# Words that names of protocols begin with and that are no names themselves.
PLAIN_BEGINNINGS = {"Data", "Information", "Joint", "Multi-agency", "Overarching", "Protocol", "Sharing"}

# A person's own words, in which line ends mean something. Everything else is one line.
OWN_WORDS = {
    *("because", "changes", "current", "declaration", "proposed"),
    *("reason", "reasons", "said", "why", "why_major"),
}


def uk_date(day: date) -> str:
    """“Friday 26 February 2027”."""
    return written_day(day)


def uk_instant(instant: datetime) -> str:
    """“Friday 26 February 2027 09:00 GMT”, by the clock in London."""
    return written_instant(instant, LONDON)


def counted(count: int, one: str, many: str | None = None) -> str:
    """“no proposals”, “one proposal”, “3 proposals”."""
    return f"one {one}" if count == 1 else f"{count or 'no'} {many or one + 's'}"


def the(name: str) -> str:
    """A name within a sentence: “the information sharing protocol …”, “the Bedfordshire protocol”."""
    first, _, rest = name.partition(" ")
    if first.lower() == "the":
        return f"the {rest}"
    is_a_sentence = first in PLAIN_BEGINNINGS and rest[:1].islower()
    return f"the {first.lower() if is_a_sentence else first} {rest}".rstrip()


def untimed(what: str) -> str:
    """What is to be done, without the “at once” of a procedure: where more time is given, it would contradict."""
    for words in (" at once", " without undue delay", " without delay"):
        what = what.removesuffix(words)
    return what


def wrap(text: str) -> str:
    """One line of a template is one paragraph."""
    return together(paragraph(line) for line in str(text).split("\n"))


def together(paragraphs: Iterable[str]) -> str:
    """One under the other, never more than one empty line between two."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(paragraphs)).strip("\n") + "\n"


def paragraph(line: str) -> str:
    """One line of a template, wrapped: `- ` begins an item, `## ` a heading, `> ` somebody's own words."""
    first = _marker(line)
    body = line[len(first) :].rstrip()
    match first:
        case "## ":
            lines = _lines(body, "", "")
            return "\n".join([*lines, "-" * max(map(len, lines))])
        case "> ":
            return "\n".join(_lines(body, first, first)) or ">"
        case _:
            return "\n".join(_lines(body, first, " " * len(first)))


def _marker(line: str) -> str:
    found = _MARKER.match(line)
    return found.group() if found else ""


_MARKER = re.compile(r"\s*(?:- |\d+\. |> |## )?")


def begun(line: str) -> tuple[str, str]:
    """The beginning of a line of a template: those of its paragraph's lines that are full whatever follows, and the
    rest, to be wrapped with that. A whole word is in it: of a longer one, a part goes where there was room before."""
    words, indent = line.rstrip(), _marker(line)
    *full, rest = paragraph(words).split("\n")
    is_usual = words.isprintable() and "  " not in words.lstrip() and " " in rest.lstrip()
    if not is_usual or indent.strip() or _marker(rest) != indent:
        return "", line
    return "\n".join(full), rest + line[len(words) :]


def _lines(body: str, first: str, rest: str) -> list[str]:
    if len(first) + len(body) <= LINE_LENGTH:
        return [first + body] if body else []
    if body.isprintable() and "  " not in body and not body.startswith(" "):
        filled = list(_filled(body, first, rest))
        if max(map(len, filled)) <= LINE_LENGTH:
            return filled
    return textwrap.wrap(
        body, LINE_LENGTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
    )  # fmt: skip


def _filled(body: str, first: str, rest: str) -> Iterator[str]:
    """What `textwrap` makes of words with one space between them, of which none has to be broken: a twentieth of the
    time, and every message has a few that nobody else's has. A word that is too long makes a line that is."""
    begin, indent = 0, first
    while len(body) - begin > (room := LINE_LENGTH - len(indent)):
        end = body.rfind(" ", begin, begin + room + 1)
        if end < 0:
            end = body.find(" ", begin + room)
        if end < 0:
            break
        yield indent + body[begin:end]
        begin, indent = end + 1, rest
    yield indent + body[begin:]


def quoted(text: str) -> str:
    """Somebody's own words, marked line by line, so that nothing in them can be taken for ours."""
    return "\n".join(f"> {line}" for line in text.strip().split("\n")) if text.strip() else ""


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def cleaned(context: Mapping[str, Any]) -> dict[str, Any]:
    """The values without control and direction characters; on one line, except a person's own words."""
    return {name: _clean(value, one_line=name not in OWN_WORDS) for name, value in context.items()}


def _clean(value: Any, one_line: bool) -> Any:
    match value:
        case str():
            return single_line(value) if one_line else _printable(value)
        case tuple() | list():
            return tuple(_clean(item, one_line) for item in value)
        case dict():
            return cleaned(value)
        case _:
            return value


def single_line(text: str) -> str:
    """One line that cannot be taken for a heading, an item or a quotation where a line begins with it."""
    line = " ".join(_printable(text).split())
    return re.sub(r"^(?:[#>-]+ )+", "", line) if line.startswith(("#", ">", "-")) else line


def _printable(text: str) -> str:
    """Without control characters and those that turn the reading direction and so make text read falsely."""
    if text.isprintable():
        return text
    ended = re.sub(r"\r\n|[\r\v\f\x85\u2028\u2029]", "\n", text).replace("\t", " ")
    return "".join(c for c in ended if c == "\n" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"})


FILTERS = {
    "uk_date": uk_date,
    "uk_instant": uk_instant,
    "capitalised": capitalised,
    "counted": counted,
    "listed": listed,
    "the": the,
    "definite": definite,
    "untimed": untimed,
    "missing_in_words": missing_in_words,
    "wrap": wrap,
    "quoted": quoted,
    "one_line": single_line,
}
