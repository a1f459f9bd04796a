"""What a party is asked to sign: the text, what changes in it, why, and what it is known by."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.cast import NotThere
from actions.signatures import DECLARATION, signed_as_one
from actions.version_reasons import reasons_in_line
from actions.versions import changes_to_sign, text_of, version_named
from models.history import Narrative
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Party, Signature, SignatureKind, Version
from web.declaring import Asked
from web.parties.own import own_duty


@dataclass(frozen=True, kw_only=True)
class ChangedClause:
    """`before` is empty for a new clause, `after` for one that is removed. `reasons`: why the group decided so."""

    key: str
    heading: str
    before: str
    after: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TextToSign:
    """`hash` is None for a version of before Concordat, whose text may not be held. `mark` is what a page carries, by
    which it is known again which text was seen."""

    label: str
    hash: str | None
    mark: str
    declaration: str
    due_on: date
    changes: tuple[ChangedClause, ...]
    clauses: tuple[tuple[str, str, str], ...]  # key, heading, words
    replaces: str | None  # the version that the page's address named, where another has taken its place


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A signature as it stands in the register."""

    kind: str
    label: str
    hash: str | None
    position: str | None
    declaration: str | None
    signed_on: date | None
    recorded_at: datetime
    because: str | None


@dataclass(frozen=True, kw_only=True)
class Signing:
    """`duty` is the one that is owed now; `named` the one of the address."""

    named: Obligation
    duty: Obligation
    version: Version
    party: Party

    @property
    def is_owed(self) -> bool:
        return self.duty.outcome is None

    @property
    def mark(self) -> str:
        return self.version.sha256 or self.version.label


def signing_of(asked: Asked) -> Signing:
    """Where a minor version came between, the page that was sent leads on to the text that is asked for now."""
    named, party = own_duty(asked, ObligationKind.SIGNATURE), asked.caller.party
    if party is None:
        raise NotThere("There is no such thing among what you are asked for.")
    duty = _in_its_place(asked.session, named) if named.outcome is Outcome.SUPERSEDED else named
    version = version_named(asked.session, asked.protocol, (duty.subject or "").removeprefix("version:"))
    return Signing(named=named, duty=duty, version=version, party=party)


def _in_its_place(session: Session, named: Obligation) -> Obligation:
    later = select(Obligation).where(
        Obligation.protocol_id == named.protocol_id, Obligation.party_id == named.party_id,
        Obligation.kind == ObligationKind.SIGNATURE, col(Obligation.id) > named.id,
    )  # fmt: skip
    return session.exec(later.order_by(col(Obligation.id).desc())).first() or named


def text_to_sign(asked: Asked, signing: Signing) -> TextToSign:
    session, version = asked.session, signing.version
    text = text_of(session, version)
    first_time = signing.duty.case.startswith("protocol:")  # it comes new, or in another's place: all of it is new
    reasons = {} if first_time else reasons_in_line(session, version)
    changed = () if first_time else changes_to_sign(session, version)
    return TextToSign(
        label=version.label, hash=version.sha256, mark=signing.mark, due_on=signing.duty.due_on,
        declaration=DECLARATION.format(party=signing.party.name, label=version.label),
        changes=tuple(
            ChangedClause(
                key=each.clause, heading=text.get(each.clause, (each.clause, ""))[0], before=each.before,
                after=each.after, reasons=tuple(why.words for why in reasons.get(each.clause, ())),
            )
            for each in changed
        ),
        clauses=tuple((key, heading, words) for key, (heading, words) in text.items()),
        replaces=(signing.named.subject or "").removeprefix("version:") if signing.named is not signing.duty else None,
    )  # fmt: skip


def recorded(session: Session, signing: Signing) -> list[Recorded]:
    """What the party has said to this version, or to one that is signed as one with it; the newest first."""
    statement = (
        select(Signature, Version)
        .join(Version, col(Version.id) == Signature.version_id)
        .where(*signed_as_one(signing.version))
        .where(Signature.party_id == signing.party.id, Signature.kind != SignatureKind.UNDATED)
        .order_by(col(Signature.id).desc())
    )
    return [_recorded(session, signature, version) for signature, version in session.exec(statement)]


def _recorded(session: Session, signature: Signature, version: Version) -> Recorded:
    why = session.get(Narrative, signature.why_id) if signature.why_id else None
    return Recorded(
        kind=signature.kind.value, label=version.label, hash=signature.version_sha256, position=signature.position,
        declaration=signature.declaration, signed_on=signature.signed_on, recorded_at=signature.recorded_at,
        because=why.text if why else None,
    )  # fmt: skip
