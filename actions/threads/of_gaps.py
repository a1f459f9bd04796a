"""Gaps in a thread, where they came from, which versions left them without an answer; and changes in the law."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from textwrap import shorten

from actions.cast import known_id
from actions.threads.known import Known
from models.gap import Gap
from models.protocol import LegislationChange, Version
from models.review import DecisionOutcome
from rules.gap import Stage
from rules.sentences import listed
from rules.threads import Link, Node, NodeKind

LONGEST = 120  # characters of what a gap says


def of_gaps(known: Known) -> Iterator[Node | Link]:
    proposed, missed, through = _proposed(known), _missed_by(known), _through(known)
    for gap in known.gaps:
        yield _gap(known, gap, missed[known_id(gap)], proposed=gap.id in proposed)
        if clause := known.key_of(gap.clause_id):
            yield Link(f"clause:{clause}", gap.case, "left open")
        if gap.resolved_in_id is not None and gap.id not in proposed:
            yield Link(gap.case, _ref(known.versions[gap.resolved_in_id]), "resolved in")
    for origin in known.origins:
        if (origin.case, origin.gap_id) not in through:
            yield Link(origin.case, f"gap:{origin.gap_id}", "led to")


def of_legislation(known: Known) -> Iterator[Node | Link]:
    keys = {clause.key for clause in known.clauses.values()}
    for change in known.legislation:
        yield _legislation(change)
        for key in keys.intersection(change.clauses):
            yield Link(f"legislation:{change.id}", f"clause:{key}", "touches")


def left_open_by(known: Known, version: Version) -> list[Gap]:
    """What waited for an answer on the day on which a version was made here, and is not answered by it or before it."""
    if version.review_id is None:
        return []
    return [
        gap
        for gap in known.gaps
        if known.day(gap.opened_at) < version.dated_from
        and not (gap.closed_at and gap.resolved_in_id is None and known.day(gap.closed_at) <= version.dated_from)
        and not (gap.resolved_in_id is not None and not _is_later(known.versions[gap.resolved_in_id], version))
    ]


def _is_later(version: Version, than: Version) -> bool:
    return (version.major, version.minor) > (than.major, than.minor)


def _ref(version: Version) -> str:
    return f"version:{version.label}"


def _proposed(known: Known) -> set[int]:
    """Gaps that a proposal answers, unless it came to nothing."""
    proposals = {known_id(proposal): proposal for proposal in known.proposals}
    found = set()
    for answer in known.answers:
        proposal = proposals[answer.proposal_id]
        proposal = proposals[proposal.merged_into_id] if proposal.merged_into_id is not None else proposal
        decision = known.decisions.get(known_id(proposal))
        rejected = decision is not None and decision.outcome is DecisionOutcome.REJECTED
        if answer.gap_id is not None and proposal.withdrawn_why is None and not rejected:
            found.add(answer.gap_id)
    return found


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


def _gap(known: Known, gap: Gap, missed: Sequence[str], *, proposed: bool) -> Node:
    about = f"clause {clause}: " if (clause := known.key_of(gap.clause_id)) else ""
    state = f"resolved in {_ref(known.versions[gap.resolved_in_id])}" if gap.resolved_in_id else gap.stage.value
    notes = [f"not answered by version{'s' if len(missed) > 1 else ''} {listed(missed)}"] if missed else []
    if gap.stage is Stage.OPEN and not proposed:
        notes.append("no proposal answers it")
    return Node(
        gap.case, NodeKind.GAP, f"{about}{shorten(gap.words, LONGEST, placeholder='…')}",
        at=known.day(gap.opened_at), state=f"{state}, urgent" if gap.urgent else state, note="; ".join(notes) or None,
    )  # fmt: skip


def _legislation(change: LegislationChange) -> Node:
    section = f", section {change.section}" if change.section else ""
    return Node(
        f"legislation:{change.id}", NodeKind.LEGISLATION, f"{change.act}{section}", at=change.in_force_from,
        state="in force",
    )  # fmt: skip
