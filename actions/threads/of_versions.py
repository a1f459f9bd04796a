"""Clauses, what each version changed in them, and the signatures under a version."""

from collections.abc import Iterator, Sequence

from actions.signatures import subject_of
from actions.threads.known import Known
from models.obligation import Obligation, ObligationKind
from models.protocol import FROM_A_FILE, Signature, SignatureKind, Version
from models.review import ACCEPTED
from rules.sentences import written_day
from rules.threads import Link, Node, NodeKind
from rules.versions import Change

LEADING = 12  # characters of a hash, as the register shows it
SIGNED_HOW = {
    SignatureKind.SIGNED: "signed by", SignatureKind.DECLINED: "declined by", SignatureKind.UNDATED: "put to"
}  # fmt: skip


def of_versions(known: Known) -> Iterator[Node | Link]:
    yield from _clauses(known)
    decided = decisions_by_clause(known)
    for number, version in known.versions.items():
        yield _version(version, is_dead=number in known.never_in_force)
        for key, change in known.changes.get(number, {}).items():
            decisions = decided.get((version.review_id, key), ())
            yield from _change(version, change, decisions)
    labels = {subject_of(version): version for version in known.versions.values()}
    for signature in known.signatures:
        yield from _signature(known, known.versions[signature.version_id], signature)
    for duty in known.owed:
        if duty.kind is ObligationKind.SIGNATURE and duty.outcome is None and duty.subject in labels:
            yield from _owed_signature(known, labels[duty.subject], duty)


def decisions_by_clause(known: Known) -> dict[tuple[int | None, str], list[str]]:
    """The accepting decisions of each review on each clause."""
    found: dict[tuple[int | None, str], list[str]] = {}
    for proposal in known.proposals:
        decision = known.decisions.get(proposal.id or 0)
        if decision is not None and decision.outcome in ACCEPTED:
            of = proposal.review_id, known.key_of(proposal.clause_id)
            found.setdefault(of, []).append(f"decision:{decision.id}")
    return found


def _clauses(known: Known) -> Iterator[Node]:
    newest_last = sorted(known.versions.values(), key=lambda version: (version.major, version.minor))
    headings: dict[str, str] = {}
    for version in newest_last:
        headings |= {key: heading for key, (heading, _) in known.texts.get(version.id, {}).items()}
    for clause in known.clauses.values():
        yield Node(f"clause:{clause.key}", NodeKind.CLAUSE, headings.get(clause.key, "a clause without a text yet"))


def _version(version: Version, *, is_dead: bool) -> Node:
    held = f"SHA-256 {version.sha256[:LEADING]}" if version.sha256 else "of before Concordat, without a hash"
    note = "it has no hash" if version.review_id is not None and not version.sha256 else None
    state = "never in force, dated" if is_dead else _in_force(version)
    return Node(f"version:{version.label}", NodeKind.VERSION, held, at=version.dated_from, state=state, note=note)


def _in_force(version: Version) -> str:
    if version.in_force_from is None:
        return "not in force yet"
    since = version.in_force_from
    return "in force" if since == version.dated_from else f"in force from {written_day(since)}, dated"


def _change(version: Version, change: Change, decisions: Sequence[str]) -> Iterator[Node | Link]:
    ref = f"change:{version.label}/{change.clause}"
    state = "new" if not change.before else "removed" if not change.after else "changed"
    note = "no decision stands behind it" if version.review_id is not None and not decisions else None
    words = f"clause {change.clause} in version {version.label}"
    yield Node(ref, NodeKind.CHANGE, words, at=version.dated_from, state=state, note=note)
    yield Link(ref, f"version:{version.label}", "is in")
    yield Link(f"clause:{change.clause}", ref, "changed by")
    for decision in decisions:
        yield Link(decision, ref, "made")


def _signature(known: Known, version: Version, signature: Signature) -> Iterator[Node | Link]:
    ref, words = f"signature:{signature.id}", known.name_of(signature.party_id)
    if signature.position:
        words += f", {signature.position}"
    declined_on = known.day(signature.recorded_at) if signature.kind is SignatureKind.DECLINED else None
    yield Node(
        ref, NodeKind.SIGNATURE, words, at=signature.signed_on or declined_on, state=signature.kind.value,
        note=_note_on(version, signature),
    )  # fmt: skip
    yield Link(f"version:{version.label}", ref, SIGNED_HOW[signature.kind])


def _note_on(version: Version, signature: Signature) -> str | None:
    if signature.kind is SignatureKind.UNDATED:
        return "never dated"
    if signature.kind is SignatureKind.DECLINED or (version.sha256 is None and version.review_id is None):
        return None
    if signature.version_sha256 is None:
        return None if signature.key.startswith(FROM_A_FILE) else "signature lacks the hash"
    return None if signature.version_sha256 == version.sha256 else "signature names the hash of another text"


def _owed_signature(known: Known, version: Version, duty: Obligation) -> Iterator[Node | Link]:
    """A party may yet sign: until then its signature is a duty."""
    ref = f"obligation:{duty.id}"
    yield Node(
        ref, NodeKind.SIGNATURE, known.name_of(duty.party_id), at=duty.due_on, state="due",
        note="not signed yet",
    )  # fmt: skip
    yield Link(f"version:{version.label}", ref, "waits for")
