"""Versions of the text: read, compared, and made from what was accepted."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import String
from sqlmodel import Session, cast, col, literal, select

from actions.cast import NotThere, known_id
from actions.clauses import current_version
from actions.policy import in_force_while_signing, today_of
from actions.signatures import is_waited_for
from models.history import History
from models.protocol import Clause, Protocol, Version, VersionClause
from models.review import ACCEPTED, Decision, Magnitude, Proposal, Review
from rules.errors import Refused
from rules.review import Stage
from rules.sentences import written_day
from rules.texts import shown
from rules.versions import Change, VersionNumber, changes, text_hash

Text = dict[str, tuple[str, str]]  # clause key to heading and words, in the protocol's order
MADE_FROM = "made_from"  # beside the version's label in its review's history


class NoDifference(Refused):
    def __init__(self, clause: str, accepted_in: Review | None = None) -> None:
        said = f"Clause {clause} reads exactly so already: there is nothing to accept."
        end = f" End the review: `concordat review cancel {accepted_in.id} --because TEXT`." if accepted_in else ""
        super().__init__(f"{said}{end}")


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


def base_version(session: Session, protocol: Protocol) -> Version | None:
    """What the next version is made from: the newest whose text is held, also while it is still being signed; not what
    was never in force, and nobody waits for any more, because everybody declined it."""
    newest_first = reversed(_with_text(session, known_id(protocol)))
    return next((version for version in newest_first if not came_to_nothing(session, version)), None)


def came_to_nothing(session: Session, version: Version) -> bool:
    was_made_here = version.review_id is not None
    return was_made_here and version.in_force_from is None and not is_waited_for(session, version)


def _with_text(session: Session, protocol_id: int) -> Sequence[Version]:
    """By number."""
    held = col(Version.id).in_(select(VersionClause.version_id))
    statement = select(Version).where(Version.protocol_id == protocol_id, held)
    return session.exec(statement.order_by(col(Version.major), col(Version.minor))).all()


def base_text(session: Session, protocol: Protocol) -> Text:
    """What the next version is made from."""
    return text_of(session, base_version(session, protocol))


def previous_version(session: Session, version: Version) -> Version | None:
    """The one this text was made from."""
    return next(iter(lineage(session, version)[1:]), None)


def lineage(session: Session, version: Version) -> list[Version]:
    """It, and the texts that it was made from, one from the other; the newest first."""
    known = {each.id: each for each in [*_with_text(session, version.protocol_id), version]}
    bases = bases_of(known.values(), said_bases(session, version.protocol_id))
    found, base = [version], bases[version.id]
    while base is not None:
        found.append(base)
        base = bases[base.id]
    return found


def bases_of(versions: Iterable[Version], said: Mapping[str, str]) -> dict[int | None, Version | None]:
    """What each of these was made from: what was `said` when it was made, else the newest of before it. The two differ
    where that one came to nothing."""
    by_number = sorted(versions, key=lambda version: (version.major, version.minor))
    by_label = {version.label: version for version in by_number}
    found: dict[int | None, Version | None] = {}
    for place, version in enumerate(by_number):
        base = by_label.get(said.get(version.label, ""))
        if base is None or known_id(base) >= known_id(version):  # no text comes from itself, whatever the rows say
            base = next((each for each in reversed(by_number[:place]) if _was_there(each, version)), None)
        found[version.id] = base
    return found


def _was_there(earlier: Version, version: Version) -> bool:
    """A lower number may have been given later: to a change of the text in force, once the other came to nothing."""
    return earlier.review_id is None or version.review_id is None or known_id(earlier) < known_id(version)


def said_bases(session: Session, protocol_id: int) -> dict[str, str]:
    """By version what it was made from, as history tells it of those made by this release or a later one."""
    case = literal("review:") + cast(col(Review.id), String)
    made = (
        select(History.details)
        .join(Review, col(History.case) == case)
        .where(Review.protocol_id == protocol_id, col(History.moved_to).in_((Stage.SIGNING, Stage.ADOPTED)))
    )
    return {details["version"]: details[MADE_FROM] for details in session.exec(made) if MADE_FROM in details}


def changes_of(session: Session, version: Version) -> tuple[Change, ...]:
    """What the version changed, clause by clause."""
    return changes(text_of(session, previous_version(session, version)), text_of(session, version))


def changes_to_sign(session: Session, version: Version) -> tuple[Change, ...]:
    """All that a signature brings: what differs from the newest text of the line before, minor changes included; and
    the changes of one that came to nothing, where it was made from that."""
    first = session.exec(
        select(Version)
        .where(Version.protocol_id == version.protocol_id, Version.major == version.major)
        .where(col(Version.review_id).is_not(None))
        .order_by(col(Version.minor))
    ).first()
    earlier = lineage(session, first or version)[1:]
    before = next((each for each in earlier if not came_to_nothing(session, each)), None)
    return changes(text_of(session, before), text_of(session, version))


def accepted_in(session: Session, review: Review) -> list[tuple[Proposal, Decision]]:
    statement = select(Proposal, Decision).join(Decision, col(Decision.proposal_id) == Proposal.id)
    statement = statement.where(Proposal.review_id == review.id, col(Decision.outcome).in_(ACCEPTED))
    return list(session.exec(statement.order_by(col(Decision.id))))


def is_major(session: Session, review: Review) -> bool:
    """One major change makes the version a major one."""
    return any(proposal.magnitude is Magnitude.MAJOR for proposal, _ in accepted_in(session, review))


def make_version(
    session: Session, now: datetime, protocol: Protocol, review: Review, base: Version | None, *, to_be_signed: bool
) -> Version:
    """The next version, from what the review accepted. It is in force from today, unless it has to be signed first:
    itself, or the text that it was made from. Raises NoDifference."""
    text = _accepted_text(session, base, review)
    number, today = _next_number(session, protocol, base, review), today_of(protocol, now)
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


def _accepted_text(session: Session, base: Version | None, review: Review) -> Text:
    text = text_of(session, base)
    for proposal, decision in accepted_in(session, review):
        clause = session.get_one(Clause, proposal.clause_id)
        (heading, words), wording = text.get(clause.key, (clause.key, "")), decision.wording or proposal.wording
        if words == wording:  # it differed from a text that was being signed when it was decided
            raise NoDifference(clause.key, review)
        text[clause.key] = (heading, wording)
    return text


def _next_number(session: Session, protocol: Protocol, base: Version | None, review: Review) -> VersionNumber:
    """After the text that it is made from; a number that is taken is passed over: by a draft of before Concordat, or by
    what came to nothing."""
    base = base or current_version(session, protocol)
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
