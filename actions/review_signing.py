"""Signing: what a party answers when it is asked to sign a version."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.cast import is_active, known_id, lead_of, secretary_of
from actions.confirmation_requests import ask_late_signer
from actions.duties import discharge
from actions.gaps.waiting_again import reopen_unanswered, resolve_late
from actions.moving import review_in
from actions.policy import today_of
from actions.reasons import reason, reason_if_any
from actions.review_adopting import adopt
from actions.signatures import (
    DECLARATION,
    another_made_since,
    decliners_of,
    hold_signing,
    look_whether_anybody_signed,
    signed_as_one,
    signers_of,
    signing_duties,
    version_of,
)
from actions.telling import tell
from models import history
from models.obligation import Outcome
from models.protocol import Contact, Party, Protocol, Signature, SignatureKind, Version
from notifications.messages import DeclineRecorded, SignatureDeclined, SignatureRecorded
from rules.errors import Refused
from rules.review import Stage
from rules.texts import fingerprint, plain

__all__ = ["DECLARATION", "adopt", "decline", "decliners_of", "sign", "signers_of", "version_of"]


class NotOpenForSigning(Refused):
    def __init__(self, version: Version, party: Party) -> None:
        super().__init__(f"Version {version.label} does not wait for a signature of {party.name}.")


class OtherText(Refused):
    def __init__(self, version: Version, given: str) -> None:
        has = f"has {version.sha256[:12]}" if version.sha256 else "is of before Concordat and has none"
        super().__init__(
            f"That signature is for another text: its hash begins {given[:12]}, that of version {version.label} {has}."
        )


class PositionNeeded(Refused):
    def __init__(self) -> None:
        super().__init__("Say in which position the person signs, such as “Chief Executive” (`--position`).")


class SignedBeforeTheText(Refused):
    def __init__(self, version: Version) -> None:
        super().__init__(
            f"Version {version.label} is dated {version.dated_words}: nobody can have signed it before. Correct the "
            "day of the signature."
        )


class SignedInTheFuture(Refused):
    def __init__(self) -> None:
        super().__init__("A signature is recorded once it has been given: its day lies ahead.")


def sign(
    session: Session, now: datetime, version: Version, party: Party, by: str, *, position: str,
    sha256: str | None = None, signed_on: date | None = None, on_behalf_because: str | None = None,
) -> Signature:  # fmt: skip
    """Record a signature under the version's text. Signed twice in one position, it is one signature.

    A party may have several signers; and whoever still owes its signature may sign after adoption.
    """
    protocol, as_what = session.get_one(Protocol, version.protocol_id), plain(position)
    on_behalf = reason_if_any(on_behalf_because, "a signature recorded on behalf")
    case = hold_signing(session, version, party)
    duties = signing_duties(session, version, party)
    key = f"{protocol.slug}:{version.label}:{party.slug}:{fingerprint(as_what.casefold())}"
    if (known := _signature(session, key)) is not None:
        return known
    _check(now, protocol, version, party, as_what, sha256, signed_on, is_asked=bool(duties))
    contact = session.get_one(Contact, duties[0].contact_id) if duties else lead_of(session, party)
    signature = Signature(
        key=key, version_id=known_id(version), party_id=known_id(party), kind=SignatureKind.SIGNED, position=as_what,
        signed_on=signed_on or today_of(protocol, now), recorded_at=now, recorded_by=by, address=contact.address,
        version_sha256=version.sha256, declaration=DECLARATION.format(party=party.name, label=version.label),
        why_id=history.narrate(session, on_behalf) if on_behalf else None,
    )  # fmt: skip
    session.add(signature)
    discharge(session, now, duties, Outcome.ANSWERED, by, on_behalf)
    history.write(
        session, case, now, by, "signed", why=on_behalf, party=party.slug, version=version.label,
        position=as_what, sha256=version.sha256,
    )  # fmt: skip
    _receipt(session, now, protocol, version, contact, case, signature, on_behalf is not None)
    _bring_into_force(session, now, protocol, version, by)
    ask_late_signer(session, now, protocol, version, party, case)
    return signature


def _bring_into_force(session: Session, now: datetime, protocol: Protocol, version: Version, by: str) -> None:
    """What ended without a signature counts from the first that comes after all: the newest text that it binds to.
    Not where another has been made since, which would lose what it has changed."""
    as_one = select(Version).where(*signed_as_one(version)).order_by(col(Version.minor).desc())
    version = session.exec(as_one).first() or version
    if version.in_force_from is not None or review_in(session, protocol, Stage.SIGNING) is not None:
        return
    if not another_made_since(session, version):
        version.in_force_from = today_of(protocol, now)
        session.add(version)
        resolve_late(session, now, version, by)


def _signature(session: Session, key: str) -> Signature | None:
    return session.exec(select(Signature).where(Signature.key == key)).first()


def _check(
    now: datetime, protocol: Protocol, version: Version, party: Party, position: str,
    sha256: str | None, signed_on: date | None, *, is_asked: bool,
) -> None:  # fmt: skip
    """A version of before Concordat has no text here to sign, unless a successor is asked to adopt it."""
    today = today_of(protocol, now)
    is_member = party.protocol_id == protocol.id and is_active(party, today)
    if not is_member or (version.sha256 is None and not is_asked):
        raise NotOpenForSigning(version, party)
    if not position:
        raise PositionNeeded
    if sha256 is not None and (len(sha256) < 8 or not (version.sha256 or "").startswith(sha256.lower())):
        raise OtherText(version, sha256)
    if signed_on is not None and signed_on > today:
        raise SignedInTheFuture
    if signed_on is not None and signed_on < version.dated_from:
        raise SignedBeforeTheText(version)


def _receipt(
    session: Session, now: datetime, protocol: Protocol, version: Version, contact: Contact, case: str,
    signature: Signature, on_behalf: bool,
) -> None:  # fmt: skip
    tell(
        session, now, protocol, contact, case, f"{signature.key}:recorded",
        lambda h: SignatureRecorded(
            **h, version=version.label, sha256=version.sha256 or "", position=signature.position or "",
            signed_on=signature.signed_on or today_of(protocol, now), on_behalf=on_behalf,
        ),
    )  # fmt: skip


def decline(
    session: Session, now: datetime, version: Version, party: Party, by: str, because: str, *, on_behalf: bool = False
) -> Signature:
    """A party may decline, with its reason; the version is then in force without it."""
    protocol, why = session.get_one(Protocol, version.protocol_id), reason(because, "declining to sign")
    case = hold_signing(session, version, party)
    duties = signing_duties(session, version, party)
    key = f"{protocol.slug}:{version.label}:{party.slug}:declined"
    if (known := _signature(session, key)) is not None:
        return known
    if not duties:
        raise NotOpenForSigning(version, party)
    row = Signature(
        key=key, version_id=known_id(version), party_id=known_id(party), kind=SignatureKind.DECLINED,
        recorded_at=now, recorded_by=by, version_sha256=version.sha256, why_id=history.narrate(session, why),
    )  # fmt: skip
    session.add(row)
    discharge(session, now, duties, Outcome.ANSWERED, by, why)
    history.write(session, case, now, by, "declined to sign", why=why, party=party.slug, version=version.label)
    look_whether_anybody_signed(session, now, protocol, case)
    reopen_unanswered(session, now, protocol, by)
    tell(
        session, now, protocol, secretary_of(session, known_id(protocol)), case, f"{key}:told",
        lambda h: SignatureDeclined(**h, version=version.label, why=why, about_party=party.name),
    )  # fmt: skip
    tell(
        session, now, protocol, session.get_one(Contact, duties[0].contact_id), case, f"{key}:recorded",
        lambda h: DeclineRecorded(**h, version=version.label, why=why, on_behalf=on_behalf),
    )  # fmt: skip
    return row
