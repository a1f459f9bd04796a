"""What a command prints: a sentence, a table or JSON. Plain text that reads the same in a pipe, at 80 columns."""

import json
import shutil
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from typing import Any

import typer

from rules.instants import LONDON
from rules.sentences import written_day, written_instant

WIDTH = 79


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


def plain(value: Any) -> Any:
    """The value in JSON's own terms: instants in UTC, days as ISO dates, keys as words."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    match value:
        case dict():
            return {str(key): plain(each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(each) for each in value]
        case date():  # and datetime, which is one
            return value.isoformat()
        case _:
            return value


def paragraph(text: str, indent: str = "", hanging: str = "") -> str:
    """Each line of the text wrapped by itself, further lines behind `hanging`; an address is never broken."""
    return "\n".join(
        textwrap.fill(
            line, WIDTH, initial_indent=indent, subsequent_indent=indent + hanging,
            break_long_words=False, break_on_hyphens=False,
        )
        for line in text.splitlines()
    )  # fmt: skip


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str = "None.") -> str:
    """Columns that wrap inside the terminal's width; in a pipe, inside 80."""
    from io import StringIO

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    listed = [[_cell(value) for value in row] for row in rows]
    if not listed:
        return empty
    made = Table(*columns, box=None, pad_edge=False, header_style="none")
    for row in listed:
        made.add_row(*(Text(cell, overflow="fold") for cell in row))
    out = StringIO()
    width = max(80, shutil.get_terminal_size((80, 24)).columns)
    Console(file=out, width=width, color_system=None, legacy_windows=False).print(made)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def number(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def counted(count: int, one: str, many: str | None = None) -> str:
    """“four signatures”, “one party”, “17 parties”."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


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
            return str(value)


def instant(value: datetime | None) -> str:
    """London's clock, short enough for a table: “2027-02-26 09:00 GMT”."""
    return f"{value.astimezone(LONDON):%Y-%m-%d %H:%M %Z}" if value else ""


def in_words(value: date | datetime) -> str:
    """“Friday 26 February 2027”, with London's time where there is one."""
    return written_instant(value, LONDON) if isinstance(value, datetime) else written_day(value)
