"""Where the protocol itself is wanting: questions for its next review."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import looking, the_protocol
from cli.options import Json, Number, WhichProtocol
from cli.printing import in_words, paragraph, show_json, table

if TYPE_CHECKING:
    from actions.gaps.keeping import GapView

gap = typer.Typer(help="Where the protocol itself is wanting.", no_args_is_help=True)

Closed = Annotated[bool, typer.Option("--all", help="Also those that are closed.")]


@gap.command("list")
def list_(closed: Closed = False, protocol: WhichProtocol = None, as_json: Json = False) -> None:
    """Gaps that wait for a review, the urgent ones first."""
    from sqlmodel import col, select

    from actions.gaps.keeping import gap_views
    from models.gap import Gap

    with looking() as (session, _):
        statement = select(Gap).order_by(col(Gap.urgent).desc(), col(Gap.id))
        if protocol:
            statement = statement.where(Gap.protocol_id == the_protocol(session, protocol).id)
        if not closed:
            statement = statement.where(col(Gap.closed_at).is_(None))
        views = gap_views(session, session.exec(statement).all())
    if as_json:
        show_json([_facts(view) for view in views])
        return
    rows = [(view.id, view.clause, _state(view), view.words, len(view.origins)) for view in views]
    typer.echo(table(("Gap", "Clause", "", "What is wanting", "Origins"), rows, "None is known."))


@gap.command("show")
def show(number: Number, as_json: Json = False) -> None:
    """One gap, and the cases it came from."""
    from actions.cast import NotThere
    from actions.gaps.keeping import gap_view
    from models.gap import Gap

    with looking() as (session, _):
        found = session.get(Gap, number)
        if found is None:
            raise NotThere(f"There is no gap {number}: see `concordat gap list`.")
        view = gap_view(session, found)
    if as_json:
        show_json(_facts(view))
        return
    typer.echo(f"Gap {view.id}{f', clause {view.clause}' if view.clause else ''}{', urgent' if view.urgent else ''}")
    typer.echo(paragraph(view.words, "  "))
    typer.echo(f"  Open since {in_words(view.opened_at)}")
    if view.closed_at:
        typer.echo(paragraph(f"Closed {in_words(view.closed_at)}: {view.closed_because}", "  "))
    typer.echo(f"  From {', '.join(view.origins) or 'no case'}")


def _state(view: "GapView") -> str:
    return "closed" if view.closed_at else "urgent" if view.urgent else ""


def _facts(view: "GapView") -> dict[str, Any]:
    return view._asdict()
