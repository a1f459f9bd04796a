"""Which clauses a complaint may be about, from the store or a protocol's folder, and a file with the narrative."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from cli.opening import looking, the_protocol
from cli.options import Json, a_day
from cli.printing import paragraph, show_json, table
from settings import HERE

if TYPE_CHECKING:
    from actions.complaints.suggested import Suggestion

complaint = typer.Typer(help="Complaints about how information was handled.", no_args_is_help=True)

BEDFORDSHIRE = HERE / "protocols" / "bedfordshire"

Text = Annotated[
    Path, typer.Option("--text", metavar="FILE", help="What is told, as plain text; - reads standard input.")
]
Which = Annotated[
    str | None,
    typer.Option(
        "--protocol",
        metavar="PROTOCOL|DIR",
        help="A protocol that is loaded; or the folder of one that need not be (with a slash in it). Otherwise the one "
        "that is loaded, and where none is, Bedfordshire's folder, which comes with Concordat.",
    ),
]
Happened = Annotated[
    date | None,
    typer.Option("--happened", metavar="DATE", parser=a_day, help="When it happened: that day's version counts."),
]
About = Annotated[
    str | None,
    typer.Option("--about", metavar="PARTY", help="Whom it is about, where a version counts once it is signed."),
]


class Told(NamedTuple):
    """A suggestion, the version it is made from, and why that one."""

    suggestion: "Suggestion"
    version: str | None
    because: str


@complaint.command("suggest")
def suggest_command(
    text: Text, protocol: Which = None, happened: Happened = None, about: About = None, as_json: Json = False
) -> None:
    """Clauses that may govern what is told. A person decides."""
    print_suggestion(protocol, text, as_json, happened, about)


def print_suggestion(
    protocol: str | None, file: Path, as_json: bool, happened: date | None = None, about: str | None = None
) -> None:
    """Raises NotThere, BadProtocolFile, OSError, StoreIsOld, and what `suggest_for` and `narrative_in` raise."""
    from actions.complaints.narratives import LARGEST_FILE, narrative_in

    if str(file) == "-":
        text = narrative_in(typer.get_binary_stream("stdin").read(LARGEST_FILE + 1))
    else:
        with file.open("rb") as source:
            text = narrative_in(source.read(LARGEST_FILE + 1))
    folder = _folder(protocol)
    if folder is not None and (happened or about):
        raise typer.BadParameter("A folder has one version: --happened and --about need a protocol that is loaded.")
    found = _from_folder(folder, text) if folder else _from_store(protocol, text, happened, about)
    if as_json:
        show_json(_answer(found))
    else:
        _print(found)


def _folder(protocol: str | None) -> Path | None:
    """None: the store. A name without a slash is a loaded protocol's, whatever lies in the current folder."""
    if protocol is None:
        return None if _anything_loaded() else BEDFORDSHIRE
    return Path(protocol) if "/" in protocol or Path(protocol).is_absolute() or protocol in (".", "..") else None


def _anything_loaded() -> bool:
    """Asks, and makes nothing: a suggestion needs no data folder. Raises StoreIsOld, StoreIsNewer."""
    from sqlalchemy import make_url

    from actions.overview import loaded_protocols
    from models.store import engine
    from models.upgrading import State, state_of
    from settings import settings

    url = make_url(settings().store_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return False
    if state_of(engine()) is State.EMPTY:
        return False
    with looking() as (session, _):
        return bool(loaded_protocols(session))


def _from_folder(folder: Path, text: str) -> Told:
    from actions.complaints.suggesting_from_file import suggest_from_file
    from models.protocol_file import read_protocol

    file = read_protocol(folder)
    label = next((version.label for version in file.versions if version.current), None)
    return Told(suggest_from_file(file, text), label, f"The folder holds the text of version {label}.")


def _from_store(protocol: str | None, text: str, happened: date | None, about: str | None) -> Told:
    from actions.cast import party_named
    from actions.complaints.suggesting_from_store import suggest_for

    with looking() as (session, now):
        of = the_protocol(session, protocol)
        party = party_named(session, of, about) if about else None
        found = suggest_for(session, now, of, text, happened, party)
        return Told(found.suggestion, found.version.label if found.version else None, found.because)


def _answer(found: Told) -> dict[str, Any]:
    from actions.complaints.suggesting_from_file import as_answer

    return as_answer(found.suggestion) | {"version": found.version, "version_because": found.because}


def _print(found: Told) -> None:
    from actions.complaints.suggested import worth_showing

    suggestion = found.suggestion
    shown = worth_showing(suggestion.clauses)
    rows = [(each.id, f"{each.score:.2f}", ", ".join(each.because)) for each in shown]
    typer.echo(table(("Clause", "Score", "Because of"), rows, "No clause is pointed to."))
    if suggestion.none_likely:
        words = f" ({', '.join(suggestion.none_because)})" if suggestion.none_because else ""
        typer.echo(paragraph(f"Probably none of ours{words}."))
    if suggestion.similar:
        similar = [
            (each.id, each.determination, ", ".join(each.clauses), ", ".join(each.because))
            for each in suggestion.similar
        ]
        typer.echo("\n" + table(("Similar", "Decided", "Clauses", "Because of"), similar) + "\n")
    typer.echo(paragraph(found.because))
    typer.echo("A suggestion, from words: a person decides.")
