"""`concordat contact away`: somebody is away for a while, and whoever stands in is asked instead."""

from datetime import date
from typing import Annotated

import typer

from cli.members import RoleName, Whose, place
from cli.opening import acting
from cli.options import SECRETARY, By, Json, WhichProtocol, a_day, one_of
from cli.printing import in_words, say

Until = Annotated[
    date | None,
    typer.Option("--until", metavar="DATE", parser=a_day, help="The last day on which somebody else is asked instead."),
]
Back = Annotated[bool, typer.Option("--back", help="They are back.")]


def away_command(
    whose: Whose, role: RoleName, until: Until = None, back: Back = False, protocol: WhichProtocol = None,
    by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """Whoever stands in is asked instead, until that day is over."""
    from actions.away import set_away
    from models.protocol import Role

    if back is (until is not None):
        raise typer.BadParameter("give one of the two.", param_hint="--until, --back")
    chosen = one_of(Role, role, "ROLE")
    with acting() as (session, now):
        of, at = place(session, whose, chosen, protocol)
        set_away(session, now, of, at, chosen, until, by)
    words = f"is away until {in_words(until)}; whoever stands in is asked" if until else "is back"
    say(as_json, f"The {chosen} of {whose} {words}.", party=whose, role=chosen.value, until=until)
