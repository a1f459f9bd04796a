"""`concordat forecast`: what will go to whom, if nobody answers."""

from typing import Annotated

import typer

from cli.opening import looking, the_protocol
from cli.options import Json, WhichProtocol
from cli.printing import instant, show_json, table

Months = Annotated[int, typer.Option("--months", metavar="N", min=1, max=60, help="How far ahead.")]


def forecast_command(protocol: WhichProtocol = None, months: Months = 12, as_json: Json = False) -> None:
    """What will be sent to whom in the coming months if nobody answers."""
    from datetime import datetime

    from actions.forecasting import forecast_rows
    from rules.anchors import corresponding_day
    from rules.instants import LONDON, end_of_day, local_day

    with looking() as (session, now):
        chosen = the_protocol(session, protocol) if protocol else None
        until = end_of_day(corresponding_day(local_day(now, LONDON), months), LONDON)
        rows = forecast_rows(session, now, chosen, until)
    if as_json:
        show_json(rows)
        return
    shown = [
        (instant(datetime.fromisoformat(r["at"])), r["message"].replace("_", " "), r["party"] or r["to"]) for r in rows
    ]
    typer.echo(table(("When", "Message", "To"), shown, f"Nothing in the coming {months} months."))
