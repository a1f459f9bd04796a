"""How a breach ends, is merged into another, or begins anew."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from cli.breach_options import BreachId
from cli.opening import acting
from cli.options import LARGEST_ID, SECRETARY, Because, By, Json, Party
from cli.printing import say

if TYPE_CHECKING:
    from sqlmodel import Session

Into = Annotated[int, typer.Argument(metavar="INTO", min=1, max=LARGEST_ID, help="The breach that goes on for both.")]
Outcome = Annotated[str, typer.Argument(metavar="near-miss|not-a-breach", help="What it was instead.")]
MaybeParty = Annotated[
    str | None, typer.Option("--party", metavar="PARTY", help="Only this party's follow-up; otherwise the breach.")
]
NoSupplement = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Why what has become known since the notice is not given.")
]


def add_to(breach: typer.Typer) -> None:
    commands: dict[str, Callable[..., None]] = {
        "merge": merge, "finish": finish, "close": close, "end": end, "reopen": reopen,
    }  # fmt: skip
    for name, command in commands.items():
        breach.command(name)(command)


def merge(number: BreachId, into: Into, because: Because, by: By = SECRETARY, as_json: Json = False) -> None:
    """The same was reported twice: one goes on for both."""
    from actions.breaches.merging import merge as act

    with acting() as (session, now):
        differing = act(session, now, number, into, by, because)
    sentence = f"Breach {number} goes on as breach {into}."
    if differing:
        sentence += (
            f" They differ in: {', '.join(differing)}. Facts stay as they are in each; of what a party concluded or "
            "has to tell, the stricter stands. Look again."
        )
    say(as_json, sentence, breach=number, into=into, differing=differing, next=[f"concordat breach show {into}"])


def finish(
    number: BreachId, slug: Party, no_supplement_because: NoSupplement = None, by: By = SECRETARY, as_json: Json = False
) -> None:  # fmt: skip
    """End a party's follow-up. Nothing is owed, what was learnt is said."""
    from actions.breaches.closing import finish_follow_up

    with acting() as (session, now):
        finish_follow_up(session, now, number, slug, by, no_supplement_because)
    say(as_json, f"The follow-up of {slug} is complete.", breach=number, party=slug)


def close(number: BreachId, by: By = SECRETARY, as_json: Json = False) -> None:
    """Close a breach. Every follow-up has ended."""
    from actions.breaches.closing import close as act

    with acting() as (session, now):
        act(session, now, number, by)
    say(as_json, f"Breach {number} is closed.", breach=number)


def end(number: BreachId, outcome: Outcome, because: Because, by: By = SECRETARY, as_json: Json = False) -> None:
    """It was a near miss, or no breach: recorded with the reason."""
    from actions.breaches.closing import end_early
    from models.breach import BreachOutcome

    found = {each.value.replace(" ", "-"): each for each in (BreachOutcome.NEAR_MISS, BreachOutcome.NOT_A_BREACH)}
    chosen = found.get(outcome.strip().casefold().replace(" ", "-"))
    if chosen is None:
        raise typer.BadParameter(f"“{outcome}” is none of {', '.join(found)}.", param_hint="near-miss|not-a-breach")
    with acting() as (session, now):
        end_early(session, now, number, chosen, by, because)
    say(as_json, f"Breach {number} is recorded as {chosen}.", breach=number, outcome=chosen.value)


def reopen(
    number: BreachId, because: Because, party: MaybeParty = None, by: By = SECRETARY, as_json: Json = False
) -> None:
    """Go on with a closed breach, or with one party's part."""
    from actions.breaches.closing import reopen as act
    from actions.breaches.closing import reopen_follow_up

    with acting() as (session, now):
        already = _is_open(session, number, party)
        if party:
            reopen_follow_up(session, now, number, party, by, because)
        else:
            act(session, now, number, by, because)
    what = f"The follow-up of {party}" if party else f"Breach {number}"
    how = "is open already: nothing has been changed" if already else "is open again"
    say(as_json, f"{what} {how}.", breach=number, party=party, next=[f"concordat breach show {number}"])


def _is_open(session: "Session", number: int, party: str | None) -> bool:
    from actions.breaches.moving import follow_up_at
    from actions.breaches.showing import breach_named
    from rules.breach import Stage

    breach = breach_named(session, number)
    return follow_up_at(session, breach, party)[0].ended_at is None if party else breach.stage is not Stage.CLOSED
