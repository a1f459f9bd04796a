"""What must always be true of the thread from complaint to signature: asked by `concordat verify`. Reads only.

A few queries for all cases, never one for each.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlmodel import Session, col, or_, select

from actions.complaints.standing import standing_among
from actions.threads.known import grouped, texts_of
from actions.threads.of_complaints import standing_effects
from actions.versions import Text, bases_of, said_bases
from models.complaint import Complaint, ComplaintEffect, ComplaintOutcome, Finding
from models.protocol import FROM_A_FILE, Clause, Signature, SignatureKind, Version
from models.review import ACCEPTED, Decision, Proposal
from rules.complaint import Stage
from rules.determination import wanting
from rules.sentences import listed

Broken = Iterator[str]
Accepted = Mapping[int | None, list[tuple[int | None, str, str]]]


def accepted_proposals_are_a_difference(session: Session, _now: datetime) -> Broken:
    """No accepted proposal without its difference, once its review has made a version."""
    accepted = _accepted(session)
    for version, before, text in _made_here(session):
        if not accepted[version.review_id]:
            yield f"version {version.label}: made by review {version.review_id}, which accepted nothing"
        for number, key, wording in accepted[version.review_id]:
            if _words(text, key) != wording:
                yield f"version {version.label}: lacks the wording accepted with proposal {number}"
            elif _words(before, key) == wording:
                yield f"version {version.label}: proposal {number} was accepted, and clause {key} reads as before"


def differences_were_decided(session: Session, _now: datetime) -> Broken:
    """No difference without a decision: in a version made here, nothing differs but what its review accepted."""
    accepted = _accepted(session)
    for version, before, text in _made_here(session):
        decided = {key for _, key, _ in accepted[version.review_id]}
        for key in {**before, **text}:
            if key not in decided and before.get(key) != text.get(key):
                yield f"version {version.label}: clause {key} differs, and no decision of its review says so"


def versions_made_here_have_a_hash(session: Session, _now: datetime) -> Broken:
    statement = select(Version.label).where(col(Version.review_id).is_not(None), col(Version.sha256).is_(None))
    for label in session.exec(statement.order_by(col(Version.id))):
        yield f"version {label}: was made by a review, and has no hash to sign under"


def signatures_are_under_the_text_they_name(session: Session, _now: datetime) -> Broken:
    """No signature without a version's hash, and under no other; those of before Concordat had none, and the rows
    that a file stated had none in earlier releases."""
    lacks = col(Signature.version_sha256).is_(None) & ~col(Signature.key).startswith(FROM_A_FILE)
    statement = (
        select(Signature.key, Signature.version_sha256)
        .join(Version, col(Version.id) == Signature.version_id)
        .where(Signature.kind == SignatureKind.SIGNED)
        .where(or_(col(Version.sha256).is_not(None), col(Version.review_id).is_not(None)))
        .where(or_(lacks, col(Signature.version_sha256) != col(Version.sha256)))
    )
    for key, sha256 in session.exec(statement.order_by(col(Signature.id))):
        yield f"signature {key}: names {'another text than its version’s' if sha256 else 'no text'}"


def answered_complaints_have_their_effects(session: Session, _now: datetime) -> Broken:
    """No complaint was answered and closed without what follows from its findings, or “no change, because”."""
    closed = session.exec(
        select(Complaint.id).where(Complaint.stage == Stage.CLOSED, Complaint.outcome == ComplaintOutcome.ANSWERED)
    ).all()
    findings = session.exec(select(Finding).order_by(col(Finding.id))).all()
    followed = standing_effects(findings, session.exec(select(ComplaintEffect)).all())
    standing = grouped(standing_among(findings), lambda finding: finding.complaint_id)
    for number in closed:
        for finding in standing[number or 0]:
            effects = {effect.effect for effect in followed[finding.id or 0]}
            if lacking := wanting(finding.result, effects):
                what = listed([" or ".join(sorted(each)) for each in lacking])
                yield f"complaint:{number}: finding {finding.id} is {finding.result}, and lacks what follows ({what})"


def _accepted(session: Session) -> Accepted:
    """By review: the proposal, its clause's key, the wording that was accepted."""
    rows = session.exec(
        select(Proposal, Decision, Clause.key)
        .join(Decision, col(Decision.proposal_id) == Proposal.id)
        .join(Clause, col(Clause.id) == Proposal.clause_id)
        .where(col(Decision.outcome).in_(ACCEPTED))
        .order_by(col(Decision.id))
    )
    found = defaultdict[int | None, list[tuple[int | None, str, str]]](list)
    for proposal, decision, key in rows:
        found[proposal.review_id].append((proposal.id, key, decision.wording or proposal.wording))
    return found


def _made_here(session: Session) -> Iterator[tuple[Version, Text, Text]]:
    """Each version that a review made, the text that it was made from and its own."""
    texts = texts_of(session)
    by_number = session.exec(select(Version).order_by(col(Version.major), col(Version.minor))).all()
    for protocol_id, versions in grouped(by_number, lambda version: version.protocol_id).items():
        made_here = [version for version in versions if version.review_id is not None]
        held = [version for version in versions if version.id in texts or version in made_here]
        bases = bases_of(held, said_bases(session, protocol_id))
        for version in made_here:
            base = bases[version.id]
            yield version, texts.get(base.id, {}) if base else {}, texts.get(version.id, {})


def _words(text: Text, key: str) -> str | None:
    return text[key][1] if key in text else None


INVARIANTS = (
    accepted_proposals_are_a_difference,
    differences_were_decided,
    versions_made_here_have_a_hash,
    signatures_are_under_the_text_they_name,
    answered_complaints_have_their_effects,
)
