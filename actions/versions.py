"""Versions of the text: read, compared, and made from what was accepted."""

from datetime import datetime

from sqlmodel import Session, col, select

from actions.cast import NotThere, known_id
from actions.clauses import current_version
from actions.policy import zone_of
from models.protocol import Clause, Protocol, Version, VersionClause
from models.review import Decision, DecisionOutcome, Magnitude, Proposal, Review
from rules.instants import local_day
from rules.sentences import written_day
from rules.versions import Change, VersionNumber, changes, text_hash

ACCEPTED = (DecisionOutcome.ACCEPTED, DecisionOutcome.ACCEPTED_WITH_CHANGES)


def version_named(session: Session, protocol: Protocol, label: str) -> Version:
    found = session.exec(select(Version).where(Version.protocol_id == protocol.id, Version.label == label)).first()
    if found is None:
        raise NotThere(f"{protocol.slug} has no version {label}.")
    return found


def text_of(session: Session, version: Version | None) -> dict[str, tuple[str, str]]:
    """Clause key to heading and words, in the protocol's order; empty where the text is not held."""
    rows = session.exec(
        select(Clause.key, VersionClause.heading, VersionClause.text)
        .join(VersionClause, col(VersionClause.clause_id) == Clause.id)
        .where(VersionClause.version_id == (version.id if version else None))
        .order_by(col(Clause.position))
    ).all()
    return {key: (heading, text) for key, heading, text in rows}


def previous_version(session: Session, version: Version) -> Version | None:
    """The one this text was made from: the newest before it that has a text."""
    statement = select(Version).where(Version.protocol_id == version.protocol_id, col(Version.sha256).is_not(None))
    earlier = [v for v in session.exec(statement) if (v.major, v.minor) < (version.major, version.minor)]
    return max(earlier, key=lambda v: (v.major, v.minor), default=None)


def changes_of(session: Session, version: Version) -> tuple[Change, ...]:
    """What the version changed, clause by clause."""
    return changes(text_of(session, previous_version(session, version)), text_of(session, version))


def accepted_in(session: Session, review: Review) -> list[tuple[Proposal, Decision]]:
    statement = select(Proposal, Decision).join(Decision, col(Decision.proposal_id) == Proposal.id)
    statement = statement.where(Proposal.review_id == review.id, col(Decision.outcome).in_(ACCEPTED))
    return list(session.exec(statement.order_by(col(Decision.id))))


def make_version(session: Session, now: datetime, protocol: Protocol, review: Review) -> tuple[Version, bool]:
    """The next version from what the review accepted, in force from today; and whether it is a major one."""
    accepted = accepted_in(session, review)
    major = any(proposal.magnitude is Magnitude.MAJOR for proposal, _ in accepted)
    base = current_version(session, protocol)
    number = VersionNumber(base.major, base.minor).next(major=major) if base else VersionNumber(1, 0)
    text = text_of(session, base)
    for proposal, decision in accepted:
        clause = session.get_one(Clause, proposal.clause_id)
        heading = text.get(clause.key, (clause.key, ""))[0]
        text[clause.key] = (heading, decision.wording or proposal.wording)
    today = local_day(now, zone_of(protocol))
    version = Version(
        protocol_id=known_id(protocol), label=str(number), major=number.major, minor=number.minor,
        dated_from=today, dated_to=today, dated_words=written_day(today), note=f"From review {review.id}.",
        sha256=text_hash(str(number), text), review_id=review.id, in_force_from=today,
    )  # fmt: skip
    session.add(version)
    session.flush()
    _keep_text(session, protocol, version, text)
    return version, major


def _keep_text(session: Session, protocol: Protocol, version: Version, text: dict[str, tuple[str, str]]) -> None:
    clauses = session.exec(select(Clause).where(Clause.protocol_id == protocol.id)).all()
    for clause in clauses:
        if clause.key in text:
            heading, words = text[clause.key]
            session.add(
                VersionClause(version_id=known_id(version), clause_id=known_id(clause), heading=heading, text=words)
            )
    session.flush()
