"""`concordat deadline`: a date or an instant, and the sentence that explains it."""

from enum import StrEnum
from typing import TypeVar

import typer

Choice = TypeVar("Choice", bound=StrEnum)


def deadline_command(
    period: str = typer.Argument(
        help="ISO 8601 such as PT72H, P30D or P1M, or “5 working days”.", metavar="PERIOD", show_default=False
    ),
    start: str = typer.Option(
        ...,
        "--from",
        metavar="WHEN",
        help="A date, or an instant such as 2026-10-23T16:20+01:00; without an offset, London's clock.",
    ),
    back: bool = typer.Option(False, "--back", help="Count back from WHEN."),
    nation: str | None = typer.Option(
        None,
        metavar="england-and-wales|scotland|northern-ireland",
        help="Whose bank holidays count; needed for working days and for --roll.",
    ),
    roll: str = typer.Option("none", metavar="forward|back|none", help="Where a date goes that is not a working day."),
    as_json: bool = typer.Option(False, "--json", help="Print {due, because} as JSON."),
) -> None:
    """Say when something is due, and why."""
    import json
    from datetime import datetime

    from rules.deadlines import Roll, deadline
    from rules.instants import LONDON, parse_when
    from rules.periods import parse_period
    from rules.working_days import Nation

    chosen = None if nation is None else _one_of(Nation, nation, "--nation")
    due = deadline(
        parse_period(period),
        parse_when(start, LONDON),
        back=back,
        nation=chosen,
        roll=_one_of(Roll, roll, "--roll"),
    )
    moment = due.due.astimezone(LONDON) if isinstance(due.due, datetime) else due.due
    if as_json:
        typer.echo(json.dumps({"due": moment.isoformat(), "because": due.because}))
    else:
        typer.echo(f"{moment.isoformat()}\n{due.because}")


def _one_of(kind: type[Choice], text: str, option: str) -> Choice:
    """A choice that is not offered is a wrong command line (exit 2), not a rule's refusal (exit 1)."""
    try:
        return kind(text)
    except ValueError:
        raise typer.BadParameter(f"“{text}” is none of {', '.join(kind)}.", param_hint=option) from None
