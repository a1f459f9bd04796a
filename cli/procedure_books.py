"""The parties' breach procedures in the store: which are kept, who follows which, and taking in a new one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import acting, looking, the_protocol
from cli.options import SECRETARY, By, Json, MaybeProtocol, Party, WhichProtocol
from cli.printing import capital, counted, say, show_json, table
from cli.procedures import procedure

__all__ = ["procedure"]

if TYPE_CHECKING:
    from sqlmodel import Session

    from models import protocol as rows

Files = Annotated[Path, typer.Argument(metavar="FILE|DIR", help="A procedure's file, or a folder of them.")]
Key = Annotated[str, typer.Argument(metavar="PROCEDURE", help="A procedure's id: see `concordat procedure list`.")]
NONE = "None is kept yet: see `concordat procedure load`. Until then every party begins by what comes with Concordat."


@procedure.command("list")
def list_(protocol: MaybeProtocol = None, as_json: Json = False) -> None:
    """Which procedures are kept, and who follows which."""
    from actions.breaches.kept_procedures import kept_procedures
    from actions.overview import loaded_protocols

    with looking() as (session, now):
        chosen = [the_protocol(session, protocol)] if protocol else loaded_protocols(session)
        found = {each.slug: kept_procedures(session, now, each) for each in chosen}
    if as_json:
        show_json(found)
        return
    for slug, lines in found.items():
        rows = [(p.key, p.version, p.standing, ", ".join(p.parties) or "nobody") for p in lines]
        typer.echo(f"{slug}\n{table(('Procedure', 'Version', 'Standing', 'Followed by'), rows, NONE)}")


@procedure.command("load")
def load(path: Files, protocol: WhichProtocol = None, by: By = SECRETARY, as_json: Json = False) -> None:
    """Keep new procedures or versions. What runs goes on by its own."""
    from actions.breaches.procedures import keep_procedures
    from models.protocol_file.procedures import procedures_at

    with acting() as (session, now):
        of = the_protocol(session, protocol)
        procedures, known = procedures_at(path, _slugs(session, of)), _known(session, of)
        kept = keep_procedures(session, now, of, procedures, by)
        new = [each.key for each in kept if each.id not in known]
    of_all = counted(len(kept), "procedure")
    sentence = (
        f"Of {of_all}, {counted(len(new), 'version is', 'versions are')} new."
        if new
        else (f"{capital(of_all)} read: {'it is' if len(kept) == 1 else 'all are'} kept already, and nothing is new.")
    )
    say(as_json, sentence, kept=[each.id for each in procedures], new=new)


def _known(session: "Session", of: "rows.Protocol") -> set[int | None]:
    from sqlmodel import select

    from models.procedure import ProcedureVersion

    return set(session.exec(select(ProcedureVersion.id).where(ProcedureVersion.protocol_id == of.id)))


def _slugs(session: "Session", of: "rows.Protocol") -> list[str]:
    from sqlmodel import select

    from models.protocol import Party

    return list(session.exec(select(Party.slug).where(Party.protocol_id == of.id)))


@procedure.command("assign")
def assign(slug: Party, key: Key, protocol: WhichProtocol = None, by: By = SECRETARY, as_json: Json = False) -> None:
    """Say which procedure a party follows from now on."""
    from actions.breaches.procedures import choose_procedure
    from actions.cast import party_named

    with acting() as (session, now):
        party = party_named(session, the_protocol(session, protocol), slug)
        choose_procedure(session, now, party, key, by)
    sentence = f"{party.name} follows “{key}” from now on; what runs goes on by the version it began with."
    say(as_json, sentence, party=slug, procedure=key)
