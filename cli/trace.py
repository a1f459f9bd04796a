"""`concordat trace`: what led to what, from complaint to signature and back, on a terminal, as data or drawn."""

from pathlib import Path
from typing import Annotated

import typer

from cli.opening import looking, the_protocol
from cli.options import Json, WhichProtocol
from cli.printing import paragraph, show_json

Ref = Annotated[
    str,
    typer.Argument(metavar="CASE", help="complaint:12, breach:7, clause:7-consent, version:5.0, gap:3 or proposal:4."),
]
Svg = Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Draw it into this file as well.")]
Mermaid = Annotated[bool, typer.Option("--mermaid", help="Print it as a Mermaid flowchart, for a wiki.")]


def trace_command(
    ref: Ref, svg: Svg = None, mermaid: Mermaid = False, protocol: WhichProtocol = None, as_json: Json = False
) -> None:
    """Show the thread of a case, both ways.

    Its causes and theirs, its effects and theirs, and where the chain is broken.
    """
    from actions.threads.tracing import trace
    from notifications import threads

    if mermaid and as_json:
        raise typer.BadParameter("Choose one of --mermaid and --json.")
    with looking() as (session, _):
        found = trace(session, the_protocol(session, protocol), ref)
    if svg is not None:
        svg.write_text(threads.as_svg(found), encoding="utf-8")
    if as_json:
        show_json(threads.as_json(found) | ({"svg": str(svg)} if svg else {}))
        return
    typer.echo(threads.as_mermaid(found) if mermaid else threads.as_text(found), nl=False)
    if svg is not None and not mermaid:
        typer.echo(f"\n{paragraph(f'Drawn in {svg}.')}")
