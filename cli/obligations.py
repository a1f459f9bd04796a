"""Who owes what by when, and what the secretary may change in it."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import acting, looking, the_protocol
from cli.options import LARGEST_ID, SECRETARY, BecauseTold, By, Day, Json, Number, WhichProtocol
from cli.printing import in_words, say, show_json, table

if TYPE_CHECKING:
    from sqlmodel import Session

    from actions.listing import DutyLine
    from models.obligation import Obligation


obligation = typer.Typer(help="Who owes what by when.", no_args_is_help=True)

OF_COMPLAINTS = {
    "acknowledgement": "acknowledge complaint {}", "progress": "say how far complaint {} is",
    "analysis": "analyse complaint {}", "second reading": "read the determination of complaint {} again",
}  # fmt: skip

OfParty = Annotated[str | None, typer.Option("--party", metavar="PARTY", help="Only what this party owes.")]
Overdue = Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")]
Ended = Annotated[bool, typer.Option("--all", help="Also what is not owed any more, and how it ended.")]
OfReview = Annotated[
    int | None, typer.Option("--review", metavar="ID", min=1, max=LARGEST_ID, help="Only of this review.")
]


@obligation.command("list")
def list_(
    party: OfParty = None, overdue: Overdue = False, review: OfReview = None, ended: Ended = False,
    protocol: WhichProtocol = None, as_json: Json = False,
) -> None:  # fmt: skip
    """What is owed, by when it is due."""
    from actions.cast import party_named
    from actions.listing import duty_lines

    with looking() as (session, now):
        of = the_protocol(session, protocol) if protocol or party else None
        who = party_named(session, of, party) if of and party else None
        case = f"review:{review}" if review else None
        lines = duty_lines(session, now, of, party=who, case=case, overdue=overdue, ended=ended)
    if as_json:
        show_json(lines)
        return
    rows = [
        (
            d.number,
            _due(d),
            _state(d),
            _kind(d),
            d.case,
            d.party or "steering group",
            d.role,
        )
        for d in lines
    ]
    typer.echo(
        table(
            ("No", "Due", "State", "What", "Case", "Party", "Asked"),
            rows,
            "Nothing is owed.",
            width=100,
            whole=("Party", "Case", "No"),
        )
    )


def _due(line: "DutyLine") -> object:
    """Where there is no deadline, since when it has been asked for."""
    if line.asked_at is not None:
        return f"none, asked for since {in_words(line.asked_at)}"
    return line.due_at if line.exact else line.due_on


def _state(line: "DutyLine") -> str:
    """Where hours were counted, the time left says more than “open”."""
    if line.outcome:
        return line.outcome
    owed = line.left or ("overdue" if line.overdue else "open")
    return owed.replace("overdue", "OVERDUE") + ("" if line.reachable else ", unreachable")


def _kind(line: "DutyLine") -> str:
    """With what is to be done, where the kind alone does not say it."""
    from actions.duties import WHAT
    from models.obligation import ObligationKind

    case, _, number = line.case.partition(":")
    if case == "complaint" and line.kind in OF_COMPLAINTS:
        return OF_COMPLAINTS[line.kind].format(number)
    if line.kind == ObligationKind.RECHECK:
        return line.what
    return line.kind if line.what == WHAT[ObligationKind(line.kind)] else f"{line.kind}: {line.what}"


@obligation.command("extend")
def extend(number: Number, day: Day, because: BecauseTold, by: By = SECRETARY, as_json: Json = False) -> None:
    """Give more time, until the end of a day. Everyone concerned is told why."""
    from actions.owing import extend as act

    with acting() as (session, now):
        duty = _numbered(session, number)
        act(session, now, duty, day, by, because)
    _now(as_json, duty, f"is due on {in_words(duty.due_on)}")


@obligation.command("waive")
def waive(number: Number, because: BecauseTold, by: By = SECRETARY, as_json: Json = False) -> None:
    """Nobody has to do it any more, and why."""
    from actions.owing import waive as act

    with acting() as (session, now):
        duty = _numbered(session, number)
        act(session, now, duty, by, because)
    _now(as_json, duty, "is waived")


@obligation.command("delegate")
def delegate(number: Number, because: BecauseTold, by: By = SECRETARY, as_json: Json = False) -> None:
    """Ask the party's deputy instead; both are told."""
    from actions.owing import delegate as act

    with acting() as (session, now):
        duty = _numbered(session, number)
        act(session, now, duty, by, because)
    _now(as_json, duty, "is the deputy's now")


def _numbered(session: "Session", number: int) -> "Obligation":
    from actions.cast import NotThere
    from models.obligation import Obligation

    found = session.get(Obligation, number)
    if found is None:
        raise NotThere(f"There is no obligation {number}: see `concordat obligation list`.")
    return found


def _now(as_json: bool, duty: "Obligation", words: str) -> None:
    outcome = duty.outcome.value if duty.outcome else None
    sentence = f"Obligation {duty.id} ({duty.kind} of {duty.case}) {words}."
    say(
        as_json, sentence, obligation=duty.id, case=duty.case, due_on=duty.due_on, due_at=duty.due_at,
        exact=duty.exact, outcome=outcome,
    )  # fmt: skip
