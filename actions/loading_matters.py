"""What the file shows that a person must look at: each becomes a line on the secretary's list, once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select

from actions.law.changing import MATTER
from actions.law.of_file import NO_DAY, recording
from actions.load_report import Loading
from actions.loading_successions import (
    SENTENCE,
    shortened,
    succession_key,
    succession_remarks,
    succession_source,
    succession_way,
)
from actions.matters import close_matter, open_matter, reopen_matter
from actions.policy import zone_of
from models.protocol import Matter, MatterKind, Party, Signature, SignatureKind
from models.protocol_file import KnownDate, Lineage, ProtocolFile
from models.protocol_file.shapes import LawChangeEntry
from rules.anchors import anniversary
from rules.instants import local_day
from rules.sentences import listed, written_day, written_month

BY_FILE = "no longer so in the protocol's file"  # a person's own words are others
FROM_FILE = (MatterKind.LEGISLATION, MatterKind.SUCCESSION, MatterKind.SIGNATURES_LACKING)
NAMED = 5  # bodies named one by one in a sentence


@dataclass(frozen=True)
class Seen:
    kind: MatterKind
    key: str
    sentence: str
    todo: str
    source: str


def load_matters(loading: Loading) -> None:
    """New ones are opened, open ones keep up with the file, and one that is in the file no more is closed until it is
    there again; what somebody has dealt with stays so."""
    seen = {matter.key: matter for matter in _seen(loading)}
    known = {matter.key.removeprefix(f"{loading.protocol.slug}:"): matter for matter in _stored(loading)}
    for key, matter in seen.items():
        if key in known:
            _update(loading, known[key], matter)
        else:
            open_matter(
                loading.session, loading.now, loading.protocol, matter.kind, key,
                matter.sentence, matter.todo, matter.source,
            )  # fmt: skip
            loading.create(matter.sentence, "matter opened by file", matter=key)
    for key, row in known.items():
        of_file = row.kind in FROM_FILE and not key.startswith(MATTER)
        if key not in seen and row.closed_at is None and of_file:
            close_matter(loading.session, loading.now, row, BY_FILE)
            loading.change(f"Off the list: {row.sentence}", "matter closed by file", matter=key)


def _stored(loading: Loading) -> list[Matter]:
    return list(loading.session.exec(select(Matter).where(col(Matter.protocol_id) == loading.protocol.id)))


def _update(loading: Loading, row: Matter, seen: Seen) -> None:
    said = {"sentence": seen.sentence, "todo": seen.todo, "source": seen.source}
    if row.closed_at is not None and row.outcome == BY_FILE:
        reopen_matter(loading.session, row)
        loading.update(row, said)
        loading.create(seen.sentence, "matter opened again by file", matter=seen.key)
    elif row.closed_at is None and loading.update(row, said):
        loading.change(seen.sentence, "matter changed by file", matter=seen.key)


def _seen(loading: Loading) -> Iterator[Seen]:
    yield from _overdue_review(loading)
    yield from _lacking_signatures(loading)
    yield from _law(loading.file)
    for lineage in loading.file.lineages():
        yield _succession(loading.file, lineage)


def _overdue_review(loading: Loading) -> Iterator[Seen]:
    """Where no day is known, nobody can count on; once a date is set, the calendar tells (protocol §14)."""
    policies = loading.file.identity.policies
    anchor = policies.review.anchor
    if loading.protocol.review_anchor is not None or anchor is None or policies.review.interval is None:
        return
    due = anniversary(anchor.last, policies.review_interval())
    if local_day(loading.now, zone_of(loading.protocol)) <= due:
        return
    current = loading.file.current_version.label
    yield Seen(
        MatterKind.REVIEW_OVERDUE,
        f"review-overdue:{anchor.text}",
        f"The review has been due since {_as_precise(anchor, due)}: version {current} is of {anchor.words}, and "
        f"the protocol is to be reviewed every {str(policies.review_interval()).removeprefix('one ')}.",
        "Correct the contacts first. Then set the date of the next review, or open one at once.",
        f"versions.yaml: version {current}",
    )


def _as_precise(known: KnownDate, due: date) -> str:
    """“October 2016” where only a month is known of the last review."""
    match known.text.split("/")[-1].count("-"):
        case 0:
            return str(due.year)
        case 1:
            return written_month(due)
        case _:
            return written_day(due)


def _lacking_signatures(loading: Loading) -> Iterator[Seen]:
    """Of those that are parties still, and have not signed here since."""
    of_protocol = select(Party.slug).where(Party.protocol_id == loading.protocol.id)
    left = of_protocol.where(col(Party.left_on).is_not(None))
    here = of_protocol.join(Signature, col(Signature.party_id) == Party.id).where(
        Signature.kind == SignatureKind.SIGNED
    )
    signed = {*loading.session.exec(left), *loading.session.exec(here)}  # the file's rows are in the store by now
    rows = {row.party for row in loading.file.signatures}
    lacking = [party for party in loading.file.parties if party.id not in signed]
    undated = [party.name for party in lacking if party.id in rows]
    absent = [party.name for party in lacking if party.id not in rows]
    if lacking:
        yield Seen(
            MatterKind.SIGNATURES_LACKING,
            "signatures-lacking",
            shortened(" ".join(_rows_undated(undated) + _rows_absent(absent)), SENTENCE),
            "Find out whether they signed, and complete the register; if not, the next version is theirs to sign.",
            "register.yaml",
        )


def _rows_undated(names: Sequence[str]) -> list[str]:
    match len(names):
        case 0:
            return []
        case 1:
            return [f"One row of the signature register is undated: {names[0]}."]
        case many:
            return [f"{many} rows of the signature register are undated: {_few(names)}."]


def _rows_absent(names: Sequence[str]) -> list[str]:
    match len(names):
        case 0:
            return []
        case 1:
            return [f"One member has no row in the signature register: {names[0]}."]
        case many:
            return [f"{many} members have no row in the signature register: {_few(names)}."]


def _few(names: Sequence[str]) -> str:
    return listed([*names[:NAMED], f"{len(names) - NAMED} more"] if len(names) > NAMED else names)


def _law(file: ProtocolFile) -> Iterator[Seen]:
    """An Act that has gone, a duty that has come."""
    resting = {entry.id: entry.clauses for entry in file.legislation}
    for change in file.law:
        clauses = change.clauses or resting[change.legislation]
        sentence = shortened(f"{change.sentence} {_bearing(clauses)}".strip(), SENTENCE)
        yield Seen(
            MatterKind.LEGISLATION, f"legislation:{change.id}", sentence, _to_record(file, change), change.source
        )  # fmt: skip


def _to_record(file: ProtocolFile, change: LawChangeEntry) -> str:
    """What the file says is to be done; and the command, whole, that marks the clauses and opens a review."""
    since = change.on.day.isoformat() if change.on.day else NO_DAY
    command = recording(
        file.identity.slug, change.legislation, change.act, change.section, since, change.clauses
    )  # fmt: skip
    marking = f" To mark its clauses and open a review: `{command}`."
    return f"{shortened(change.to_do, SENTENCE - len(marking))}{marking}" if len(marking) < 400 else change.to_do


def _bearing(clauses: Sequence[str]) -> str:
    match len(clauses):
        case 0:
            return ""
        case 1:
            return f"It bears on clause {clauses[0]}."
        case many if many <= NAMED:
            return f"It bears on clauses {listed(clauses)}."
        case many:
            return f"It bears on {many} clauses."


def _succession(file: ProtocolFile, lineage: Lineage) -> Seen:
    """The successor is asked to adopt; it never inherits a signature."""
    successor = file.name_of(lineage.steps[-1].to)
    sentence = f"{succession_way(file, lineage)} {succession_remarks(lineage)}".strip()
    check = "Check what is uncertain; then ask" if any(step.uncertain for step in lineage.steps) else "Ask"
    todo = f"{check} {successor} to adopt the protocol: it inherits no signature."
    if lineage.steps[-1].to in {party.id for party in file.parties}:
        todo = f"{successor} is a party and signs for itself: record the succession."
    return Seen(
        MatterKind.SUCCESSION,
        f"succession:{succession_key(lineage)}",
        shortened(sentence, SENTENCE),
        todo,
        succession_source(lineage),
    )
