"""The arguments that the commands about breaches share, and how facts are written on a command line."""

from collections.abc import Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import LARGEST_ID, text_or_file

if TYPE_CHECKING:
    from sqlmodel import Session

    from rules.breach_facts import FactName

WHEN_HELP = "such as 2026-10-23T16:20, on the protocol's own clock"

BreachId = Annotated[
    int, typer.Argument(metavar="N", min=1, max=LARGEST_ID, help="The breach's number: see `concordat breach list`.")
]
Reference = Annotated[str, typer.Argument(metavar="REFERENCE", help="As it was given out: BR-2026-7K3Q9M.")]
Code = Annotated[str, typer.Argument(metavar="CODE", help="The follow-up code; “-” reads it from standard input.")]
At = Annotated[str, typer.Option("--at", metavar="WHEN", help=f"When: {WHEN_HELP}.")]
MaybeAt = Annotated[str | None, typer.Option("--at", metavar="WHEN", help=f"When; otherwise now: {WHEN_HELP}.")]
ToldAt = Annotated[str, typer.Option("--told-at", metavar="WHEN", help=f"When they were told: {WHEN_HELP}.")]
MaybeToldAt = Annotated[
    str | None, typer.Option("--told-at", metavar="WHEN", help=f"When they were told: {WHEN_HELP}.")
]
Late = Annotated[
    str | None, typer.Option("--late-because", metavar="TEXT", help="Why so late; what is late is recorded with why.")
]
Facts = Annotated[
    list[str], typer.Argument(metavar="NAME=VALUE…", help="What is known now, such as people=4; @FILE reads a text.")
]


def code_from(text: str) -> str:
    """The code, or with “-” the first line of standard input: an argument stays in the shell's history."""
    return typer.get_text_stream("stdin").readline().strip() if text == "-" else text


def facts_from(pairs: Sequence[str]) -> "dict[FactName, Any]":
    """`people=4`, `kinds-of-data=health,safeguarding`, `measures=@file`. A wrong name is a wrong command line."""
    found: dict[FactName, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise typer.BadParameter(f"“{pair}” is not of the form NAME=VALUE.", param_hint="NAME=VALUE")
        fact = fact_named(name)
        if fact in found:
            raise typer.BadParameter(f"“{fact}” is given twice.", param_hint="NAME=VALUE")
        found[fact] = text_or_file(value)
    return found


def fact_named(text: str) -> "FactName":
    """Hyphens may stand for the spaces; the severity factors have a command of their own."""
    from rules.breach_facts import FactName, fact_called

    name = fact_called(text)
    if name is FactName.FACTORS:
        raise typer.BadParameter("give the severity factors with `concordat breach assess`.", param_hint="NAME=VALUE")
    if name is not None:
        return name
    known = [name.value.replace(" ", "-") for name in FactName if name is not FactName.FACTORS]
    near = get_close_matches(text.strip().casefold().replace(" ", "-").replace("_", "-"), known, n=1, cutoff=0.5)
    meant = f" Did you mean “{near[0]}”?" if near else ""
    raise typer.BadParameter(f"“{text}” is none of {', '.join(known)}.{meant}", param_hint="NAME=VALUE")


def instant(session: "Session", breach_id: int, text: str) -> datetime:
    from actions.breaches.when import instant_in

    return instant_in(session, breach_id, text)
