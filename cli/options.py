"""The options that many commands share, each written once; and what a person may write for a day or a text."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from rules.sentences import no_such_day

Choice = TypeVar("Choice", bound=StrEnum)

SECRETARY = "secretary"
LARGEST_ID = 2**31 - 1
LONGEST_NAME = 120  # characters; what history keeps of who did something


def a_day(text: str) -> date:
    """The parser of every option that takes a day; a wrong one is a wrong command line (exit 2)."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise typer.BadParameter(f"“{text}” is not a day: {no_such_day(text) or 'write it as 2027-03-31.'}") from None


def one_of(kind: type[Choice], text: str, option: str) -> Choice:
    """The choice meant; hyphens may stand for the spaces in its name. Another word is exit 2, not a refusal."""
    wanted = _plain(text)
    for choice in kind:
        if _plain(choice.value) == wanted:
            return choice
    words = ", ".join(choice.value.replace(" ", "-") for choice in kind)
    raise typer.BadParameter(f"“{text}” is none of {words}.", param_hint=option)


def _plain(text: str) -> str:
    return text.strip().casefold().replace(" ", "-")


def text_or_file(value: str) -> str:
    """What was written, or with `@name` what stands in that file; `@-` reads standard input."""
    if value == "@-":
        return typer.get_text_stream("stdin").read().strip()
    return Path(value[1:]).read_text(encoding="utf-8").strip() if value.startswith("@") else value


def name_of(text: str) -> str:
    """Who does something, as history keeps it for good: nothing in it turns the line about, or is another line."""
    if not text.strip() or len(text) > LONGEST_NAME or not text.isprintable():
        raise typer.BadParameter(f"Say who it is, in one line of at most {LONGEST_NAME} characters that can be seen.")
    return text.strip()


Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
By = Annotated[
    str, typer.Option("--by", metavar="WHO", callback=name_of, help="Who does it, in the words history will keep.")
]
Because = Annotated[str, typer.Option("--because", metavar="TEXT", help="The reason; history keeps it.")]
BecauseTold = Annotated[
    str,
    typer.Option(
        "--because",
        metavar="TEXT",
        help="The reason; it is sent to those concerned, word for word. Of a breach it stays in the record.",
    ),
]
MaybeBecause = Annotated[str | None, typer.Option("--because", metavar="TEXT", help="The reason, where one is needed.")]
OnBehalf = Annotated[
    str | None,
    typer.Option(
        "--on-behalf-because",
        metavar="TEXT",
        help="You answer in the party's place, and why; the party is told so.",
    ),
]
On = Annotated[
    date | None,
    typer.Option("--on", metavar="DATE", parser=a_day, help="The day on which it happened; otherwise today."),
]
WhichProtocol = Annotated[
    str | None,
    typer.Option("--protocol", metavar="PROTOCOL", help="Needed only where several protocols are loaded."),
]
Protocol = Annotated[
    str, typer.Argument(metavar="PROTOCOL", help="A protocol's short name: see `concordat protocols`.")
]
MaybeProtocol = Annotated[
    str | None, typer.Argument(metavar="[PROTOCOL]", help="A protocol's short name; otherwise all of them.")
]
Party = Annotated[str, typer.Argument(metavar="PARTY", help="A party's short name: see `concordat parties`.")]
Day = Annotated[date, typer.Argument(metavar="DATE", parser=a_day, help="A day such as 2027-03-31.")]
ReviewId = Annotated[
    int, typer.Argument(metavar="ID", min=1, max=LARGEST_ID, help="The review's number: see `concordat review list`.")
]
Number = Annotated[
    int, typer.Argument(metavar="NUMBER", min=1, max=LARGEST_ID, help="Its number, as the list shows it.")
]
