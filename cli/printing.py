"""What a command prints: a sentence, a table or JSON. Plain text that reads the same in a pipe, at 80 columns."""

import json
import shutil
import textwrap
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import typer

from actions.plain_values import plain
from rules.instants import LONDON
from rules.sentences import written_day, written_instant

if TYPE_CHECKING:
    from actions.verifying import VerifyReport

WIDTH = 79
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
REPLACED = "\ufffd"


def say(as_json: bool, sentence: str, /, *, next: Sequence[str] = (), **facts: Any) -> None:
    """The end of an action: its sentence and what to do next; in JSON the sentence under `done`, beside the facts."""
    if as_json:
        show_json({"done": sentence} | facts | ({"next": next} if next else {}))
        return
    typer.echo(paragraph(sentence))
    if next:
        typer.echo("\n".join(["Next:", *(f"  {command}" for command in next)]))


def show_json(value: Any) -> None:
    typer.echo(json.dumps(plain(value), indent=2))


def paragraph(text: str, indent: str = "", hanging: str = "") -> str:
    """Each line of the text wrapped by itself, behind the first all behind `hanging`, so that no text of anybody's
    looks like a line of ours; an address is never broken."""
    return "\n".join(
        textwrap.fill(
            line, WIDTH, initial_indent=indent + (hanging if number else ""), subsequent_indent=indent + hanging,
            break_long_words=False, break_on_hyphens=False,
        )
        for number, line in enumerate(seen(text).splitlines())
    )  # fmt: skip


def seen(text: str) -> str:
    """What would ring, move the cursor or turn the reading direction is shown as a sign that everybody sees."""
    if text.isprintable():
        return text
    return "".join(sign if sign == "\n" or unicodedata.category(sign) not in UNSEEN else REPLACED for sign in text)


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str = "None.", width: int = 80,
    whole: Collection[str] = (),
) -> str:  # fmt: skip
    """Columns that wrap inside the terminal's width; in a pipe, inside `width`. Words in `whole` ones stay whole."""
    from io import StringIO

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    listed = [[_cell(value) for value in row] for row in rows]
    if not listed:
        return empty
    made = Table(box=None, pad_edge=False, header_style="none")
    for number, column in enumerate(columns):
        longest = max(len(word) for row in listed for word in [column, *row[number].split()])
        made.add_column(column, min_width=longest if column in whole else None)
    for row in listed:
        made.add_row(*(Text(cell, overflow="fold") for cell in row))
    out = StringIO()
    width = max(width, shutil.get_terminal_size((80, 24)).columns)
    Console(file=out, width=width, color_system=None, legacy_windows=False).print(made)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def number(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def counted(count: int, one: str, many: str | None = None) -> str:
    """“four signatures”, “one party”, “17 parties”."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def proof(report: "VerifyReport") -> Iterator[str]:
    """What is broken, and what was asked."""
    for sentence in report.broken:
        yield paragraph(f"- {sentence}", "", "  ")
    broken = f"broken in {counted(len(report.broken), 'place')}" if report.broken else "none is broken"
    yield f"{report.checked} invariants checked, {broken}."
    yield f"Fingerprint of all history: {report.fingerprint}"


def capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case _:
            return seen(str(value))


def instant(value: datetime | None) -> str:
    """London's clock, short enough for a table: “2027-02-26 09:00 GMT”."""
    return f"{value.astimezone(LONDON):%Y-%m-%d %H:%M %Z}" if value else ""


def in_words(value: date | datetime) -> str:
    """“Friday 26 February 2027”, with London's time where there is one."""
    return written_instant(value, LONDON) if isinstance(value, datetime) else written_day(value)
