"""Signing and adoption: every party signs a major version, a minor one is announced (protocol §15)."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.cast import active_parties, is_active, known_id, lead_of, secretary_of
from actions.confirming import ask_for_confirmations
from actions.moving import protocol_locked, review_locked, take_step
from actions.owing import ReasonNeeded, discharge, open_obligation, owed
from actions.policy import due_after, zone_of
from actions.telling import tell
from actions.versions import changes_of
from models import history
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Contact, Party, Protocol, Signature, SignatureKind, Version
from models.review import Review
from models.store import insert_unless_there
from notifications.messages import (
    SignatureDeclined,
    SignatureRecorded,
    SignatureRequested,
    VersionAdopted,
    VersionAnnounced,
)
from rules.errors import Refused
from rules.instants import local_day
from rules.review import Stage, Step

DECLARATION = "On behalf of {party} I adopt version {label} of the information sharing protocol."


class NotOpenForSigning(Refused):
    def __init__(self, version: Version, party: Party) -> None:
        super().__init__(f"Version {version.label} does not wait for a signature of {party.name}.")


class OtherText(Refused):
    def __init__(self, version: Version, given: str) -> None:
        super().__init__(
            f"That signature is for another text: its hash begins {given[:12]}, "
            f"version {version.label} has {(version.sha256 or '')[:12]}."
        )


class PositionNeeded(Refused):
    def __init__(self) -> None:
        super().__init__("Say in which position the person signs, such as “Chief Executive” (`--position`).")


class SignedInTheFuture(Refused):
    def __init__(self) -> None:
        super().__init__("A signature is recorded once it has been given: its day lies ahead.")


def ask_for_signatures(session: Session, now: datetime, protocol: Protocol, review: Review, version: Version) -> None:
    """Every party owes a signature. Those still owing one to an earlier version of this line now sign this one."""
    due_on = due_after(protocol, "signing", now)
    for party in active_parties(session, protocol, local_day(now, zone_of(protocol))):
        ask_for_signature(session, now, protocol, review.case, version, party, due_on)


def ask_for_signature(
    session: Session,
    now: datetime,
    protocol: Protocol,
    case: str,
    version: Version,
    party: Party,
    due_on: date,
) -> Obligation | None:
    contact = lead_of(session, party)
    key = f"version:{version.label}:sign:{party.slug}"
    duty = open_obligation(
        session, now, protocol, key=f"{protocol.slug}:{key}", case=case, kind=ObligationKind.SIGNATURE,
        contact=contact, party=party, due_on=due_on, subject=f"version:{version.label}",
    )  # fmt: skip
    if duty is None:
        return None
    differences = tuple((c.clause, c.before, c.after) for c in changes_of(session, version))
    tell(
        session, now, protocol, contact, case, f"{protocol.slug}:{key}:ask",
        lambda h: SignatureRequested(
            **h, version=version.label, sha256=version.sha256 or "", changes=differences, due_on=due_on,
            declaration=DECLARATION.format(party=party.name, label=version.label),
        ),
        about=[duty], only_while_owed=True,
    )  # fmt: skip
    return duty


def announce(session: Session, now: datetime, protocol: Protocol, review: Review, version: Version) -> None:
    """A minor version is made known; whoever has yet to sign this line signs the newest text of it."""
    differences = tuple((c.clause, c.before, c.after) for c in changes_of(session, version))
    for party in active_parties(session, protocol, local_day(now, zone_of(protocol))):
        tell(
            session, now, protocol, lead_of(session, party), review.case,
            f"{review.case}:announced:{party.slug}",
            lambda h: VersionAnnounced(
                **h, version=version.label, sha256=version.sha256 or "", changes=differences,
                in_force_from=version.in_force_from or version.dated_from,
            ),
        )  # fmt: skip
    _move_signatures_on(session, now, protocol, version)


def _move_signatures_on(session: Session, now: datetime, protocol: Protocol, version: Version) -> None:
    """As in 2015: 4.1 was signed by those who had not signed 4 yet."""
    statement = select(Obligation).where(
        Obligation.protocol_id == protocol.id,
        Obligation.kind == ObligationKind.SIGNATURE,
        col(Obligation.outcome).is_(None),
        col(Obligation.subject).startswith(f"version:{version.major}."),
    )
    for duty in session.exec(statement.with_for_update()).all():
        party = session.get_one(Party, duty.party_id)
        discharge(session, now, [duty], Outcome.SUPERSEDED, history.CLOCK, f"Version {version.label} stands for it.")
        ask_for_signature(session, now, protocol, duty.case, version, party, duty.due_on)


def sign(
    session: Session, now: datetime, version: Version, party: Party, by: str, *, position: str,
    sha256: str | None = None, signed_on: date | None = None, on_behalf_because: str | None = None,
) -> Signature:  # fmt: skip
    """Record a signature under the version's text. Signed twice in one position on one day, it is one signature."""
    protocol = session.get_one(Protocol, version.protocol_id)
    duties = _signing_duties(session, version, party)
    case = _case_of(session, version, party)
    _check_signing(now, protocol, version, party, position, sha256, signed_on)
    contact = session.get_one(Contact, duties[0].contact_id) if duties else lead_of(session, party)
    day = signed_on or local_day(now, zone_of(protocol))
    signature = Signature(
        key=f"{protocol.slug}:{version.label}:{party.slug}:{position.strip().casefold()}:{day}",
        version_id=known_id(version), party_id=known_id(party), kind=SignatureKind.SIGNED, position=position.strip(),
        signed_on=day, recorded_at=now, recorded_by=by, address=contact.address, version_sha256=version.sha256,
        declaration=DECLARATION.format(party=party.name, label=version.label),
        why_id=history.narrate(session, on_behalf_because) if on_behalf_because else None,
    )  # fmt: skip
    if not insert_unless_there(session, signature):
        return session.exec(select(Signature).where(Signature.key == signature.key)).one()
    discharge(session, now, duties, Outcome.ANSWERED, by, on_behalf_because)
    history.write(
        session, case, now, by, "signed", why=on_behalf_because, party=party.slug, version=version.label,
        position=signature.position, sha256=version.sha256,
    )  # fmt: skip
    tell(
        session, now, protocol, contact, case, f"{signature.key}:recorded",
        lambda h: SignatureRecorded(
            **h, version=version.label, sha256=version.sha256 or "", position=position.strip(), signed_on=day,
            on_behalf=bool(on_behalf_because),
        ),
    )  # fmt: skip
    return signature


def _check_signing(
    now: datetime, protocol: Protocol, version: Version, party: Party, position: str,
    sha256: str | None, signed_on: date | None,
) -> None:  # fmt: skip
    today = local_day(now, zone_of(protocol))
    if version.sha256 is None or not is_active(party, today):
        raise NotOpenForSigning(version, party)
    if not position.strip():
        raise PositionNeeded
    if sha256 is not None and (len(sha256) < 8 or not version.sha256.startswith(sha256.lower())):
        raise OtherText(version, sha256)
    if signed_on is not None and signed_on > today:
        raise SignedInTheFuture


def decline(session: Session, now: datetime, version: Version, party: Party, by: str, because: str) -> Signature:
    """A party may decline, with its reason; the version is then in force without it."""
    protocol = session.get_one(Protocol, version.protocol_id)
    if not because.strip():
        raise ReasonNeeded("declining to sign")
    duties = _signing_duties(session, version, party)
    case = _case_of(session, version, party)
    row = Signature(
        key=f"{protocol.slug}:{version.label}:{party.slug}:declined", version_id=known_id(version),
        party_id=known_id(party), kind=SignatureKind.DECLINED, recorded_at=now, recorded_by=by,
        version_sha256=version.sha256, why_id=history.narrate(session, because),
    )  # fmt: skip
    if not insert_unless_there(session, row):
        return session.exec(select(Signature).where(Signature.key == row.key)).one()
    if not duties:
        raise NotOpenForSigning(version, party)
    discharge(session, now, duties, Outcome.ANSWERED, by, because)
    history.write(session, case, now, by, "declined to sign", why=because, party=party.slug, version=version.label)
    tell(
        session, now, protocol, secretary_of(session, known_id(protocol)), case, f"{row.key}:told",
        lambda h: SignatureDeclined(**h, version=version.label, why=because, about_party=party.name),
    )  # fmt: skip
    return row


def _signing_duties(session: Session, version: Version, party: Party) -> list[Obligation]:
    statement = select(Obligation).where(
        Obligation.protocol_id == version.protocol_id, Obligation.kind == ObligationKind.SIGNATURE,
        Obligation.party_id == party.id, Obligation.subject == f"version:{version.label}",
        col(Obligation.outcome).is_(None),
    )  # fmt: skip
    return list(session.exec(statement.with_for_update()))


def _case_of(session: Session, version: Version, party: Party) -> str:
    """The case in which the signature was asked for; the protocol's own for one that comes unasked."""
    statement = select(Obligation.case).where(
        Obligation.protocol_id == version.protocol_id, Obligation.kind == ObligationKind.SIGNATURE,
        Obligation.party_id == party.id, Obligation.subject == f"version:{version.label}",
    )  # fmt: skip
    protocol = session.get_one(Protocol, version.protocol_id)
    return session.exec(statement).first() or f"protocol:{protocol.slug}"


def signers_of(session: Session, version: Version) -> set[int]:
    """Parties bound by this version: they have signed it, or an earlier one of the same major line."""
    statement = (
        select(Signature.party_id)
        .join(Version, col(Version.id) == Signature.version_id)
        .where(Version.protocol_id == version.protocol_id, Version.major == version.major)
        .where(col(Version.minor) <= version.minor, Signature.kind == SignatureKind.SIGNED)
    )
    return set(session.exec(statement))


def decliners_of(session: Session, version: Version) -> list[Party]:
    """Parties that declined and have not signed since."""
    statement = (
        select(Party)
        .join(Signature, col(Signature.party_id) == Party.id)
        .where(Signature.version_id == version.id, Signature.kind == SignatureKind.DECLINED)
    )
    return [party for party in session.exec(statement) if party.id not in signers_of(session, version)]


def version_of(session: Session, review: Review) -> Version:
    """The version a review made, or the newest of its line since."""
    made = session.exec(select(Version).where(Version.review_id == review.id)).one()
    statement = select(Version).where(Version.protocol_id == made.protocol_id, Version.major == made.major)
    return max(session.exec(statement), key=lambda version: version.minor)


def adopt(session: Session, now: datetime, review_id: int, by: str, because: str | None = None) -> None:
    """Signing ends: by the clock when nobody owes a signature, or by a person who says why it ends before.

    Partial adoption is a normal state: whoever has not signed goes on owing its signature.
    """
    review = review_locked(session, review_id)
    protocol = session.get_one(Protocol, review.protocol_id)
    protocol_locked(session, protocol)
    lacking = owed(session, review.case, ObligationKind.SIGNATURE) if review.stage is Stage.SIGNING else []
    if lacking and not (because or "").strip():
        raise ReasonNeeded(f"adopting while {len(lacking)} signatures are outstanding")
    version = version_of(session, review) if review.stage is Stage.SIGNING else None
    take_step(session, now, review, Step.ADOPT, by, why=because, version=version.label if version else None)
    assert version is not None
    from actions.review_opening import schedule_next

    following = schedule_next(session, now, protocol, by)
    _tell_adopted(session, now, protocol, review, version, following.review_on if following else None)
    ask_for_confirmations(session, now, protocol, review, version)


def _tell_adopted(
    session: Session,
    now: datetime,
    protocol: Protocol,
    review: Review,
    version: Version,
    next_on: date | None,
) -> None:
    parties = active_parties(session, protocol, local_day(now, zone_of(protocol)))
    signed = signers_of(session, version)
    declined = tuple(party.name for party in decliners_of(session, version))
    for party in parties:
        tell(
            session, now, protocol, lead_of(session, party), review.case, f"{review.case}:adopted:{party.slug}",
            lambda h: VersionAdopted(
                **h, version=version.label, sha256=version.sha256 or "", parties=len(parties), declined=declined,
                in_force_for=sum(party.id in signed for party in parties), next_review_on=next_on,
            ),
        )  # fmt: skip
