"""The file's clauses, versions and register. What has been in force or signed is never changed by a file."""

from collections import Counter
from typing import Any

from sqlmodel import col, select

from actions.cast import known_id
from actions.load_report import FileContradictsStore, Loading
from actions.loading_vocabulary import load_vocabulary
from actions.signatures import signing_duties
from models.protocol import FROM_A_FILE, Clause, Party, Signature, SignatureKind, Version, VersionClause
from models.protocol_file import FileVersion
from models.protocol_file.shapes import SignatureEntry
from rules.sentences import written_day
from rules.versions import text_hash


class TextIsFixed(FileContradictsStore):
    def __init__(self, label: str, differing: str) -> None:
        super().__init__(
            f"The text of version {label} is fixed and cannot change ({differing}): "
            "propose the change in a review, which makes a new version."
        )


class VersionIsFixed(FileContradictsStore):
    def __init__(self, label: str) -> None:
        super().__init__(f"Version {label} is missing in the file: a version that has been is never removed.")


class VersionIsOlder(FileContradictsStore):
    def __init__(self, label: str, newer: str) -> None:
        super().__init__(f"Version {label} cannot become the current one: version {newer} is newer and has a text.")


class SignatureIsFixed(FileContradictsStore):
    def __init__(self, party: str, row: Signature) -> None:
        day = written_day(row.signed_on) if row.signed_on else "an unknown day"
        super().__init__(
            f"The register holds a signature of {party} ({row.position}, {day}) that the file does not: "
            "a dated signature is neither changed nor removed. New rows of a party come after its others."
        )


class SignatureIsOwed(FileContradictsStore):
    """Whoever is in the register would be asked to sign on, and the review would wait for them."""

    def __init__(self, party: Party, version: Version, owed: str) -> None:
        super().__init__(
            f"{party.name} has been asked here to sign version {owed}, and would go on being asked: record what it has "
            f"signed with `concordat version sign {version.label} {party.slug} --position POSITION --on DATE "
            '--on-behalf-because "signed on paper"`, and leave the row out of the register.'
        )


def load_clauses(loading: Loading) -> None:
    """A clause's identity, and its vocabulary; its words belong to a version."""
    known = {clause.key: clause for clause in _clauses(loading)}
    reworded = load_vocabulary(loading, known)
    same = 0
    for position, entry in enumerate(loading.file.clauses, 1):
        values: dict[str, Any] = {"section": entry.section, "position": position}
        if entry.id not in known:
            values["vocabulary"] = list(entry.vocabulary)
            loading.session.add(Clause(protocol_id=known_id(loading.protocol), key=entry.id, **values))
            if not loading.first:
                loading.create(f"Clause {entry.id} is new.", "clause added by file", clause=entry.id)
        elif changed := loading.update(known[entry.id], values):
            sentence = f"Clause {entry.id} stands elsewhere."
            loading.change(sentence, "clause moved by file", clause=entry.id, changed=changed)
        else:
            same += entry.id not in reworded
    loading.same(same, "clause")
    loading.session.flush()


def _clauses(loading: Loading) -> list[Clause]:
    return list(loading.session.exec(select(Clause).where(Clause.protocol_id == loading.protocol.id)))


def load_versions(loading: Loading) -> None:
    """The revision history; the current version with its text and hash, the older ones without."""
    known = _by_number(loading)
    stated_numbers = {(stated.major, stated.minor) for stated in loading.file.versions}
    for number, version in known.items():
        if number not in stated_numbers and version.review_id is None:
            raise VersionIsFixed(version.label)
    same = 0
    for stated in loading.file.versions:
        row = known.get((stated.major, stated.minor))
        if row is None:
            row = _create_version(loading, stated)
        else:
            same += not _update_version(loading, row, stated)
        if stated.current:
            _fix_text(loading, row)
    loading.same(same, "version")
    loading.session.flush()


def _versions(loading: Loading) -> list[Version]:
    statement = select(Version).where(Version.protocol_id == loading.protocol.id).order_by(col(Version.id))
    return list(loading.session.exec(statement))


def _by_number(loading: Loading) -> dict[tuple[int, int], Version]:
    """`5` and `5.0` are one version, as within a file. Where an earlier release made two of them, the first counts."""
    return {(version.major, version.minor): version for version in reversed(_versions(loading))}


def _dates(stated: FileVersion) -> dict[str, object]:
    return {
        "dated_from": stated.dated.first,
        "dated_to": stated.dated.last,
        "dated_words": stated.dated.words,
        "note": stated.note,
        "in_force_from": None if stated.draft else stated.dated.first,
    }


def _create_version(loading: Loading, stated: FileVersion) -> Version:
    row = Version.model_validate(
        {"protocol_id": loading.protocol.id, "label": stated.label, "major": stated.major, "minor": stated.minor}
        | _dates(stated)
    )
    loading.session.add(row)
    loading.session.flush()
    if not loading.first:
        loading.create(f"Version {stated.label} is new.", "version added by file", version=stated.label)
    return row


def _update_version(loading: Loading, row: Version, stated: FileVersion) -> bool:
    """True when something differed. A version made here comes into force when it is announced or adopted here."""
    if row.review_id is not None:
        differs = any(getattr(row, name) != value for name, value in _dates(stated).items())
        if differs:
            loading.keep(
                f"Version {row.label} was made by review {row.review_id}: its dates and its note here are kept."
            )
        return differs
    changed = loading.update(row, _dates(stated))
    if changed:
        sentence = f"Version {row.label}: {', '.join(changed)} corrected."
        loading.change(sentence, "version corrected by file", version=row.label, changed=changed)
    return bool(changed)


def _fix_text(loading: Loading, row: Version) -> None:
    """Give the current version the file's text, once; from then on it must be the same."""
    text = {entry.id: (entry.heading, entry.meaning) for entry in loading.file.clauses}
    sha256 = text_hash(row.label, text)
    if row.sha256 == sha256:
        return
    if row.sha256 is not None:
        raise TextIsFixed(row.label, _difference(loading, row, text))
    newer = [v for v in _versions(loading) if v.sha256 and (v.major, v.minor) > (row.major, row.minor)]
    if newer:
        raise VersionIsOlder(row.label, max(newer, key=lambda v: (v.major, v.minor)).label)
    for clause in _clauses(loading):
        if clause.key in text:
            heading, words = text[clause.key]
            of = {"version_id": known_id(row), "clause_id": known_id(clause)}
            loading.session.add(VersionClause(**of, heading=heading, text=words))
    row.sha256 = sha256
    loading.session.add(row)


def _difference(loading: Loading, row: Version, text: dict[str, tuple[str, str]]) -> str:
    stored = loading.session.exec(
        select(Clause.key, VersionClause.heading, VersionClause.text)
        .join(VersionClause, col(VersionClause.clause_id) == Clause.id)
        .where(VersionClause.version_id == row.id)
    ).all()
    before = {key: (heading, words) for key, heading, words in stored}
    differing = [key for key in sorted({*before, *text}) if before.get(key) != text.get(key)]
    more = f" and {len(differing) - 3} more" if len(differing) > 3 else ""
    return f"clause {', '.join(differing[:3])}{more}"


def load_signatures(loading: Loading) -> None:
    """Rows of one party are told apart by their order in the file."""
    parties = {party.slug: party for party in _parties(loading)}
    numbers = _by_number(loading)
    versions = {stated.label: numbers[stated.major, stated.minor] for stated in loading.file.versions}
    known = {row.key: row for row in _register(loading)}
    counted: Counter[str] = Counter()
    same = 0
    for entry in loading.file.signatures:
        counted[entry.party] += 1
        key = f"{_register_key(loading)}{entry.party}:{counted[entry.party]}"
        same += not _load_signature(loading, known.pop(key, None), key, parties[entry.party], versions, entry)
    loading.same(same, "signature row")
    for row in known.values():
        _remove_signature(loading, row)
    loading.session.flush()


def _register_key(loading: Loading) -> str:
    return f"{FROM_A_FILE}{loading.protocol.slug}:"


def _register(loading: Loading) -> list[Signature]:
    statement = select(Signature).where(col(Signature.key).startswith(_register_key(loading), autoescape=True))
    return list(loading.session.exec(statement))


def _parties(loading: Loading) -> list[Party]:
    return list(loading.session.exec(select(Party).where(Party.protocol_id == loading.protocol.id)))


def _load_signature(
    loading: Loading, row: Signature | None, key: str, party: Party, versions: dict[str, Version], entry: SignatureEntry
) -> bool:
    """True when something differed. Raises SignatureIsFixed, SignatureIsOwed."""
    version = versions[entry.version]
    values: dict[str, Any] = {
        "version_id": known_id(version),
        "kind": SignatureKind.SIGNED if entry.signed_on else SignatureKind.UNDATED,
        "position": entry.position,
        "signed_on": entry.signed_on.day if entry.signed_on else None,
        "note": entry.note or "",
    }
    hashed = {"version_sha256": version.sha256} if entry.signed_on else {}
    when = written_day(entry.signed_on.first) if entry.signed_on else "no day"
    is_new = entry.signed_on is not None and (row is None or row.kind is not SignatureKind.SIGNED)
    if is_new and not loading.first and (owed := signing_duties(loading.session, version, party)):
        raise SignatureIsOwed(party, version, (owed[0].subject or "").removeprefix("version:"))
    if row is None:
        told = {"party_id": known_id(party), "recorded_at": loading.now, "recorded_by": loading.by}
        loading.session.add(Signature.model_validate({"key": key} | told | values | hashed))
        if not loading.first:
            loading.create(f"{party.name} is in the register ({when}).", "register row added", party=party.slug)
        return True
    differs = any(getattr(row, name) != value for name, value in values.items() if name != "note")
    if differs and row.kind is SignatureKind.SIGNED:
        raise SignatureIsFixed(party.name, row)
    if row.kind is SignatureKind.SIGNED:  # dated before: it has the hash, or has never had one
        hashed = {}
    if changed := loading.update(row, values | hashed):
        sentence = f"The register's row of {party.name} changed ({when})."
        loading.change(sentence, "register row changed", party=party.slug, changed=changed)
    return bool(changed)


def _remove_signature(loading: Loading, row: Signature) -> None:
    party = loading.session.get_one(Party, row.party_id)
    if row.kind is SignatureKind.SIGNED:
        raise SignatureIsFixed(party.name, row)
    loading.session.delete(row)
    sentence = f"The row of {party.name}, which was never filled in, is no longer in the register."
    loading.change(sentence, "register row removed", party=party.slug)
