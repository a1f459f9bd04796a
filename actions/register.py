"""The signature register: every row there is, and the members that have none."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.cast import active_parties
from actions.policy import zone_of
from actions.review_signing import signers_of
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
    """Of one version, with what counts for it of earlier ones of its line; or the whole register."""
    rows = _rows(session, protocol, version)
    members = active_parties(session, protocol, local_day(now, zone_of(protocol)))
    signed = signers_of(session, version) if version else {party.id for _, _, party in rows if _is_signed(rows, party)}
    return Register(
        version=version.label if version else None,
        rows=tuple(_row(*row) for row in rows),
        undated=tuple(_names(members, {p.id for s, _, p in rows if s.kind is SignatureKind.UNDATED} - signed)),
        without_row=tuple(_names(members, {m.id for m in members} - {p.id for _, _, p in rows} - signed)),
        bound=sum(party.id in signed for party in members),
        parties=len(members),
    )


def _rows(session: Session, protocol: Protocol, version: Version | None) -> list[tuple[Signature, Version, Party]]:
    """As they were signed; rows without a day last."""
    statement = (
        select(Signature, Version, Party)
        .join(Version, col(Version.id) == Signature.version_id)
        .join(Party, col(Party.id) == Signature.party_id)
        .where(Version.protocol_id == protocol.id)
    )
    if version is not None:
        statement = statement.where(Version.major == version.major, col(Version.minor) <= version.minor)
    found = list(session.exec(statement.order_by(col(Signature.id))).all())
    return sorted(found, key=lambda row: (row[0].signed_on is None, row[0].signed_on or date.max, row[2].name))


def _is_signed(rows: list[tuple[Signature, Version, Party]], party: Party) -> bool:
    return any(row.kind is SignatureKind.SIGNED and of.id == party.id for row, _, of in rows)


def _names(members: Collection[Party], ids: Collection[int | None]) -> list[str]:
    return [party.name for party in members if party.id in ids]


def _row(signature: Signature, version: Version, party: Party) -> RegisterRow:
    return RegisterRow(
        party=party.slug, name=party.name, version=version.label, kind=signature.kind.value,
        position=signature.position, signed_on=signature.signed_on, note=signature.note,
    )  # fmt: skip
