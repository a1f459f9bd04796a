"""Complaints one below the other, each with what is owed in it."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import looking, the_protocol
from cli.options import Json, WhichProtocol, one_of
from cli.printing import show_json, table
from rules.instants import LONDON, local_day

if TYPE_CHECKING:
    from actions.complaints.shown import ComplaintLine

Text = str | None
OfStage = Annotated[
    Text, typer.Option("--stage", metavar="STAGE", help="received, acknowledged, analysing, determined or closed.")
]
OfKind = Annotated[Text, typer.Option("--kind", metavar="KIND", help="Only of this kind.")]
OfParty = Annotated[
    Text, typer.Option("--party", metavar="PARTY", help="Only those about this party, or answered by it.")
]
OfClause = Annotated[
    Text, typer.Option("--clause", metavar="CLAUSE", help="Only those with a finding about this clause.")
]
Ended = Annotated[bool, typer.Option("--all", help="Also those that are closed.")]


def add_to(complaint: typer.Typer) -> None:
    complaint.command("list")(list_)


def list_(
    stage: OfStage = None, kind: OfKind = None, party: OfParty = None, clause: OfClause = None, ended: Ended = False,
    protocol: WhichProtocol = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Open complaints, each with what is owed in it."""
    from actions.cast import party_named
    from actions.complaints.complaint_lines import Wanted as Which
    from actions.complaints.complaint_lines import complaint_lines
    from actions.complaints.party_meant import slug_meant
    from rules.complaint import ComplaintKind, Stage

    at_stage = one_of(Stage, stage, "--stage") if stage else None
    of_kind = one_of(ComplaintKind, kind, "--kind") if kind else None
    with looking() as (session, now):
        of = the_protocol(session, protocol) if protocol or party or clause else None
        who = party_named(session, of, slug_meant(session, of, party)) if of and party else None
        which = Which(stage=at_stage, kind=of_kind, party=who, clause=clause, ended=ended)
        lines = complaint_lines(session, now, of, which)
    if as_json:
        show_json(lines)
        return
    typer.echo(complaints_table(lines))


def complaints_table(lines: "list[ComplaintLine]", empty: str = "None: see `concordat complaint list --all`.") -> str:
    rows = [
        (
            line.number, line.kind, line.party, line.handler or "secretary", line.result or line.outcome or "",
            line.stage, local_day(line.received_at, LONDON), _owed(line),
        )
        for line in lines
    ]  # fmt: skip
    columns = ("No", "Kind", "About", "Answered by", "Found", "Stage", "Received", "Next due")
    longest = (max((len(word) for cell in column for word in str(cell).split()), default=0) for column in zip(
        columns, *rows, strict=True
    ))  # fmt: skip
    return table(columns, rows, empty, width=max(110, sum(longest) + 2 * len(columns)), whole=columns)


def _owed(line: "ComplaintLine") -> str:
    if line.next_due_on is None:
        return ""
    return f"{line.next_due_on}{' OVERDUE' if line.overdue else ''}"
