"""The law the protocol rests on: its register, changes of it, and the clauses that these mark."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import acting, looking, the_protocol
from cli.options import SECRETARY, Because, By, Json, MaybeBecause, Number, WhichProtocol, a_day, text_or_file
from cli.printing import counted, in_words, paragraph, say, show_json

if TYPE_CHECKING:
    from actions.law.marks import Mark
    from actions.law.register import RecordedChange, RegisteredAct
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
Clause = Annotated[str, typer.Argument(metavar="CLAUSE", help="The clause that needs no change.")]


@legislation.command("list")
def list_(protocol: WhichProtocol = None, as_json: Json = False) -> None:
    """The register: what is in force, and what has changed."""
    from actions.law.register import register_of

    with looking() as (session, _):
        acts = register_of(session, the_protocol(session, protocol))
    if as_json:
        show_json(acts)
        return
    typer.echo("\n".join(line for act in acts for line in _line(act)) or "It lists nothing.")


def _line(act: "RegisteredAct") -> Iterator[str]:
    """The key alone on its line: it can be copied."""
    yield act.key or "(not listed)"
    yield paragraph(act.title, "    ")
    rest = f"{counted(len(act.clauses), 'clause')} {'rests' if len(act.clauses) == 1 else 'rest'} on it"
    waits = f"; {counted(act.marked, 'mark')} of a recorded change {'stands' if act.marked == 1 else 'stand'}"
    yield paragraph(f"{_status(act)}; {rest}{waits if act.changes else ''}", "    ")


def _status(act: "RegisteredAct") -> str:
    return f"{act.status} since {in_words(act.since)}" if act.since else act.status


@legislation.command("show")
def show(key: Key, protocol: WhichProtocol = None, as_json: Json = False) -> None:
    """One Act: its clauses, its changes, what they marked."""
    from actions.law.register import act_in_register

    with looking() as (session, _):
        act = act_in_register(session, the_protocol(session, protocol), key)
    if as_json:
        show_json(act)
        return
    typer.echo("\n".join(_act_text(act)))


def _act_text(act: "RegisteredAct") -> Iterator[str]:
    yield paragraph(f"{act.title}{f' ({act.key})' if act.key else ''}: {_status(act)}")
    for what, words in (("In its place", act.successor), ("Source", act.source)):
        if words:
            yield paragraph(f"{what}: {words}", "  ")
    if act.clauses:
        yield paragraph(f"Clauses that rest on it: {', '.join(act.clauses)}", "  ")
    if not act.changes:
        yield "  No change of it is recorded: see `concordat legislation change`."
    for change in act.changes:
        yield ""
        yield from _change_text(change)


def _change_text(change: "RecordedChange") -> Iterator[str]:
    from actions.law.acts import part_of

    part = part_of(f"Change {change.number}", change.section)
    yield paragraph(f"{part}, in force from {in_words(change.in_force_from)}")
    yield paragraph(change.what or "(its words have been removed)", "  ")
    if change.source:
        yield paragraph(f"Source: {change.source}", "  ")
    of_review = f"review {change.review}" if change.review else "no review"
    yield paragraph(f"Recorded {in_words(change.recorded_at)} by {change.recorded_by}, for {of_review}", "  ")
    for mark in change.marks:
        yield paragraph(f"Clause {mark.clause}: {_answer(mark)}", "    ")


def _answer(mark: "Mark") -> str:
    if mark.version is not None:
        return f"changed by version {mark.version}"
    if mark.settled is not None:
        said = mark.settled
        return f"needs no change, because: {said.because or '(removed)'} ({said.by}, {in_words(said.at)})"
    return "marked; no version since has answered"


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
    clause: Clause, change: Number, because: Because, protocol: WhichProtocol = None, by: By = SECRETARY,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Say that a marked clause needs no change, and why."""
    from actions.law.marks import settle_mark, standing_marks

    with acting() as (session, now):
        chosen = the_protocol(session, protocol)
        mark = settle_mark(session, now, chosen, change, clause, by, because)
        standing = len(standing_marks(session, chosen))
    waits = "mark stands" if standing == 1 else "marks stand"
    sentence = f"Clause {mark.clause} needs no change for change {mark.change}; {counted(standing, waits, waits)}."
    say(as_json, sentence, change=mark.change, clause=mark.clause, settled=mark.settled, standing=standing)
