"""A procedure's file, read whole or refused whole."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import get_args

from models.procedure_file.content import procedure_of
from models.procedure_file.references import faults_within
from models.procedure_file.shapes import ProcedureFile
from models.protocol_file.faults import BadProtocolFile
from models.protocol_file.nodes import read_nodes
from models.protocol_file.shapes import PartyKind
from models.protocol_file.translating import read_model
from rules.procedures import Procedure

KINDS: tuple[str, ...] = get_args(PartyKind)


class BadProcedureFile(BadProtocolFile):
    """The file is refused whole. One fault a line, by line."""


def read_procedure(path: Path, parties: Collection[str] | None = None, kinds: Collection[str] = KINDS) -> Procedure:
    """`parties`: the short names there are, if they are known. Raises BadProcedureFile with all faults."""
    tree, faults = read_nodes(path.parent, path.name)
    file = None
    if tree is not None:
        file, wrong = read_model(ProcedureFile, path.name, tree)
        faults += [*wrong, *faults_within(path.name, tree, parties, kinds)]
    if faults or file is None:
        raise BadProcedureFile(replace(each, file=str(path)) for each in faults)
    return procedure_of(file)
