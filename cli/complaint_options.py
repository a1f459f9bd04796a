"""The arguments that the commands about complaints share."""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated

import typer

from cli.options import LARGEST_ID, a_day
from rules.texts import shown

WHEN_HELP = "a day, or a time such as 2026-11-20T16:20 on the protocol's own clock"


def _numbered(what: str, lists: str) -> Callable[[str], int]:
    """The parser of an argument that takes “4”, or “finding:4”: so nobody takes a finding's for a complaint's."""

    def read(text: str) -> int:
        digits = text.strip().casefold().removeprefix(f"{what}:")
        if not re.fullmatch("[0-9]{1,10}", digits) or not 1 <= int(digits) <= LARGEST_ID:
            raise typer.BadParameter(f"“{shown(text)}” is not a number of a {what}, such as {what}:4: see `{lists}`.")
        return int(digits)

    return read


ComplaintId = Annotated[
    int,
    typer.Argument(
        metavar="N", parser=_numbered("complaint", "concordat complaint list"),
        help="The complaint's number, such as 4: see `concordat complaint list`.",
    ),
]  # fmt: skip
FindingId = Annotated[
    int,
    typer.Argument(
        metavar="finding:N", parser=_numbered("finding", "concordat complaint show"),
        help="The finding, such as finding:4: see `concordat complaint show`.",
    ),
]  # fmt: skip
How = Annotated[str, typer.Option("--how", metavar="TEXT", help="By letter, by e-mail, in person …")]
MaybeAt = Annotated[str | None, typer.Option("--at", metavar="WHEN", help=f"When; otherwise now: {WHEN_HELP}.")]
Words = Annotated[
    str, typer.Option("--words", metavar="TEXT|@FILE", help="In a sentence or two, without names; @FILE reads a text.")
]
HappenedFrom = Annotated[
    date | None,
    typer.Option("--happened-from", metavar="DATE", parser=a_day, help="When it happened, or began."),
]
HappenedTo = Annotated[
    date | None, typer.Option("--happened-to", metavar="DATE", parser=a_day, help="When it was over.")
]
