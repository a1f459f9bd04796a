"""`concordat status`, and the lists that a secretary begins the day with."""

from typing import TYPE_CHECKING

import typer

from cli.breaches import breaches_table
from cli.opening import acting, looking, the_protocol
from cli.options import SECRETARY, Because, By, Json, MaybeProtocol, Number
from cli.printing import in_words, paragraph, say, show_json, table

if TYPE_CHECKING:
    from actions.overview import SweepSign

matter = typer.Typer(help="A line of the secretary's list.", no_args_is_help=True)


def status_command(as_json: Json = False) -> None:
    """How things stand: what is owed, what runs, what waits."""
    from actions.overview import status

    with looking() as (session, now):
        found = status(session, now)
    if as_json:
        show_json(found)
        return
    owed, post = found.obligations, found.outbox
    if not found.protocols:
        typer.echo(paragraph(f"Nothing is loaded in {_where()}. Another folder is named with CONCORDAT_DATA."))
    typer.echo(f"Protocols   {', '.join(found.protocols) or 'none loaded yet: see `concordat load`'}")
    typer.echo(f"Owed        {owed.open} open, {owed.due_7_days} due in 7 days, {owed.overdue} overdue")
    sent = f"{post.queued} waiting, {post.accepted} accepted, {post.failed} failed"
    typer.echo(f"Outbox      {sent}, {_doubts(post.in_doubt)}")
    if found.complaints.open or found.complaints.overdue:
        counts = f"{found.complaints.open} open, {found.complaints.overdue} with something overdue"
        typer.echo(f"Complaints  {counts}: see `concordat complaint list`")
    typer.echo(f"Clock       {_clock(found.sweep)}")
    typer.echo(f"Your list   {found.matters} open" + (": see `concordat matters`" if found.matters else ""))
    if found.protocols and not found.procedures:
        hint = "No breach procedure is kept, as in a database of before: load the protocol's folder again"
        typer.echo(paragraph(f"Procedures  {hint} (`concordat load`).", hanging="            "))
    going = [line for line in found.reviews if line.ended_at is None]
    if going:
        rows = [(r.id, r.protocol, r.kind, r.stage, r.review_on, f"{r.answered} of {r.parties}") for r in going]
        typer.echo("\n" + table(("Review", "Protocol", "Kind", "Stage", "Review date", "Answered"), rows))
    if found.breaches:
        typer.echo("\n" + breaches_table(list(found.breaches)))


def _where() -> str:
    """The usual reason for an empty list is another folder."""
    from settings import settings

    return "the database of CONCORDAT_DATABASE_URL" if settings().database_url else str(settings().data.resolve())


def _doubts(number: int) -> str:
    return f"{number} in doubt" + (": see `concordat outbox --state in-doubt`" if number else "")


def _clock(sweep: "SweepSign") -> str:
    when = f"last swept {in_words(sweep.last_ended_at)}" if sweep.last_ended_at else "has never swept"
    return f"{when}: LATE, see that Concordat runs (`concordat up`)" if sweep.late else when


def protocols_command(as_json: Json = False) -> None:
    """The protocols that are loaded."""
    from actions.overview import protocol_lines

    with looking() as (session, now):
        lines = protocol_lines(session, now)
    if as_json:
        show_json(lines)
        return
    rows = [
        (p.slug, p.version, p.parties, p.review.review_on if p.review else "none set", p.matters, p.name) for p in lines
    ]
    columns = ("Protocol", "Version", "Parties", "Review", "Matters", "Name")
    typer.echo(table(columns, rows, "None is loaded yet: see `concordat load`."))


def matters_command(protocol: MaybeProtocol = None, as_json: Json = False) -> None:
    """The secretary's list: what to look at, and what to do."""
    from actions.overview import matter_lines

    with looking() as (session, _):
        lines = matter_lines(session, the_protocol(session, protocol) if protocol else None)
    if as_json:
        show_json(lines)
        return
    for line in lines:
        typer.echo(f"{line.number}  {line.protocol}, {line.kind}, since {in_words(line.opened_at)}")
        for words in (line.sentence, f"To do: {line.todo}", line.source and f"Source: {line.source}"):
            if words:
                typer.echo(paragraph(words, "    "))
    if not lines:
        typer.echo("Nothing is on the list.")


@matter.command("close")
def close(number: Number, because: Because, by: By = SECRETARY, as_json: Json = False) -> None:
    """Take a matter off the list, with what came of it."""
    from actions.resolving import close_by_hand

    with acting() as (session, now):
        closed = close_by_hand(session, now, number, by, because)
    say(as_json, f"Off the list: {closed.sentence}", matter=number, outcome=closed.outcome)
