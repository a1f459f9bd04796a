"""The parties' procedures: kept by version, chosen by party, pinned by a follow-up when it begins."""

import json
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlmodel import Session, col, select

import protocols
from actions.cast import NotThere, case_of, known_id, party_named
from actions.moving import protocol_locked
from models import history
from models.breach import FollowUp
from models.procedure import PartyProcedure, ProcedureVersion
from models.procedure_file import as_content, from_content, read_procedure, sha256_of
from models.protocol import Party, Protocol
from models.remembering import remembered
from rules.errors import Refused
from rules.procedures import Procedure, Standing

DEFAULT = Path(protocols.__file__).parent / "default-procedure.yaml"


class OtherContent(Refused):
    def __init__(self, procedure: Procedure) -> None:
        super().__init__(
            f"Version {procedure.version} of “{procedure.id}” is kept already, with other content: versions never "
            "change. Give the new text the next number."
        )


def keep_procedures(
    session: Session, now: datetime, protocol: Protocol, procedures: Iterable[Procedure], by: str
) -> list[ProcedureVersion]:
    """Keep each that is new; those known already are left as they are. Running follow-ups keep the version they
    began with. A procedure that names parties is theirs from now on. Raises OtherContent, NotThere."""
    protocol_locked(session, protocol)
    return [_keep(session, now, protocol, procedure, by) for procedure in procedures]


def _keep(session: Session, now: datetime, protocol: Protocol, procedure: Procedure, by: str) -> ProcedureVersion:
    content = as_content(procedure)
    version = session.exec(
        select(ProcedureVersion).where(
            ProcedureVersion.protocol_id == protocol.id,
            ProcedureVersion.key == procedure.id,
            ProcedureVersion.number == procedure.version,
        )
    ).first()
    if version is not None and version.sha256 != sha256_of(content):
        raise OtherContent(procedure)
    if version is None:
        row = {
            "protocol_id": protocol.id, "key": procedure.id, "number": procedure.version, "title": procedure.title,
            "standing": procedure.standing, "kinds": list(procedure.kinds), "content": content,
            "sha256": sha256_of(content), "recorded_at": now, "recorded_by": by,
        }  # fmt: skip
        version = ProcedureVersion.model_validate(row)
        session.add(version)
        session.flush()
        history.write(
            session, case_of(protocol), now, by, "procedure kept", procedure=procedure.id, version=procedure.version,
            sha256=version.sha256,
        )  # fmt: skip
    for slug in procedure.parties:
        choose_procedure(session, now, party_named(session, protocol, slug), procedure.id, by)
    return version


def choose_procedure(session: Session, now: datetime, party: Party, key: str, by: str) -> None:
    """From now on the party follows that procedure; what runs already goes on by the version it began with."""
    protocol = session.get_one(Protocol, party.protocol_id)
    protocol_locked(session, protocol)
    known = select(ProcedureVersion.key).where(ProcedureVersion.protocol_id == protocol.id).distinct()
    keys = sorted(session.exec(known))
    if key not in keys:
        raise NotThere(f"There is no procedure “{key}” in {protocol.slug}: kept are {', '.join(keys) or 'none'}.")
    if _chosen(session, party) == key:
        return
    session.add(PartyProcedure(party_id=known_id(party), key=key, since=now, chosen_by=by))
    history.write(session, case_of(protocol), now, by, "procedure chosen", party=party.slug, procedure=key)


def _chosen(session: Session, party: Party) -> str | None:
    statement = select(PartyProcedure.key).where(PartyProcedure.party_id == party.id)
    return session.exec(statement.order_by(col(PartyProcedure.id).desc()).limit(1)).first()


def version_for(session: Session, now: datetime, protocol: Protocol, party: Party) -> ProcedureVersion:
    """The newest version of the party's own procedure, else of the model for its kind, else of the default."""
    newest = (
        select(ProcedureVersion)
        .where(ProcedureVersion.protocol_id == protocol.id)
        .order_by(col(ProcedureVersion.number).desc(), col(ProcedureVersion.id).desc())
    )
    if key := _chosen(session, party):
        return session.exec(newest.where(ProcedureVersion.key == key)).first() or _default(session, now, protocol)
    for version in session.exec(newest.where(ProcedureVersion.standing == Standing.MODEL)):
        if party.kind in version.kinds:
            return version
    known = session.exec(newest.where(ProcedureVersion.standing == Standing.DEFAULT)).first()
    return known or _default(session, now, protocol)


def _default(session: Session, now: datetime, protocol: Protocol) -> ProcedureVersion:
    """What comes with Concordat, for a party that has given none: a breach waits for nobody's file."""
    return _keep(session, now, protocol, read_procedure(DEFAULT), history.CLOCK)


@remembered(ProcedureVersion, FollowUp)
def procedure_of(session: Session, follow_up: FollowUp) -> Procedure:
    """The procedure as it was when the follow-up began."""
    return in_version(session.get_one(ProcedureVersion, follow_up.procedure_version_id))


def in_version(version: ProcedureVersion) -> Procedure:
    return _read(json.dumps(version.content, sort_keys=True))


@lru_cache(maxsize=128)
def _read(content: str) -> Procedure:
    return from_content(json.loads(content))
