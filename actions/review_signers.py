"""Who has signed a review's version, who has not and why; and who has confirmed that it is in place."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.cast import active_parties
from actions.confirmation_answers import Said, questions_added, said_by_party
from actions.confirmation_requests import checklist, newest_requests
from actions.policy import zone_of
from actions.signatures import signed_as_one, signers_of
from models.history import Narrative
from models.obligation import Obligation, ObligationKind
from models.protocol import Party, Protocol, Signature, SignatureKind, Version
from models.review import Review
from rules.instants import local_day


@dataclass(frozen=True, kw_only=True)
class SignatureLine:
    """`state` is signed, declined or owed. `version` is the one signed, which may be a later minor one."""

    party: str
    name: str
    state: str
    version: str
    position: str | None
    signed_on: date | None
    due_on: date | None
    because: str | None


@dataclass(frozen=True, kw_only=True)
class ConfirmationLine:
    """`not_yet`: item and the day by which it will be in place."""

    party: str
    name: str
    answered: int
    items: int
    not_yet: tuple[tuple[str, date], ...]
    due_on: date | None
    owed: bool


def signature_lines(session: Session, review: Review, version: Version | None) -> list[SignatureLine]:
    """Those that signed by day, then those that declined, then those that still owe it; one line a signer."""
    if version is None:
        return []
    signed = [_signed(session, *found) for found in _rows(session, version)]
    owing = [_owing(duty, party) for duty, party in _duties(session, review)]
    settled = {line.party for line in signed if line.state == SignatureKind.SIGNED.value}
    declined = [line for line in signed if line.state != SignatureKind.SIGNED.value and line.party not in settled]
    return [
        *sorted((line for line in signed if line.party in settled), key=lambda line: (str(line.signed_on), line.name)),
        *sorted(declined, key=lambda line: line.name),
        *owing,
    ]


def _rows(session: Session, version: Version) -> list[tuple[Signature, Version, Party]]:
    statement = (
        select(Signature, Version, Party)
        .join(Version, col(Version.id) == Signature.version_id)
        .join(Party, col(Party.id) == Signature.party_id)
        .where(*signed_as_one(version))
        .where(Signature.kind != SignatureKind.UNDATED, col(Version.sha256).is_not(None))
        .order_by(col(Signature.id))
    )
    return list(session.exec(statement).all())


def _signed(session: Session, signature: Signature, version: Version, party: Party) -> SignatureLine:
    why = session.get(Narrative, signature.why_id) if signature.why_id else None
    return SignatureLine(
        party=party.slug, name=party.name, state=signature.kind.value, version=version.label,
        position=signature.position, signed_on=signature.signed_on, due_on=None, because=why.text if why else None,
    )  # fmt: skip


def _owing(duty: Obligation, party: Party) -> SignatureLine:
    return SignatureLine(
        party=party.slug, name=party.name, state="owed", version=(duty.subject or "").removeprefix("version:"),
        position=None, signed_on=None, due_on=duty.due_on, because=None,
    )  # fmt: skip


def _duties(session: Session, review: Review) -> list[tuple[Obligation, Party]]:
    statement = (
        select(Obligation, Party)
        .join(Party, col(Party.id) == Obligation.party_id)
        .where(Obligation.case == review.case, Obligation.kind == ObligationKind.SIGNATURE)
        .where(col(Obligation.outcome).is_(None))
        .order_by(col(Party.name))
    )
    return list(session.exec(statement).all())


def confirmation_lines(
    session: Session, now: datetime, review: Review, version: Version | None
) -> list[ConfirmationLine]:
    """Parties bound by the version; none before it is adopted."""
    if version is None or review.ended_at is None:
        return []
    protocol = session.get_one(Protocol, review.protocol_id)
    items = {item.key for item in checklist(session, protocol)}
    asked, added = newest_requests(session, review), questions_added(session, protocol)
    bound, given = signers_of(session, version), said_by_party(session, version)
    lines = []
    for party in active_parties(session, protocol, local_day(now, zone_of(protocol))):
        said, duty = given.get(party.id or 0, {}), asked.get(party.id)
        ended = duty.discharged_at if duty else review.ended_at
        if said or ended is None or (party.id in bound and items):
            in_time = {key for key in items if ended is None or key not in added or added[key] <= ended}
            put_off = tuple((key, day) for key, each in said.items() if key in items and (day := each.given.by_when))
            lines.append(_confirmation_line(party, said, duty if ended is None else None, in_time, put_off))
    return lines


def _confirmation_line(
    party: Party, said: Mapping[str, Said], owed: Obligation | None, items: Set[str],
    not_yet: tuple[tuple[str, date], ...],
) -> ConfirmationLine:  # fmt: skip
    """Once the duty has ended, of what it was asked, in whichever words: not of what is new on the checklist since."""
    answered = {key for key in items if key in said and said[key].stands} if owed else set(said)
    return ConfirmationLine(
        party=party.slug, name=party.name, answered=len(answered), items=len(items | answered),
        not_yet=not_yet, owed=owed is not None,
        due_on=owed.due_on if owed else None,
    )  # fmt: skip
