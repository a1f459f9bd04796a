"""A protocol's folder, read whole or refused whole."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from models.protocol_file.clauses import ClauseEntry, ClausesFile, OutsideEntry
from models.protocol_file.faults import BadProtocolFile, Fault
from models.protocol_file.known_dates import KnownDate
from models.protocol_file.nodes import Node, read_nodes
from models.protocol_file.procedures import procedures_of
from models.protocol_file.references import faults_between
from models.protocol_file.shapes import (
    BodyEntry,
    ChangesFile,
    ChecklistEntry,
    ConfirmationsFile,
    Identity,
    LawChangeEntry,
    LegislationEntry,
    LegislationFile,
    PartiesFile,
    PartyEntry,
    RegisterFile,
    SignatureEntry,
    SuccessionEntry,
    VersionsFile,
)
from models.protocol_file.translating import M, read_model
from rules.procedures import Procedure

FILES: dict[str, type[BaseModel]] = {
    "protocol.yaml": Identity,
    "parties.yaml": PartiesFile,
    "clauses.yaml": ClausesFile,
    "versions.yaml": VersionsFile,
    "register.yaml": RegisterFile,
    "legislation.yaml": LegislationFile,
    "confirmations.yaml": ConfirmationsFile,
    "changes.yaml": ChangesFile,
}


class FileVersion(NamedTuple):
    """One version of the revision history; several may share a line and its period."""

    label: str
    major: int
    minor: int
    dated: KnownDate
    draft: bool
    current: bool
    note: str


class Lineage(NamedTuple):
    """The way from a party to the body that stands in its place today, step by step, oldest first."""

    party: PartyEntry
    steps: tuple[SuccessionEntry, ...]


@dataclass(frozen=True)
class ProtocolFile:
    """Everything a protocol's folder says, checked; read it with `read_protocol`."""

    identity: Identity
    parties: tuple[PartyEntry, ...]
    clauses: tuple[ClauseEntry, ...]
    versions: tuple[FileVersion, ...]
    signatures: tuple[SignatureEntry, ...]
    legislation: tuple[LegislationEntry, ...]
    checklist: tuple[ChecklistEntry, ...]
    bodies: tuple[BodyEntry, ...]
    successions: tuple[SuccessionEntry, ...]
    law: tuple[LawChangeEntry, ...]
    procedures: tuple[Procedure, ...] = ()
    outside: tuple[OutsideEntry, ...] = ()

    @property
    def current_version(self) -> FileVersion:
        return next(version for version in self.versions if version.current)

    @property
    def demonstration(self) -> bool:
        """Every address lies under `.example`, where nothing can be delivered (RFC 2606)."""
        return all(address.endswith(".example") for address in self._addresses())

    def name_of(self, body: str) -> str:
        """The name of a party or of a body it became."""
        names = {entry.id: entry.name for entry in self.parties} | {entry.id: entry.name for entry in self.bodies}
        return names[body]

    def lineages(self) -> Iterator[Lineage]:
        """One for each party and each body at the end of a chain of successions that begins with it."""
        for party in self.parties:
            yield from (Lineage(party, steps) for steps in self._chains(party.id))

    def _chains(self, body: str) -> Iterator[tuple[SuccessionEntry, ...]]:
        """A chain goes on only through bodies that are no parties: a party is asked for itself."""
        for step in self.successions:
            if step.from_ == body:
                is_party = any(party.id == step.to for party in self.parties)
                further = () if is_party else tuple(self._chains(step.to))
                yield from ((step, *rest) for rest in further) if further else ((step,),)

    def _addresses(self) -> Iterator[str]:
        for contacts in (self.identity.contacts, *(party.contacts for party in self.parties)):
            yield from (address for address in contacts.model_dump().values() if address)


def read_protocol(folder: Path) -> ProtocolFile:
    """Validates every file and what must fit between them. Raises BadProtocolFile with all faults of all."""
    if not folder.is_dir():
        raise BadProtocolFile([Fault(str(folder), 1, "no such folder", f"a folder with {', '.join(FILES)}")])
    trees: dict[str, Node | None] = {}
    read: dict[type[BaseModel], BaseModel | None] = {}
    faults: list[Fault] = []
    for name, model in FILES.items():
        trees[name], wrong = read_nodes(folder, name)
        faults += wrong
        if tree := trees[name]:
            read[model], wrong = read_model(model, name, tree)
            faults += wrong
    faults += faults_between(trees)
    procedures, wrong = procedures_of(folder, trees["parties.yaml"])
    if faults := faults + wrong:
        raise BadProtocolFile(faults)
    return _assembled(read, procedures)


def _assembled(read: Mapping[type[BaseModel], BaseModel | None], procedures: Sequence[Procedure]) -> ProtocolFile:
    def file(model: type[M]) -> M:
        found = read[model]
        assert isinstance(found, model)
        return found

    changes = file(ChangesFile)
    return ProtocolFile(
        identity=file(Identity),
        parties=file(PartiesFile).parties,
        clauses=file(ClausesFile).clauses,
        versions=tuple(_versions(file(VersionsFile))),
        signatures=file(RegisterFile).signatures,
        legislation=file(LegislationFile).legislation,
        checklist=file(ConfirmationsFile).items,
        bodies=changes.bodies,
        successions=changes.successions,
        law=changes.law,
        procedures=tuple(procedures),
        outside=file(ClausesFile).outside,
    )


def _versions(file: VersionsFile) -> Iterator[FileVersion]:
    for entry in file.versions:
        for label in entry.numbers:
            major, minor = (int(part) for part in f"{label}.0".split(".")[:2])
            yield FileVersion(label, major, minor, entry.dated, entry.standing == "draft", entry.current, entry.note)
