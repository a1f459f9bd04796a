"""The file's breach procedures, and the one for whoever has none: versions are added, never changed."""

from sqlmodel import select

from actions.breaches.procedures import DEFAULT, keep_procedures
from actions.load_report import Loading
from models.procedure import ProcedureVersion
from models.procedure_file import as_content, read_procedure, sha256_of
from rules.procedures import Procedure, Standing
from rules.sentences import listed


def load_procedures(loading: Loading) -> None:
    """What is known already is left as it is, also which procedure somebody has since given a party here.

    Raises OtherContent for a version whose text was changed.
    """
    loading.session.flush()
    known = _known(loading)
    same = 0
    for procedure in _wanted(loading):
        if known.get((procedure.id, procedure.version)) == sha256_of(as_content(procedure)):
            same += 1
            continue
        keep_procedures(loading.session, loading.now, loading.protocol, [procedure], loading.by)
        loading.created.append(_sentence(loading, procedure))
    loading.same(same, "breach procedure")


def _wanted(loading: Loading) -> list[Procedure]:
    """A folder may bring its own default; otherwise the one that comes with Concordat stands in."""
    procedures = list(loading.file.procedures)
    if any(each.standing is Standing.DEFAULT for each in procedures):
        return procedures
    return [*procedures, read_procedure(DEFAULT)]


def _known(loading: Loading) -> dict[tuple[str, int], str]:
    columns = select(ProcedureVersion.key, ProcedureVersion.number, ProcedureVersion.sha256)
    rows = loading.session.exec(columns.where(ProcedureVersion.protocol_id == loading.protocol.id))
    return {(key, number): sha256 for key, number, sha256 in rows}


def _sentence(loading: Loading, procedure: Procedure) -> str:
    names = {entry.id: entry.name for entry in loading.file.parties}
    parties = [names.get(slug, slug) for slug in procedure.parties]
    whose = f"; {listed(parties)} {'follows' if len(parties) == 1 else 'follow'} it" if parties else ""
    return f"“{procedure.title}”, version {procedure.version}, is kept{whose}."
