"""Several breach procedures at once: those that lie in a protocol's folder, or in one of their own."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from models.protocol_file.faults import Fault, shown
from models.protocol_file.nodes import EACH, Node
from rules.procedures import Procedure

PROCEDURES = "procedures"


def procedures_of(folder: Path, parties: Node | None) -> tuple[list[Procedure], list[Fault]]:
    """Every `procedures/*.yaml` of a protocol, read with it; `parties` is the tree of parties.yaml, if it has one."""
    slugs = None if parties is None else [node.value for node in parties.at("parties", EACH, "id")]
    paths = sorted((folder / PROCEDURES).glob("*.yaml"))
    return _read({f"{PROCEDURES}/{path.name}": path for path in paths}, slugs)


def procedures_at(path: Path, parties: Collection[str] | None) -> list[Procedure]:
    """Of one file, or of a folder's; all or none. Raises BadProcedureFile with the faults of all."""
    from models.procedure_file.reading import BadProcedureFile

    paths = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not paths:
        raise BadProcedureFile([Fault(str(path), 1, "a folder without procedures", "files such as council.yaml in it")])
    read, faults = _read({str(each): each for each in paths}, parties)
    if faults:
        raise BadProcedureFile(faults)
    return read


def _read(paths: Mapping[str, Path], slugs: Collection[str] | None) -> tuple[list[Procedure], list[Fault]]:
    """By name and version."""
    from models.procedure_file.reading import BadProcedureFile, read_procedure  # which reads by this package

    read: dict[str, Procedure] = {}
    faults: list[Fault] = []
    for file, path in paths.items():
        try:
            read[file] = read_procedure(path, slugs)
        except BadProcedureFile as bad:
            faults += [Fault(file, each.line, each.found, each.expected) for each in bad.faults]
    faults += _said_twice(read)
    return sorted(read.values(), key=lambda each: (each.id, each.version)), faults


def _said_twice(read: Mapping[str, Procedure]) -> Iterator[Fault]:
    """One text a version, and one procedure a party."""
    versions: dict[tuple[str, int], str] = {}
    followed: dict[str, str] = {}
    for file, procedure in read.items():
        first = versions.setdefault((procedure.id, procedure.version), file)
        if first != file:
            found = f"version {procedure.version} of {shown(procedure.id)} a second time"
            yield Fault(file, 1, found, f"another number than in {first}")
        for slug in procedure.parties:
            if followed.setdefault(slug, procedure.id) != procedure.id:
                expected = f"one procedure a party; '{followed[slug]}' names it too"
                yield Fault(file, 1, f"the party {shown(slug)}", expected)
