"""Which clauses a complaint may be about, from a protocol's folder and a file with the narrative."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import Json
from cli.printing import show_json, table
from settings import HERE

complaint = typer.Typer(help="Complaints about how information was handled.", no_args_is_help=True)

Text = Annotated[Path, typer.Option("--text", metavar="FILE", help="What is told, as plain text.")]
Folder = Annotated[
    Path, typer.Option("--protocol", metavar="DIR", help="A protocol's folder; Bedfordshire's comes with Concordat.")
]


@complaint.command("suggest")
def suggest_command(
    text: Text, protocol: Folder = HERE / "protocols" / "bedfordshire", as_json: Json = False
) -> None:  # fmt: skip
    """Clauses that may govern what is told. A person decides."""
    print_suggestion(protocol, text, as_json)


def print_suggestion(folder: Path, file: Path, as_json: bool) -> None:
    """Raises BadProtocolFile, OSError, and what `narrative_in` and `narrative_of` raise."""
    from actions.complaints.narratives import LARGEST_FILE, narrative_in
    from actions.complaints.suggesting_from_file import as_answer, suggest_from_file
    from models.protocol_file import read_protocol

    with file.open("rb") as source:
        text = narrative_in(source.read(LARGEST_FILE + 1))
    found = suggest_from_file(read_protocol(folder), text)
    if as_json:
        show_json(as_answer(found))
        return
    rows = [(each.id, each.score, ", ".join(each.because)) for each in found.clauses]
    typer.echo(table(("Clause", "Score", "Because of"), rows, "No clause is pointed to."))
    if found.none_likely:
        words = f" ({', '.join(found.none_because)})" if found.none_because else ""
        typer.echo(f"Probably none of ours{words}.")
    typer.echo("A suggestion, from words: a person decides.")
