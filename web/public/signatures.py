"""Who has signed what and when, who has not, who has declined. Why somebody declined is not told here."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import col, select

from actions.cast import active_on
from actions.clauses import current_version
from actions.policy import today_of
from actions.signatures import subject_of
from models.obligation import Obligation, ObligationKind
from models.protocol import Party, Signature, SignatureKind, Succession, SuccessionKind, Version
from web.declaring import ANYBODY, Asked, Page
from web.fields import LINE_LENGTH
from web.organisations import FEW
from web.public.protocol_meant import about_protocol
from web.public.protocol_text import hashes_of
from web.public.signature_lines import ASKED, DECLINED, NOTHING, SIGNED, UNDATED, Body, Line, Signed, part_of

Parties = Mapping[int | None, tuple[str, date | None]]


@dataclass(frozen=True, kw_only=True)
class Successor:
    name: str
    became: str
    when: str
    is_part: bool
    is_party: bool


@about_protocol
def _read(asked: Asked) -> Mapping[str, Any]:
    """Where they are many, a part of each line, and a field to find one by its name."""
    lines = lines_of(asked)
    sought = " ".join(asked.query.get("name", "")[:LINE_LENGTH].split())
    return {
        "register": [part_of(asked, line, sought) for line in lines], "successors": successors_of(asked),
        "sought": sought, "many": any(len(line.bodies) > FEW for line in lines), "named": asked.query.get("protocol"),
    }  # fmt: skip


class Row(NamedTuple):
    """Of the register, as columns: there may be thousands."""

    version_id: int
    kind: SignatureKind
    position: str | None
    signed_on: date | None
    party_id: int | None
    name: str
    left_on: date | None


def lines_of(asked: Asked) -> list[Line]:
    """The newest first: those that somebody has signed or is asked to sign, and what is in force."""
    session, protocol = asked.session, asked.protocol
    today = active_on(protocol, today_of(protocol, asked.now))
    named = sa.select(col(Party.id), col(Party.name), col(Party.left_on)).where(*today)
    members = {number: (name, left_on) for number, name, left_on in session.execute(named)}
    current, rows, owing = current_version(session, protocol), _rows(asked), _owing(asked)
    versions = session.exec(
        select(Version)
        .where(Version.protocol_id == protocol.id)
        .order_by(col(Version.major).desc(), col(Version.minor))
    )
    found: list[Line] = []
    for major, group in groupby(versions, key=lambda version: version.major):
        line = list(group)
        of_line = [row for row in rows if row.version_id in {version.id for version in line}]
        asked_for = {party for version in line for party in owing[subject_of(version)]}
        is_current = current is not None and current.major == major
        if of_line or asked_for or is_current:
            found.append(_line(line, of_line, asked_for, members, is_current=is_current))
    return found


def _rows(asked: Asked) -> list[Row]:
    statement = (
        sa.select(col(Signature.version_id), col(Signature.kind), col(Signature.position), col(Signature.signed_on),
                  col(Party.id), col(Party.name), col(Party.left_on))
        .join(Version, col(Version.id) == Signature.version_id)
        .join(Party, col(Party.id) == Signature.party_id)
        .where(col(Version.protocol_id) == asked.protocol.id)
        .order_by(col(Signature.signed_on), col(Signature.id))
    )  # fmt: skip
    return [Row(*row) for row in asked.session.execute(statement)]


def _owing(asked: Asked) -> Mapping[str, set[int]]:
    """By version: who is asked to sign it and has not answered."""
    statement = select(Obligation.subject, Obligation.party_id).where(
        Obligation.protocol_id == asked.protocol.id, Obligation.kind == ObligationKind.SIGNATURE,
        col(Obligation.outcome).is_(None),
    )  # fmt: skip
    found: dict[str, set[int]] = defaultdict(set)
    for subject, party_id in asked.session.exec(statement):
        if party_id is not None:
            found[subject or ""].add(party_id)
    return found


def _line(
    versions: Sequence[Version], rows: Sequence[Row], asked_for: set[int], members: Parties, *, is_current: bool
) -> Line:
    """Bodies without a row stand in what is in force or being signed; an earlier line is as it was."""
    parties: dict[int | None, tuple[str, date | None]] = {row.party_id: (row.name, row.left_on) for row in rows}
    if is_current or asked_for:
        parties |= members
    labels, own = {version.id: version.label for version in versions}, defaultdict[int | None, list[Row]](list)
    for row in rows:
        own[row.party_id].append(row)
    bodies = [_body(named, own[number], labels, is_asked=number in asked_for) for number, named in parties.items()]
    names = {name for name, _ in members.values()}
    return Line(
        major=versions[0].major, labels=tuple(labels.values()), hashes=hashes_of(*versions), is_current=is_current,
        signed=sum(body.standing == SIGNED and body.name in names for body in bodies), parties=len(members),
        bodies=tuple(sorted(bodies, key=lambda body: body.name)), found=len(bodies),
    )  # fmt: skip


def _body(
    named: tuple[str, date | None], own: Sequence[Row], labels: Mapping[int | None, str], *, is_asked: bool
) -> Body:
    kinds = {row.kind for row in own}
    signed = tuple(
        Signed(position=row.position, on=row.signed_on, version=labels[row.version_id])
        for row in own
        if row.kind is SignatureKind.SIGNED
    )
    if signed:
        standing = SIGNED
    elif SignatureKind.DECLINED in kinds:
        standing = DECLINED
    elif is_asked:
        standing = ASKED
    else:
        standing = UNDATED if SignatureKind.UNDATED in kinds else NOTHING
    return Body(name=named[0], standing=standing, signed=signed, left_on=named[1])


def successors_of(asked: Asked) -> list[Successor]:
    statement = (
        select(Succession, Party)
        .join(Party, col(Party.id) == Succession.party_id)
        .where(Succession.protocol_id == asked.protocol.id)
        .order_by(col(Party.name), col(Succession.happened_on))
    )
    today = active_on(asked.protocol, today_of(asked.protocol, asked.now))
    members = set(asked.session.exec(select(Party.slug).where(*today)))
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
