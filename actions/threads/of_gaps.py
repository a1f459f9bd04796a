"""Gaps in a thread, where they came from, which versions left them without an answer; and changes in the law."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from textwrap import shorten

from actions.cast import known_id
from actions.gaps.agenda import left_open
from actions.law.acts import part_of
from actions.threads.known import Known
from models.gap import Gap
from models.protocol import LegislationChange, Version
from rules.gap import Stage
from rules.sentences import listed, written_day
from rules.threads import Link, Node, NodeKind

LONGEST = 120  # characters of what a gap says


def of_gaps(known: Known) -> Iterator[Node | Link]:
    missed, through = _missed_by(known), _through(known)
    for gap in known.gaps:
        yield _gap(known, gap, missed[known_id(gap)])
        if clause := known.key_of(gap.clause_id):
            yield Link(f"clause:{clause}", gap.case, "left open")
    for origin in known.origins:
        if (origin.case, origin.gap_id) not in through:
            yield Link(origin.case, f"gap:{origin.gap_id}", "led to")


def of_legislation(known: Known) -> Iterator[Node | Link]:
    keys = {clause.key for clause in known.clauses.values()}
    for change in known.legislation:
        yield _with_its_marks(known, change, _legislation(known, change))
        for key in keys.intersection(change.clauses):
            yield Link(f"legislation:{change.id}", f"clause:{key}", "touches")


def _with_its_marks(known: Known, change: LegislationChange, node: Node) -> Node:
    """For which review it is a reason, what a person has settled, and which marks nobody has answered yet."""
    marks = [mark for mark in known.marks if mark.change == change.id]
    settled = [mark.clause for mark in marks if mark.version is None and mark.settled is not None]
    stand = [mark.clause for mark in marks if mark.stands]
    said = [node.words, f"a reason of review {change.review_id}" if change.review_id else "no review opened for it"]
    if settled:
        said.append(f"{_clauses(settled)} {'needs' if len(settled) == 1 else 'need'} no change, with a reason")
    note = f"{_clauses(stand)} {'is' if len(stand) == 1 else 'are'} marked, and no version since has answered"
    return replace(node, words="; ".join(said), note=note if stand else None)


def _clauses(keys: Sequence[str]) -> str:
    return f"clause{'s' if len(keys) > 1 else ''} {listed(keys)}"


def left_open_by(known: Known, version: Version) -> list[Gap]:
    """As `actions.gaps.agenda.unanswered_by`, for versions by the dozen."""
    answered = set[int]()
    earlier: Version | None = version
    while earlier is not None:
        answered |= known.accepted_answers[earlier.review_id]
        earlier = known.bases.get(earlier.id)
    return left_open(known.gaps, answered, known.moves, f"review:{version.review_id}")


def _through(known: Known) -> set[tuple[str, int]]:
    """Origins that are told by a finding's effect, or by a lesson."""
    by_finding = {(f"complaint:{each.complaint_id}", each.gap_id) for each in known.effects if each.gap_id is not None}
    return by_finding | {(f"breach:{each.breach_id}", each.gap_id) for each in known.lessons if each.gap_id is not None}


def _missed_by(known: Known) -> Mapping[int, Sequence[str]]:
    """By gap, the labels of the versions that left it open, in their order."""
    found: dict[int, list[str]] = defaultdict(list)
    for version in sorted(known.made_here.values(), key=lambda version: (version.major, version.minor)):
        for gap in left_open_by(known, version):
            found[known_id(gap)].append(version.label)
    return found


def _gap(known: Known, gap: Gap, missed: Sequence[str]) -> Node:
    about = f"clause {clause}: " if (clause := known.key_of(gap.clause_id)) else ""
    resolved = known.versions.get(gap.resolved_in_id)
    state = f"resolved in version {resolved.label}" if resolved else gap.stage.value
    notes = [f"not answered by version{'s' if len(missed) > 1 else ''} {listed(missed)}"] if missed else []
    if gap.stage is Stage.OPEN:
        notes.append("no proposal answers it")
    return Node(
        gap.case, NodeKind.GAP, f"{about}{shorten(gap.words, LONGEST, placeholder='…')}",
        at=known.day(gap.opened_at), state=f"{state}, urgent" if gap.urgent else state, note="; ".join(notes) or None,
    )  # fmt: skip


def _legislation(known: Known, change: LegislationChange) -> Node:
    """As of no day in particular: a thread is read whenever somebody reads it."""
    return Node(
        f"legislation:{change.id}", NodeKind.LEGISLATION, part_of(change.act, change.section), at=change.in_force_from,
        state="withdrawn" if change.id in known.withdrawn else f"in force from {written_day(change.in_force_from)}",
    )  # fmt: skip
