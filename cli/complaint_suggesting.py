"""Which clauses a complaint may be about, from a protocol's folder and a file with the narrative."""

from pathlib import Path

import typer

from cli.printing import show_json, table


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
