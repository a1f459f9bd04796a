"""`concordat forecast`: what will be sent to whom over the coming months, if nobody answers."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import Json, WhichProtocol

if TYPE_CHECKING:
    from datetime import datetime

    from rules.forecast import Forecasted

Months = Annotated[int, typer.Option(min=1, max=120, help="How far to look.")]

INDENT = " " * 9


def forecast_command(protocol: WhichProtocol = None, months: Months = 12, as_json: Json = False) -> None:
    """What will be sent to whom and when over the coming months, if nobody answers and nobody acts."""
    from actions.cast import protocol_named
    from actions.forecasting import as_rows, forecast_of
    from cli.opening import looking
    from cli.printing import show_json

    with looking() as (session, now):
        which = protocol_named(session, protocol) if protocol else None
        messages = forecast_of(session, now, which, _until(now, months))
    if as_json:
        show_json(as_rows(messages))
        return
    for line in _lines(messages, months):
        typer.echo(line)


def _until(now: "datetime", months: int) -> "datetime":
    """The end of the corresponding day in London."""
    from rules.anchors import corresponding_day
    from rules.instants import LONDON, end_of_day, local_day

    return end_of_day(corresponding_day(local_day(now, LONDON), months), LONDON)


def _lines(messages: Sequence["Forecasted"], months: int) -> Iterator[str]:
    from rules.instants import LONDON, local_day
    from rules.sentences import written_day

    span = "month" if months == 1 else f"{months} months"
    if not messages:
        yield f"Nothing will be sent in the coming {span} unless somebody acts."
        return
    yield f"If nobody answers and nobody acts, this is sent in the coming {span}:"
    for day, of_day in groupby(messages, key=lambda message: local_day(message.at, LONDON)):
        yield f"\n{written_day(day)}"
        for _, alike in groupby(of_day, key=lambda message: (message.at, message.kind, message.case)):
            yield from _alike(list(alike))


def _alike(messages: Sequence["Forecasted"]) -> Iterator[str]:
    """Messages of one kind at one moment: what, why, and one line for each address."""
    from cli.printing import paragraph
    from notifications.message_words import called
    from rules.instants import LONDON

    first = messages[0]
    what = called(first.kind, len(messages))
    yield f"{first.at.astimezone(LONDON):  %H:%M  }{what[0].upper()}{what[1:]}, {first.case}"
    for because in dict.fromkeys(message.because for message in messages):
        yield paragraph(because, INDENT)
    for message in messages:
        yield paragraph(f"{message.address}{_about(message)}", f"{INDENT}  ", "  ")


def _about(message: "Forecasted") -> str:
    """Of a breach, whose step or duty it is: “ (luton-borough-council: step contain)”."""
    if not message.case.startswith("breach:") or not message.obligations:
        return ""
    named = dict.fromkeys(_named(key.removeprefix(f"{message.case}:")) for key in message.obligations)
    return f" ({'; '.join(named)})"


def _named(key: str) -> str:
    """From “step:luton-borough-council:contain:1”."""
    kind, party, *rest = key.split(":")
    what = rest[0] if kind == "step" and rest else ""
    return f"{party}: {kind}{f' {what}' if what else ''}"
