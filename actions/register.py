"""The signature register: every row there is, and the members that have none."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from actions.cast import active_on, active_parties
from actions.policy import zone_of
from actions.signatures import signed_as_one, signers_of, signing
from models.protocol import Party, Protocol, Signature, SignatureKind, Version
from rules.instants import local_day


@dataclass(frozen=True, kw_only=True)
class RegisterRow:
    """`kind` is signed, undated (a row never filled in) or declined. One row a signer; a party may have several."""

    party: str
    name: str
    version: str
    kind: str
    position: str | None
    signed_on: date | None
    note: str


@dataclass(frozen=True, kw_only=True)
class Register:
    """`bound`: parties of today that have signed; `without_row`: those of which the register says nothing."""

    version: str | None
    rows: tuple[RegisterRow, ...]
    undated: tuple[str, ...]
    without_row: tuple[str, ...]
    bound: int
    parties: int


def register_of(session: Session, now: datetime, protocol: Protocol, version: Version | None = None) -> Register:
    """Of one version, with what counts for it of those that are signed as one with it; or the whole register."""
    rows = _rows(session, protocol, version)
    members = active_parties(session, protocol, local_day(now, zone_of(protocol)))
    signed = signers_of(session, version) if version else _signers(rows)
    return Register(
        version=version.label if version else None,
        rows=tuple(_row(*row) for row in rows),
        undated=tuple(_names(members, {p.id for s, _, p in rows if s.kind is SignatureKind.UNDATED} - signed)),
        without_row=tuple(_names(members, {m.id for m in members} - {p.id for _, _, p in rows} - signed)),
        bound=sum(party.id in signed for party in members),
        parties=len(members),
    )


def bound_and_parties(session: Session, now: datetime, protocol: Protocol, version: Version | None) -> tuple[int, int]:
    """How many parties of today are bound by the version, and of how many."""
    today = local_day(now, zone_of(protocol))
    parties = select(func.count()).select_from(Party).where(*active_on(protocol, today))
    if version is None:
        return 0, session.exec(parties).one()
    return session.exec(parties.where(col(Party.id).in_(signing(version)))).one(), session.exec(parties).one()


def _rows(session: Session, protocol: Protocol, version: Version | None) -> list[tuple[Signature, Version, Party]]:
    """As they were signed; rows without a day last."""
    statement = (
        select(Signature, Version, Party)
        .join(Version, col(Version.id) == Signature.version_id)
        .join(Party, col(Party.id) == Signature.party_id)
        .where(Version.protocol_id == protocol.id)
    )
    if version is not None:
        statement = statement.where(*signed_as_one(version), col(Version.minor) <= version.minor)
    found = list(session.exec(statement.order_by(col(Signature.id))).all())
    return sorted(found, key=lambda row: (row[0].signed_on is None, row[0].signed_on or date.max, row[2].name))


def _signers(rows: list[tuple[Signature, Version, Party]]) -> set[int | None]:
    return {party.id for row, _, party in rows if row.kind is SignatureKind.SIGNED}


def _names(members: Collection[Party], ids: Collection[int | None]) -> list[str]:
    return [party.name for party in members if party.id in ids]


def _row(signature: Signature, version: Version, party: Party) -> RegisterRow:
    return RegisterRow(
        party=party.slug, name=party.name, version=version.label, kind=signature.kind.value,
        position=signature.position, signed_on=signature.signed_on, note=signature.note,
    )  # fmt: skip
