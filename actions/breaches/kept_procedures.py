"""The procedures that are kept: which there are, in which version, and who would begin by which today. Reads only."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from actions.breaches.procedures import in_version
from actions.breaches.shown import KeptProcedure
from actions.cast import NotThere, active_parties
from actions.policy import today_of
from models.procedure import PartyProcedure, ProcedureVersion
from models.protocol import Party, Protocol
from rules.procedures import Procedure, Standing
from rules.texts import shown


def kept_procedures(session: Session, now: datetime, protocol: Protocol) -> list[KeptProcedure]:
    """Each in its newest version. A party with neither an own one nor a model begins by the default."""
    statement = select(ProcedureVersion).where(ProcedureVersion.protocol_id == protocol.id)
    by_key: dict[str, list[ProcedureVersion]] = defaultdict(list)
    for version in session.exec(statement.order_by(col(ProcedureVersion.key), col(ProcedureVersion.number))):
        by_key[version.key].append(version)
    newest = [versions[-1] for versions in by_key.values()]
    parties, chosen = active_parties(session, protocol, today_of(protocol, now)), _chosen(session)
    followed: dict[str | None, list[str]] = defaultdict(list)
    for party in parties:
        followed[_key_for(party, newest, chosen)].append(party.slug)
    return [_line(version, len(by_key[version.key]), followed[version.key]) for version in newest]


def kept_procedure(session: Session, protocol: Protocol, key: str) -> Procedure:
    """In its newest version. Raises NotThere, which names those that are kept."""
    statement = select(ProcedureVersion).where(ProcedureVersion.protocol_id == protocol.id)
    versions = session.exec(statement.order_by(col(ProcedureVersion.key), col(ProcedureVersion.number))).all()
    newest = {version.key: version for version in versions}
    if key not in newest:
        kept = ", ".join(newest) or "none"
        raise NotThere(f"There is no procedure “{shown(key)}” in {protocol.slug}: kept are {kept}.")
    return in_version(newest[key])


def _chosen(session: Session) -> Mapping[int, str]:
    """The newest choice of each party."""
    rows = session.exec(select(PartyProcedure.party_id, PartyProcedure.key).order_by(col(PartyProcedure.id)))
    return dict(rows.all())


def _key_for(party: Party, newest: Sequence[ProcedureVersion], chosen: Mapping[int, str]) -> str | None:
    """As `procedures.version_for` chooses, of what is kept already."""
    if key := chosen.get(party.id or 0):
        return key
    models = [version for version in newest if version.standing is Standing.MODEL and party.kind in version.kinds]
    defaults = [version for version in newest if version.standing is Standing.DEFAULT]
    by_number = sorted([*models, *([] if models else defaults)], key=lambda each: (each.number, each.id or 0))
    return by_number[-1].key if by_number else None


def _line(newest: ProcedureVersion, versions: int, parties: Sequence[str]) -> KeptProcedure:
    return KeptProcedure(
        key=newest.key, title=newest.title, version=newest.number, versions=versions,
        standing=newest.standing.value, kinds=tuple(newest.kinds), parties=tuple(parties), sha256=newest.sha256,
    )  # fmt: skip
