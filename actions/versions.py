"""Versions of the text: read, compared, and made from what was accepted."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, and_, col, or_, select

from actions.cast import NotThere, known_id
from actions.clauses import current_version
from actions.policy import in_force_while_signing, today_of
from models.protocol import Clause, Protocol, Version, VersionClause
from models.review import ACCEPTED, Decision, Magnitude, Proposal, Review
from rules.review import Stage
from rules.sentences import written_day
from rules.texts import shown
from rules.versions import Change, VersionNumber, changes, text_hash

Text = dict[str, tuple[str, str]]  # clause key to heading and words, in the protocol's order


def version_named(session: Session, protocol: Protocol, label: str) -> Version:
    found = session.exec(select(Version).where(Version.protocol_id == protocol.id, Version.label == label)).first()
    if found is None:
        raise NotThere(f"{protocol.slug} has no version {shown(label)}.")
    return found


def text_of(session: Session, version: Version | None) -> Text:
    """Empty where the text is not held: versions of before Concordat."""
    rows = session.exec(
        select(Clause.key, VersionClause.heading, VersionClause.text)
        .join(VersionClause, col(VersionClause.clause_id) == Clause.id)
        .where(VersionClause.version_id == (version.id if version else None))
        .order_by(col(Clause.position))
    ).all()
    return {key: (heading, text) for key, heading, text in rows}


def base_version(session: Session, protocol: Protocol, before: Version | None = None) -> Version | None:
    """The newest version whose text is held (before that one, if given), also while it is still being signed."""
    statement = select(Version).where(
        Version.protocol_id == protocol.id, col(Version.id).in_(select(VersionClause.version_id))
    )
    if before is not None:
        same_line = and_(Version.major == before.major, Version.minor < before.minor)
        statement = statement.where(or_(Version.major < before.major, same_line))
    return session.exec(statement.order_by(col(Version.major).desc(), col(Version.minor).desc())).first()


def base_text(session: Session, protocol: Protocol) -> Text:
    """What the next version is made from."""
    return text_of(session, base_version(session, protocol))


def previous_version(session: Session, version: Version) -> Version | None:
    """The one this text was made from: the newest before it that has a text."""
    return base_version(session, session.get_one(Protocol, version.protocol_id), before=version)


def changes_of(session: Session, version: Version) -> tuple[Change, ...]:
    """What the version changed, clause by clause."""
    return changes(text_of(session, previous_version(session, version)), text_of(session, version))


def changes_to_sign(session: Session, version: Version) -> tuple[Change, ...]:
    """All that a signature brings: what differs from the newest text of the line before, minor changes included."""
    first = session.exec(
        select(Version)
        .where(Version.protocol_id == version.protocol_id, Version.major == version.major)
        .where(col(Version.review_id).is_not(None))
        .order_by(col(Version.minor))
    ).first()
    before = previous_version(session, first or version)
    return changes(text_of(session, before), text_of(session, version))


def accepted_in(session: Session, review: Review) -> list[tuple[Proposal, Decision]]:
    statement = select(Proposal, Decision).join(Decision, col(Decision.proposal_id) == Proposal.id)
    statement = statement.where(Proposal.review_id == review.id, col(Decision.outcome).in_(ACCEPTED))
    return list(session.exec(statement.order_by(col(Decision.id))))


def is_major(session: Session, review: Review) -> bool:
    """One major change makes the version a major one."""
    return any(proposal.magnitude is Magnitude.MAJOR for proposal, _ in accepted_in(session, review))


def make_version(session: Session, now: datetime, protocol: Protocol, review: Review, *, to_be_signed: bool) -> Version:
    """The next version, from what the review accepted. It is in force from today, unless it has to be signed first:
    itself, or the text that it was made from."""
    text = _accepted_text(session, protocol, review)
    number, today = _next_number(session, protocol, review), today_of(protocol, now)
    waits = not in_force_while_signing(protocol) if to_be_signed else _line_waits(session, protocol, number)
    version = Version(
        protocol_id=known_id(protocol), label=str(number), major=number.major, minor=number.minor,
        dated_from=today, dated_to=today, dated_words=written_day(today), note=f"From review {review.id}.",
        sha256=text_hash(str(number), text), review_id=review.id, in_force_from=None if waits else today,
    )  # fmt: skip
    session.add(version)
    session.flush()
    _keep_text(session, protocol, version, text)
    return version


def _line_waits(session: Session, protocol: Protocol, number: VersionNumber) -> bool:
    """The text that a minor version changes is being signed, and is not in force before that."""
    statement = (
        select(Version.id)
        .join(Review, col(Review.id) == Version.review_id)
        .where(Version.protocol_id == protocol.id, Version.major == number.major, Review.stage == Stage.SIGNING)
        .where(col(Version.in_force_from).is_(None))
    )
    return session.exec(statement).first() is not None


def _accepted_text(session: Session, protocol: Protocol, review: Review) -> Text:
    text = base_text(session, protocol)
    for proposal, decision in accepted_in(session, review):
        clause = session.get_one(Clause, proposal.clause_id)
        heading = text.get(clause.key, (clause.key, ""))[0]
        text[clause.key] = (heading, decision.wording or proposal.wording)
    return text


def _next_number(session: Session, protocol: Protocol, review: Review) -> VersionNumber:
    """After the newest text; a number that a draft of before Concordat bears is passed over."""
    base = base_version(session, protocol) or current_version(session, protocol)
    major = is_major(session, review)
    taken = set(session.exec(select(Version.major, Version.minor).where(Version.protocol_id == protocol.id)).all())
    number = VersionNumber(base.major, base.minor).next(major=major) if base else VersionNumber(1, 0)
    while (number.major, number.minor) in taken:
        number = number.next(major=major)
    return number


def _keep_text(session: Session, protocol: Protocol, version: Version, text: Mapping[str, tuple[str, str]]) -> None:
    clauses = session.exec(select(Clause).where(Clause.protocol_id == protocol.id)).all()
    for clause in clauses:
        if clause.key in text:
            heading, words = text[clause.key]
            session.add(
                VersionClause(version_id=known_id(version), clause_id=known_id(clause), heading=heading, text=words)
            )
    session.flush()
