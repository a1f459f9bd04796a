"""`concordat load`: a protocol's folder, read whole, then loaded in one transaction."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import acting
from cli.options import SECRETARY, By, Json
from cli.printing import paragraph, say, show_json

if TYPE_CHECKING:
    from actions.load_report import LoadReport

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a protocol's files.")]
Check = Annotated[bool, typer.Option("--check", help="Only read and validate; change nothing.")]
HEADINGS = {"created": "New", "changed": "Changed", "kept": "Kept as it is here", "unchanged": "As before"}


def load_command(folder: Folder, check: Check = False, by: By = SECRETARY, as_json: Json = False) -> None:
    """Load a protocol's folder, or what is new in it. Loading twice changes nothing."""
    from actions.loading import load_protocol
    from models.protocol_file import read_protocol

    file = read_protocol(folder)
    if check:
        sentence = f"{folder}: {file.identity.slug} is valid, with {len(file.parties)} parties."
        say(as_json, sentence, protocol=file.identity.slug, parties=len(file.parties), clauses=len(file.clauses))
        return
    with acting() as (session, now):
        report = load_protocol(session, now, file, by)
    _tell(as_json, file.identity.slug, report)


def _tell(as_json: bool, slug: str, report: "LoadReport") -> None:
    if as_json:
        show_json({"protocol": slug, **{part: getattr(report, part) for part in HEADINGS}})
        return
    for part, heading in HEADINGS.items():
        sentences: tuple[str, ...] = getattr(report, part)
        if sentences:
            typer.echo(f"{heading}:")
            for sentence in sentences:
                typer.echo(paragraph(f"- {sentence}", "  ", "  "))
    if not report.anything:
        typer.echo(f"{slug} is as its files say: nothing changed.")
