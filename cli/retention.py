"""How long the words of ended cases are kept: what goes next, what stays, and the record of what went."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import acting, looking, the_protocol
from cli.options import SECRETARY, Because, By, Json, WhichProtocol
from cli.printing import in_words, paragraph, say, show_json, table
from rules.sentences import written_day

if TYPE_CHECKING:
    from actions.retention.cases import Emptied, Retained

retention = typer.Typer(help="How long the words of ended cases are kept.", no_args_is_help=True)

PLURAL = {"breach": "breaches", "complaint": "complaints"}

Case = Annotated[str, typer.Argument(metavar="CASE", help="Such as breach:7 or complaint:12.")]


@retention.command("list")
def list_(protocol: WhichProtocol = None, as_json: Json = False) -> None:
    """Ended cases with their words, the next to go first."""
    from actions.retention.cases import nothing_goes_until, periods_of, retained

    with looking() as (session, now):
        of = the_protocol(session, protocol)
        found, until = retained(session, of), nothing_goes_until(session, of, now)
        kept = {PLURAL[kind]: period for kind, period in periods_of(of).items()}
    if as_json:
        periods = {kind: period and period.text for kind, period in kept.items()}
        show_json(
            {
                "kept_for": periods,
                "nothing_goes_until": until and until.isoformat(),
                "cases": [_facts(each) for each in found],
            }
        )
        return
    for kind, period in kept.items():
        typer.echo(f"Words of {kind} are kept {f'for {period} after the end' if period else 'without a limit'}.")
    if not any(kept.values()):
        typer.echo("The protocol's file may say for how long: `retention`, under `policies`.")
    if until is not None:
        why = "The period was changed, or the database was brought back"
        typer.echo(paragraph(f"{why}: nothing goes until {written_day(until)} is over."))
    rows = [(each.case, each.ended_on.isoformat(), each.said) for each in found]
    typer.echo(table(("Case", "Ended", "Its words"), rows, "No ended case has words."))


def _facts(row: "Retained | Emptied") -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row._asdict().items()}


@retention.command("emptied")
def emptied(protocol: WhichProtocol = None, as_json: Json = False) -> None:
    """The record of what went."""
    from actions.retention.cases import emptied_cases

    with looking() as (session, _):
        found = list(emptied_cases(session, the_protocol(session, protocol)))
    if as_json:
        show_json([_facts(each) for each in found])
        return
    rows: Sequence[tuple[object, ...]] = [
        (each.case, each.ended_on.isoformat(), each.kept, in_words(each.at), each.texts, each.messages)
        for each in found
    ]  # fmt: skip
    head = ("Case", "Ended", "Kept for", "Emptied", "Texts", "Messages")
    typer.echo(table(head, rows, "Nothing has been emptied."))


@retention.command("keep")
def keep(case: Case, because: Because, by: By = SECRETARY, as_json: Json = False) -> None:
    """Keep a case's words, whatever the period: a claim, an inquiry."""
    from actions.retention.keeping import keep_words

    with acting() as (session, now):
        kept = keep_words(session, now, case, by, because)
    say(
        as_json,
        f"The words of {kept} stay until you say otherwise: `concordat retention release {kept} --because TEXT`.",
        case=kept,
    )


@retention.command("release")
def release(case: Case, because: Because, by: By = SECRETARY, as_json: Json = False) -> None:
    """Let the protocol's period count again."""
    from actions.retention.keeping import keep_words_no_longer

    with acting() as (session, now):
        released = keep_words_no_longer(session, now, case, by, because)
    say(as_json, f"The words of {released} stay for as long as the protocol says.", case=released)
