"""The law the protocol rests on: its register, changes of it, and the clauses that these mark."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import acting, looking, the_protocol
from cli.options import SECRETARY, Because, By, Json, MaybeBecause, Number, WhichProtocol, a_day, text_or_file
from cli.printing import counted, say, show_json

if TYPE_CHECKING:
    from models.protocol import LegislationChange

legislation = typer.Typer(help="The law that the protocol rests on.", no_args_is_help=True)

Key = Annotated[str, typer.Argument(metavar="KEY", help="An Act's key or title: see `concordat legislation list`.")]
MaybeKey = Annotated[
    str | None, typer.Argument(metavar="[KEY]", help="The Act's key in the register; without one, give its title.")
]
Title = Annotated[
    str | None, typer.Option("--act", metavar="TITLE", help="The title of an Act that the register does not list.")
]
Section = Annotated[
    str | None, typer.Option("--section", metavar="SECTION", help="Which part of it, such as 164A or Schedule 2.")
]
InForceFrom = Annotated[
    date, typer.Option("--in-force-from", metavar="DATE", parser=a_day, help="The day from which it is in force.")
]
What = Annotated[
    str, typer.Option("--what", metavar="TEXT", help="What changes, in words; @FILE reads them from a file.")
]
Clauses = Annotated[
    list[str] | None,
    typer.Option("--clause", metavar="KEY", help="A clause that it touches; otherwise all that rest on the Act."),
]
Source = Annotated[str | None, typer.Option("--source", metavar="URL", help="Where it can be read.")]
NoReview = Annotated[bool, typer.Option("--no-review", help="Mark the clauses only; say why with `--because`.")]
Clause = Annotated[
    str, typer.Argument(metavar="[CLAUSE]", help="The clause that needs no change; left out with `--all`.")
]
MaybeChange = Annotated[int | None, typer.Argument(metavar="CHANGE", help="The number of the change.")]
Every = Annotated[bool, typer.Option("--all", help="Every clause that the change marks, for one reason.")]


@legislation.command("list")
def list_(protocol: WhichProtocol = None, as_json: Json = False) -> None:
    """The register: what is in force, and what has changed."""
    from actions.law.register import register_of
    from cli.legislation_text import act_line

    with looking() as (session, _):
        acts = register_of(session, the_protocol(session, protocol))
    if as_json:
        show_json(acts)
        return
    typer.echo("\n".join(line for act in acts for line in act_line(act)) or "It lists nothing.")


@legislation.command("show")
def show(key: Key, protocol: WhichProtocol = None, as_json: Json = False) -> None:
    """One Act: its clauses, its changes, what they marked."""
    from actions.law.register import act_in_register
    from cli.legislation_text import act_text

    with looking() as (session, _):
        act = act_in_register(session, the_protocol(session, protocol), key)
    if as_json:
        show_json(act)
        return
    typer.echo("\n".join(act_text(act)))


@legislation.command("change")
def change(
    in_force_from: InForceFrom, what: What, key: MaybeKey = None, act: Title = None, section: Section = None,
    clause: Clauses = None, source: Source = None, no_review: NoReview = False, because: MaybeBecause = None,
    protocol: WhichProtocol = None, by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """Record a change: it marks clauses, and opens a review."""
    from actions.law.changing import record_change
    from actions.law.told import ChangeOfLaw

    if because is not None and not no_review:
        raise typer.BadParameter("the change itself is told with --what; add --no-review.", param_hint="--because")
    told = ChangeOfLaw(
        key=key, act=act, section=section, in_force_from=in_force_from, what=text_or_file(what),
        clauses=tuple(clause or ()), source=source,
    )  # fmt: skip
    with acting() as (session, now):
        chosen = the_protocol(session, protocol)
        recorded = record_change(session, now, chosen, told, by, review=not no_review, because=because)
        following = _following(recorded, chosen.slug)
    say(
        as_json, _recorded(recorded), next=following, change=recorded.id, act=recorded.act, section=recorded.section,
        in_force_from=recorded.in_force_from, clauses=recorded.clauses, review=recorded.review_id,
    )  # fmt: skip


def _recorded(change: "LegislationChange") -> str:
    from actions.law.acts import cited

    marks = f"It marks {counted(len(change.clauses), 'clause')}: {', '.join(change.clauses)}."
    review = f"It is a reason of review {change.review_id}." if change.review_id else "It opened no review."
    return f"Change {change.id} is recorded: {cited(change)}. {marks} {review}"


def _following(change: "LegislationChange", slug: str) -> list[str]:
    if change.review_id is not None:
        return [f"concordat review show {change.review_id}"]
    return [f"concordat legislation list --protocol {slug}", f"concordat matters {slug}"]


@legislation.command("settled")
def settled(
    clause: Clause, because: Because, change: MaybeChange = None, every: Every = False, protocol: WhichProtocol = None,
    by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """Say that a marked clause, or every one, needs no change."""
    from actions.law.marks import settle_mark, settle_marks, standing_marks

    number = _change_alone(clause, change) if every else change
    if number is None:
        raise typer.BadParameter(
            "name the change after the clause; or only the change, with --all.", param_hint="CHANGE"
        )
    with acting() as (session, now):
        chosen = the_protocol(session, protocol)
        if every:
            marks = settle_marks(session, now, chosen, number, by, because)
        else:
            marks = [settle_mark(session, now, chosen, number, clause, by, because)]
        standing = len(standing_marks(session, chosen))
    which = ", ".join(mark.clause for mark in marks)
    said = f"Clause {which} needs" if len(marks) == 1 else f"Clauses {which} need"
    sentence = f"{said} no change for change {number}. {_waiting(standing)}"
    if not marks:
        sentence = f"No clause waits for an answer to change {number}. {_waiting(standing)}"
    say(
        as_json, sentence, change=number, clause=None if every else marks[0].clause,
        clauses=[mark.clause for mark in marks], settled=marks[0].settled if marks else None, standing=standing,
    )  # fmt: skip


def _change_alone(first: str, second: int | None) -> int:
    """With --all there is no clause: what stands alone is the change."""
    if second is not None or not (first.isascii() and first.isdigit()):
        raise typer.BadParameter("with --all, give the number of the change alone.", param_hint="--all")
    return int(first[:12])


def _waiting(standing: int) -> str:
    waits = "clause still waits" if standing == 1 else "clauses still wait"
    return f"{counted(standing, waits, waits).capitalize()} for an answer to a change of the law."


@legislation.command("withdraw")
def withdraw(
    change: Number, because: Because, protocol: WhichProtocol = None, by: By = SECRETARY, as_json: Json = False
) -> None:  # fmt: skip
    """Take back a change that was recorded by mistake."""
    from actions.law.withdrawing import withdraw_change

    with acting() as (session, now):
        taken = withdraw_change(session, now, the_protocol(session, protocol), change, by, because)
        review = taken.review_id
    sentence = f"Change {change} is withdrawn: it marks no clause any more."
    if review is not None:
        sentence += f" Review {review} goes on: cancel it, if nothing else asks for it."
    following = [f"concordat review show {review}"] if review is not None else ["concordat legislation list"]
    say(as_json, sentence, change=change, review=review, next=following)
