"""The signature register as the actions read it: who is bound by a version, who has declined, who still owes."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import String
from sqlalchemy.orm import aliased
from sqlmodel import Session, cast, col, func, literal, select
from sqlmodel.sql.expression import SelectOfScalar

from actions.clauses import current_version
from actions.duties import owed
from actions.matters import open_matter
from actions.moving import hold_cases, protocol_locked, review_in, review_of, reviews_at
from models import history
from models.history import History
from models.obligation import Obligation, ObligationKind
from models.protocol import MatterKind, Party, Protocol, Signature, SignatureKind, Version
from models.review import Review
from rules.review import Stage

DECLARATION = "On behalf of {party} I adopt version {label} of the information sharing protocol."


def subject_of(version: Version) -> str:
    """What a duty to sign or to confirm is about."""
    return f"version:{version.label}"


def signed_as_one(version: Version) -> tuple[sa.ColumnElement[bool], ...]:
    """Of versions: those of its line to which one signature binds, from the one that was opened to signing to the last
    that was only announced since. Where the protocol has minor versions signed, each stands alone.
    """
    other = aliased(Version)
    opened = select(other.minor).where(
        other.protocol_id == version.protocol_id, other.major == version.major, _was_opened(other)
    )  # fmt: skip
    first = opened.where(col(other.minor) <= version.minor).order_by(col(other.minor).desc()).limit(1)
    following = opened.where(col(other.minor) > version.minor).order_by(col(other.minor)).limit(1)
    return (
        col(Version.protocol_id) == version.protocol_id,
        col(Version.major) == version.major,
        col(Version.minor) >= func.coalesce(first.scalar_subquery(), 0),
        col(Version.minor) < func.coalesce(following.scalar_subquery(), col(Version.minor) + 1),
    )


def _was_opened(version: type[Version]) -> sa.ColumnElement[bool]:
    """To signing, not only announced: asked of what happened, for a protocol's policy may be another since."""
    case = literal("review:") + cast(version.review_id, String)
    return select(History.id).where(History.case == case, History.moved_to == Stage.SIGNING.value).exists()


def opened_to_signing(session: Session, protocol: Protocol) -> set[tuple[int, int]]:
    """Major and minor of each version that was signed by itself."""
    statement = select(Version.major, Version.minor).where(Version.protocol_id == protocol.id, _was_opened(Version))
    return set(session.exec(statement).all())


def signers_of(session: Session, version: Version) -> set[int]:
    """Parties bound by this version: they have signed it, or an earlier one that is signed as one with it."""
    return _parties_of_line(session, version, SignatureKind.SIGNED)


def decliners_of(session: Session, version: Version) -> list[Party]:
    """Parties that declined it, or an earlier one that is signed as one with it, and have not signed since; by name."""
    declined = _parties_of_line(session, version, SignatureKind.DECLINED) - signers_of(session, version)
    return list(session.exec(select(Party).where(col(Party.id).in_(declined)).order_by(col(Party.name))))


def signing(version: Version, kind: SignatureKind = SignatureKind.SIGNED) -> SelectOfScalar[int]:
    """The ids of those that have answered it, or an earlier one that is signed as one with it, so."""
    return (
        select(Signature.party_id)
        .join(Version, col(Version.id) == Signature.version_id)
        .where(*signed_as_one(version), col(Version.minor) <= version.minor, Signature.kind == kind)
    )


def _parties_of_line(session: Session, version: Version, kind: SignatureKind) -> set[int]:
    return set(session.exec(signing(version, kind)))


def version_of(session: Session, review: Review) -> Version:
    """The version a review made or, while it is signed, the newest announced since that is signed as one with it;
    once adopted, that one."""
    made = session.exec(select(Version).where(Version.review_id == review.id)).one()
    if review.stage is Stage.ADOPTED:
        label = _adopted_label(session, review)
        of_label = select(Version).where(Version.protocol_id == made.protocol_id, Version.label == label)
        return session.exec(of_label).one()
    return session.exec(select(Version).where(*signed_as_one(made)).order_by(col(Version.minor).desc())).first() or made


def _adopted_label(session: Session, review: Review) -> str:
    statement = select(History.details).where(History.case == review.case, History.moved_to == Stage.ADOPTED.value)
    return str(session.exec(statement).one()["version"])


def signing_duties(session: Session, version: Version, party: Party) -> list[Obligation]:
    """What a signature under this text ends: the party's duty to sign it, or a later one that is signed as one with it.

    A paper signed before the minor change that came during signing binds as it did in 2015.
    """
    later = select(Version).where(*signed_as_one(version), col(Version.minor) >= version.minor)
    subjects = [subject_of(each) for each in session.exec(later)]
    statement = _still_owed(version).where(Obligation.party_id == party.id, col(Obligation.subject).in_(subjects))
    return list(session.exec(statement))


def hold_signing(session: Session, version: Version, party: Party) -> str:
    """The case in which the party was asked to sign, held; the protocol's own for a signature that comes unasked.

    The protocol comes first: a version that is announced meanwhile moves the party's duty on.
    """
    protocol_locked(session, session.get_one(Protocol, version.protocol_id))
    asked = _duties(version).where(Obligation.party_id == party.id, Obligation.subject == subject_of(version))
    duty = session.exec(asked.order_by(col(Obligation.id).desc())).first()
    case = duty.case if duty else f"protocol:{session.get_one(Protocol, version.protocol_id).slug}"
    history.hold(session, case)
    return case


def hold_what_is_signed(session: Session, protocol: Protocol, review: Review) -> None:
    """A review that may end holds, beside itself, every case in which a signature is owed, or will be by newcomers."""
    protocol_locked(session, protocol)
    asked = select(Obligation.case).where(
        Obligation.protocol_id == protocol.id, Obligation.kind == ObligationKind.SIGNATURE,
        col(Obligation.outcome).is_(None),
    )  # fmt: skip
    signed = (each.case for each in reviews_at(session, protocol, Stage.SIGNING))
    hold_cases(session, [f"protocol:{protocol.slug}", review.case, *signed, *session.exec(asked)])


def version_to_adopt(session: Session, protocol: Protocol) -> tuple[Version | None, str]:
    """What somebody who comes new is asked to adopt, and in which case: what is being signed, or what is in force."""
    review = review_in(session, protocol, Stage.SIGNING)
    if review is not None:
        return version_of(session, review), review.case
    return current_version(session, protocol), f"protocol:{protocol.slug}"


def taken_place_of(session: Session, version: Version) -> Version | None:
    """The version that is signed instead of this one: a major one made later, or a minor one that is itself signed."""
    after = _made_after(version).where(_was_opened(Version))
    return session.exec(after.order_by(col(Version.id)).limit(1)).first()


def another_made_since(session: Session, version: Version) -> bool:
    """Whichever number it bears: it may have been made from the text in force, while nobody waited for this one."""
    return session.exec(_made_after(version).limit(1)).first() is not None


def _made_after(version: Version) -> SelectOfScalar[Version]:
    return select(Version).where(
        Version.protocol_id == version.protocol_id, col(Version.review_id).is_not(None),
        col(Version.id) > version.id,
    )  # fmt: skip


def is_waited_for(session: Session, version: Version) -> bool:
    """It is being signed, or somebody still owes a signature: to it, or to one that is signed as one with it. Not where
    a later one has taken its place: it can come into force no more, whatever became of that."""
    if taken_place_of(session, version) is not None:
        return False
    as_one = session.exec(select(Version).where(*signed_as_one(version))).all()
    reviews = [each.review_id for each in as_one if each.review_id is not None]
    signing = select(Review.id).where(col(Review.id).in_(reviews), Review.stage == Stage.SIGNING)
    owed_to = _duties(version).where(
        col(Obligation.subject).in_([subject_of(each) for each in as_one]), col(Obligation.outcome).is_(None)
    )
    return session.exec(signing.limit(1)).first() is not None or session.exec(owed_to.limit(1)).first() is not None


def carried_by(session: Session, review: Review) -> set[int]:
    """Parties that have signed what a review made. None where a later version has taken its place: then that is the
    one that is adopted."""
    version = version_of(session, review)
    return set() if taken_place_of(session, version) is not None else signers_of(session, version)


def look_whether_anybody_signed(session: Session, now: datetime, protocol: Protocol, case: str) -> None:
    """Where nobody owes a signature any more and nobody has given one, a person says how the review ends."""
    review = review_of(session, case)
    if review is None or review.stage is not Stage.SIGNING or owed(session, case, ObligationKind.SIGNATURE):
        return
    version = version_of(session, review)
    later = taken_place_of(session, version)
    if later is None and signers_of(session, version):
        return
    happened = f"Version {later.label} has taken the place of" if later else "Nobody has signed"
    todo = f"End it with a reason: `concordat review adopt {review.id} --because WHY`."
    open_matter(
        session, now, protocol, MatterKind.CASE_STUCK, unsigned_key(review),
        f"{happened} version {version.label}, and nobody owes a signature to it any more: the clock does not adopt it.",
        todo if later else f"Telephone the parties: a party may still sign. {todo}",
    )  # fmt: skip


def unsigned_key(review: Review) -> str:
    """The matter of a version that nobody adopts."""
    return f"nobody-signed:{review.case}"


def outstanding_before(session: Session, version: Version) -> list[tuple[Obligation, Version]]:
    """Signatures still owed to a text that this one takes the place of, locked."""
    versions = session.exec(select(Version).where(Version.protocol_id == version.protocol_id)).all()
    older = {
        subject_of(each): each for each in versions if (each.major, each.minor) < (version.major, version.minor)
    }  # fmt: skip
    duties = session.exec(_still_owed(version).where(col(Obligation.subject).in_(list(older))))
    return [(duty, older[duty.subject or ""]) for duty in duties]


def _duties(version: Version) -> SelectOfScalar[Obligation]:
    return select(Obligation).where(
        Obligation.protocol_id == version.protocol_id, Obligation.kind == ObligationKind.SIGNATURE
    )


def _still_owed(version: Version) -> SelectOfScalar[Obligation]:
    """As they are now, locked."""
    statement = _duties(version).where(col(Obligation.outcome).is_(None)).order_by(col(Obligation.id))
    return statement.with_for_update().execution_options(populate_existing=True)
