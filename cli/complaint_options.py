"""The arguments that the commands about complaints share."""

from datetime import date
from typing import Annotated

import typer

from cli.options import LARGEST_ID, a_day

WHEN_HELP = "a day, or a time such as 2026-11-20T16:20 on the protocol's own clock"

ComplaintId = Annotated[
    int, typer.Argument(metavar="N", min=1, max=LARGEST_ID, help="Its number: see `concordat complaint list`.")
]
FindingId = Annotated[
    int,
    typer.Argument(metavar="FINDING", min=1, max=LARGEST_ID, help="Its number: see `concordat complaint show`."),
]
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
