"""Who has signed what and when, who has not, who has declined. Why somebody declined is not told here."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlmodel import col, select

from actions.cast import active_parties
from actions.clauses import current_version
from actions.policy import today_of
from actions.signatures import subject_of
from models.obligation import Obligation, ObligationKind
from models.protocol import Party, Signature, SignatureKind, Succession, SuccessionKind, Version
from web.declaring import ANYBODY, Asked, Page
from web.public.protocol_meant import about_protocol
from web.public.protocol_text import hashes_of

SIGNED, DECLINED, ASKED, UNDATED, NOTHING = "signed", "declined", "asked", "undated", "nothing"


@dataclass(frozen=True, kw_only=True)
class Signed:
    position: str | None
    on: date | None
    version: str


@dataclass(frozen=True, kw_only=True)
class Body:
    name: str
    standing: str
    signed: tuple[Signed, ...]
    left_on: date | None


@dataclass(frozen=True, kw_only=True)
class Line:
    """Versions that one signature binds to: 4, 4.1 and 4.2. `signed` of `parties` are parties of today."""

    labels: tuple[str, ...]
    hashes: Mapping[str, str]
    is_current: bool
    signed: int
    parties: int
    bodies: tuple[Body, ...]


@dataclass(frozen=True, kw_only=True)
class Successor:
    name: str
    became: str
    when: str
    is_part: bool
    is_party: bool


@about_protocol
def _read(asked: Asked) -> Mapping[str, Any]:
    return {"register": lines_of(asked), "successors": successors_of(asked)}


def lines_of(asked: Asked) -> list[Line]:
    """The newest first: those that somebody has signed or is asked to sign, and what is in force."""
    session, protocol = asked.session, asked.protocol
    members = active_parties(session, protocol, today_of(protocol, asked.now))
    current, rows, owing = current_version(session, protocol), _rows(asked), _owing(asked)
    versions = session.exec(
        select(Version)
        .where(Version.protocol_id == protocol.id)
        .order_by(col(Version.major).desc(), col(Version.minor))
    )
    found: list[Line] = []
    for major, group in groupby(versions, key=lambda version: version.major):
        line = list(group)
        of_line = [row for row in rows if row[1].major == major]
        asked_for = {party for version in line for party in owing[subject_of(version)]}
        is_current = current is not None and current.major == major
        if of_line or asked_for or is_current:
            found.append(_line(line, of_line, asked_for, members, is_current=is_current))
    return found


def _rows(asked: Asked) -> Sequence[tuple[Signature, Version, Party]]:
    statement = (
        select(Signature, Version, Party)
        .join(Version, col(Version.id) == Signature.version_id)
        .join(Party, col(Party.id) == Signature.party_id)
        .where(Version.protocol_id == asked.protocol.id)
        .order_by(col(Signature.signed_on), col(Signature.id))
    )
    return asked.session.exec(statement).all()


def _owing(asked: Asked) -> Mapping[str, set[int]]:
    """By version: who is asked to sign it and has not answered."""
    statement = select(Obligation).where(
        Obligation.protocol_id == asked.protocol.id, Obligation.kind == ObligationKind.SIGNATURE,
        col(Obligation.outcome).is_(None),
    )  # fmt: skip
    found: dict[str, set[int]] = defaultdict(set)
    for duty in asked.session.exec(statement):
        if duty.party_id is not None:
            found[duty.subject or ""].add(duty.party_id)
    return found


def _line(
    versions: Sequence[Version], rows: Sequence[tuple[Signature, Version, Party]], asked_for: set[int],
    members: Sequence[Party], *, is_current: bool,
) -> Line:  # fmt: skip
    """Bodies without a row stand in what is in force or being signed; an earlier line is as it was."""
    parties = {party.id: party for _, _, party in rows}
    if is_current or asked_for:
        parties |= {party.id: party for party in members}
    bodies = [_body(party, rows, asked_for) for party in parties.values()]
    names = {member.name for member in members}
    return Line(
        labels=tuple(version.label for version in versions), hashes=hashes_of(*versions), is_current=is_current,
        signed=sum(body.standing == SIGNED and body.name in names for body in bodies), parties=len(members),
        bodies=tuple(sorted(bodies, key=lambda body: body.name)),
    )  # fmt: skip


def _body(party: Party, rows: Sequence[tuple[Signature, Version, Party]], asked_for: set[int]) -> Body:
    own = [(signature, version) for signature, version, of in rows if of.id == party.id]
    kinds = {signature.kind for signature, _ in own}
    signed = tuple(
        Signed(position=signature.position, on=signature.signed_on, version=version.label)
        for signature, version in own
        if signature.kind is SignatureKind.SIGNED
    )
    if signed:
        standing = SIGNED
    elif SignatureKind.DECLINED in kinds:
        standing = DECLINED
    elif party.id in asked_for:
        standing = ASKED
    else:
        standing = UNDATED if SignatureKind.UNDATED in kinds else NOTHING
    return Body(name=party.name, standing=standing, signed=signed, left_on=party.left_on)


def successors_of(asked: Asked) -> list[Successor]:
    statement = (
        select(Succession, Party)
        .join(Party, col(Party.id) == Succession.party_id)
        .where(Succession.protocol_id == asked.protocol.id)
        .order_by(col(Party.name), col(Succession.happened_on))
    )
    members = {
        party.slug for party in active_parties(asked.session, asked.protocol, today_of(asked.protocol, asked.now))
    }
    return [
        Successor(
            name=party.name, became=row.successor_name, when=row.happened_words,
            is_part=row.kind is SuccessionKind.PART_OF, is_party=row.successor_slug in members,
        )
        for row, party in asked.session.exec(statement)
    ]  # fmt: skip


PAGES = (
    Page(path="/signatures", title="Who has signed", who=ANYBODY, read=_read, template="public/signatures.html",
         in_menu="/signatures"),
)  # fmt: skip
