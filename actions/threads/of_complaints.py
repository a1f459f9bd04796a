"""Complaints in a thread: each with what it was determined to be, and what followed. None of anybody's words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from actions.cast import known_id
from actions.threads.known import Known, grouped
from models.complaint import Complaint, ComplaintEffect, ComplaintOutcome, Covered, Finding, Recheck
from rules.complaint import Stage, said
from rules.determination import Effect, overall, wanting
from rules.sentences import listed
from rules.threads import Link, Node, NodeKind


def of_complaints(known: Known) -> Iterator[Node | Link]:
    standing, effects = standing_findings(known.findings), standing_effects(known.findings, known.effects)
    found = grouped(standing, lambda finding: finding.complaint_id)
    asked = grouped(known.rechecks, lambda recheck: recheck.complaint_id)
    complaints = {known_id(complaint): complaint for complaint in known.complaints}
    for number, complaint in complaints.items():
        yield _complaint(known, complaint, found[number], asked[number])
    for finding in standing:
        complaint, followed = complaints[finding.complaint_id], effects[known_id(finding)]
        yield _finding(known, complaint, finding, followed)
        yield from _links(known, complaint, finding, followed)


def standing_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Those that no other corrects."""
    found = list(findings)
    corrected = {finding.corrects_id for finding in found}
    return [finding for finding in found if finding.id not in corrected]


def standing_effects(
    findings: Sequence[Finding], effects: Iterable[ComplaintEffect]
) -> Mapping[int, Sequence[ComplaintEffect]]:
    """By the finding that stands now: what followed from its issue is not undone by a correction. Only that nothing
    changes was said of one finding (as `actions.complaints.standing`)."""
    issues = {known_id(finding): (finding.complaint_id, finding.issue) for finding in findings}
    standing = {issues[known_id(finding)]: known_id(finding) for finding in standing_findings(findings)}

    def stands_for(effect: ComplaintEffect) -> int:
        if effect.effect is Effect.NONE:
            return effect.finding_id
        return standing.get(issues[effect.finding_id], effect.finding_id)  # none stands: somebody has altered it

    return grouped((effect for effect in effects if effect.finding_id in issues), stands_for)


def _complaint(known: Known, complaint: Complaint, findings: Sequence[Finding], rechecks: Sequence[Recheck]) -> Node:
    result = overall([finding.result for finding in findings]).value if findings else ""
    ended = complaint.outcome.value if complaint.outcome not in (None, ComplaintOutcome.ANSWERED) else ""
    now_covered = [covers for recheck in rechecks if (covers := _covers(known, recheck))]
    state = ", ".join(part for part in (result, ended or complaint.stage.value, *now_covered) if part)
    return Node(
        complaint.case, NodeKind.COMPLAINT, said(complaint.kind, known.name_of(complaint.party_id)),
        at=known.day(complaint.received_at), state=state, note=_note_on(known, complaint, findings, rechecks),
    )  # fmt: skip


def _note_on(
    known: Known, complaint: Complaint, findings: Sequence[Finding], rechecks: Sequence[Recheck]
) -> str | None:
    if not findings and complaint.stage is not Stage.CLOSED:
        return "not determined yet"
    if not findings and complaint.outcome is ComplaintOutcome.ANSWERED:
        return "closed, and never determined"
    return "; ".join(note for recheck in rechecks if (note := _asked_again(known, recheck))) or None


def _covers(known: Known, recheck: Recheck) -> str | None:
    return f"version {known.versions[recheck.version_id].label} covers it" if recheck.answer is Covered.YES else None


def _asked_again(known: Known, recheck: Recheck) -> str | None:
    version = f"version {known.versions[recheck.version_id].label}"
    match recheck.answer:
        case Covered.YES:
            return None
        case Covered.PARTLY:
            return f"{version} would cover it only partly"
        case Covered.NO:
            return f"{version} would not cover it"
        case None:
            return f"nobody has said whether {version} would cover it"


def _finding(known: Known, complaint: Complaint, finding: Finding, effects: Sequence[ComplaintEffect]) -> Node:
    clause = known.key_of(finding.clause_id)
    version = known.versions.get(finding.version_id)
    about = f"of clause {clause}" if clause else "of no clause"
    under = f" in version {version.label}" if version else ""
    corrected = f", correcting finding {finding.corrects_id}" if finding.corrects_id is not None else ""
    nothing = [effect for effect in effects if effect.effect is Effect.NONE]
    return Node(
        f"finding:{finding.id}", NodeKind.DETERMINATION,
        f"{about}{under}, at {known.name_of(finding.party_id)}{corrected}", at=known.day(finding.determined_at),
        state=f"{finding.result}{'; no change, with a reason' if nothing else ''}",
        note=_note_on_finding(known, complaint, finding, effects),
    )  # fmt: skip


def _note_on_finding(
    known: Known, complaint: Complaint, finding: Finding, effects: Sequence[ComplaintEffect]
) -> str | None:
    reading = known.readings.get(known_id(finding))
    notes = ["the second reader does not agree"] if reading is not None and not reading.agrees else []
    open_still = complaint.outcome in (None, ComplaintOutcome.ANSWERED)
    if open_still and (lacking := wanting(finding.result, {effect.effect for effect in effects})):
        notes.append(f"no effect yet: {listed([_one_of(each) for each in lacking])} is to follow")
    return "; ".join(notes) or None


def _one_of(effects: Iterable[Effect]) -> str:
    words = {Effect.ACTION: "a local action", Effect.BREACH: "a breach", Effect.GAP: "a gap"}
    return " or ".join(sorted(words.get(effect, "“no change, because”") for effect in effects))


def _links(known: Known, complaint: Complaint, finding: Finding, effects: Sequence[ComplaintEffect]) -> Iterator[Link]:
    ref = f"finding:{finding.id}"
    yield Link(complaint.case, ref, "determined as")
    if clause := known.key_of(finding.clause_id):
        yield Link(f"clause:{clause}", ref, "applied in")
    for effect in effects:
        for kind, number in (
            ("obligation", effect.obligation_id),
            ("breach", effect.breach_id),
            ("gap", effect.gap_id),
        ):
            if number is not None:
                yield Link(ref, f"{kind}:{number}", "led to")
