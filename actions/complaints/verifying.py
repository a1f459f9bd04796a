"""What must always be true of complaints: asked by `concordat verify`. Reads only.

A query for all complaints, never one for each. That something followed from every determination is the thread's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, col, func, or_, select

from actions.complaints.standing import nobody_corrected, standing_among
from actions.complaints.verifying_duties import (
    no_hop_has_stopped_the_clock,
    what_is_closed_owes_nothing,
    what_its_stage_brings_is_owed,
    what_waits_to_be_closed_is_determined,
    whoever_is_asked_again_owes_an_answer,
)
from actions.lifecycles import off_the_lifecycle
from models.complaint import (
    Complaint,
    ComplaintEffect,
    ComplaintNotice,
    ComplaintOutcome,
    Finding,
    NoticeKind,
    Referral,
)
from models.gap import GapOrigin
from models.history import History, Narrative
from rules.complaint import MOVES, STATUTORY, Stage, Step
from rules.determination import Answers, Effect, Question, Result, determine
from rules.errors import Refused
from rules.texts import folded

Broken = Iterator[str]

OF_COMPLAINTS = col(History.case).startswith("complaint:")
RECORDED = ("finding recorded", "finding corrected")


def every_complaint_took_a_path_of_the_lifecycle(session: Session, _now: datetime) -> Broken:
    stages = {complaint.case: complaint.stage for complaint in session.exec(select(Complaint))}
    yield from off_the_lifecycle(session, "complaint", MOVES, stages)


def what_is_closed_ended_then(session: Session, _now: datetime) -> Broken:
    """When history says that it was closed. Asking again moved its end once: what was written so is no fault."""
    ends: dict[str, list[datetime]] = defaultdict(list)
    moved = col(History.moved_to) == Stage.CLOSED.value, col(History.what) == Step.ASK_AGAIN.value
    for case, at, to in session.exec(
        select(History.case, History.at, History.moved_to).where(OF_COMPLAINTS, or_(*moved)).order_by(col(History.id))
    ):
        ends[case] = [at] if to else [*ends[case], at]
    for complaint in session.exec(select(Complaint)):
        if complaint.stage is Stage.CLOSED and complaint.ended_at not in ends[complaint.case]:
            yield f"{complaint.case}: ended at {complaint.ended_at}, and history says that it was closed otherwise"
        if complaint.stage is not Stage.CLOSED and complaint.ended_at is not None:
            yield f"{complaint.case}: is {complaint.stage}, and has an end"


def what_was_received_is_kept(session: Session, _now: datetime) -> Broken:
    """By its hash, which a purged text leaves; its first receipt, and when it was, are those of history."""
    told = {
        case: (details.get("told"), details.get("received_at"))
        for case, details in session.exec(
            select(History.case, History.details).where(OF_COMPLAINTS, History.what == "received")
        )
    }
    statement = select(Complaint, Narrative.sha256).join(Narrative, col(Narrative.id) == Complaint.what_id)
    for complaint, sha256 in session.exec(statement):
        if told.get(complaint.case) != (sha256, complaint.received_at.isoformat()):
            yield f"{complaint.case}: is not what was received, or not when"


def referrals_lead_to_whoever_answers(session: Session, _now: datetime) -> Broken:
    """From hand to hand; a party that left has handed over to the secretary."""
    hops: dict[int, list[Referral]] = defaultdict(list)
    for referral in session.exec(select(Referral).order_by(col(Referral.id))):
        hops[referral.complaint_id].append(referral)
    left = set(session.exec(select(History.case).where(OF_COMPLAINTS, History.what == "handed to the secretary")).all())
    for complaint in session.exec(select(Complaint)):
        at, passed = complaint.received_by_id, hops[complaint.id or 0]
        for hop in passed:
            if hop.from_id not in (at, None if complaint.case in left else at):
                yield f"{complaint.case}: was referred by party {hop.from_id}, while party {at} had it"
            at = hop.to_id
        if complaint.handler_id != at and not (complaint.handler_id is None and complaint.case in left):
            yield f"{complaint.case}: is answered by party {complaint.handler_id}, and was last referred to {at}"


def findings_are_what_the_table_makes_of_the_answers(session: Session, _now: datetime) -> Broken:
    for finding in session.exec(select(Finding)):
        try:
            found = determine(Answers(finding.covered, finding.followed, finding.clear, finding.harm))
        except Refused as refused:
            yield f"finding {finding.id}: {refused}"
            continue
        if (found.result, found.observation) != (finding.result, finding.observation):
            yield f"finding {finding.id}: is {finding.result}; by the table its answers are {found.result}"
        answered = {question.value for question in Question if getattr(finding, question.value) is not None}
        if set(finding.reasons) != answered:
            yield f"finding {finding.id}: not every answer has its reason"


def findings_are_what_history_says(session: Session, _now: datetime) -> Broken:
    """Each as it was made, corrected or not; and none is gone."""
    told = {
        details.get("finding"): (case, details.get("result"), details.get("answers"), details.get("version"))
        for case, details in session.exec(
            select(History.case, History.details).where(OF_COMPLAINTS, col(History.what).in_(RECORDED))
        )
    }
    kept = set()
    for finding in session.exec(select(Finding)):
        kept.add(finding.id)
        answers = {question.value: str(getattr(finding, question.value) or "not asked") for question in Question}
        said = (f"complaint:{finding.complaint_id}", finding.result.value, answers, finding.version_id)
        if told.get(finding.id) != said:
            yield f"finding {finding.id}: is not the one that was recorded"
    for number in told.keys() - kept:
        yield f"finding {number}: was recorded and is gone"


def one_finding_stands_for_each_issue(session: Session, _now: datetime) -> Broken:
    findings = {finding.id: finding for finding in session.exec(select(Finding))}
    for finding in findings.values():
        before = findings.get(finding.corrects_id)
        if before is not None and (before.complaint_id, before.issue) != (finding.complaint_id, finding.issue):
            yield f"finding {finding.id}: corrects one of another issue"
    standing = standing_among(findings.values())
    for (complaint, issue), count in Counter((each.complaint_id, each.issue) for each in standing).items():
        if count > 1:
            yield f"complaint:{complaint}: {count} findings stand for issue {issue}"
    rows = (
        select(Finding.complaint_id, Narrative.text)
        .join(Narrative, col(Narrative.id) == Finding.issue_id)
        .where(nobody_corrected())
    )
    said = Counter((complaint, folded(text)) for complaint, text in session.exec(rows) if text)
    for (complaint, _), count in said.items():
        if count > 1:
            yield f"complaint:{complaint}: {count} findings stand for one issue, by its words"


def what_is_determined_has_its_findings(session: Session, _now: datetime) -> Broken:
    results: dict[int, list[Result]] = defaultdict(list)
    for number, result in session.exec(select(Finding.complaint_id, Finding.result).where(nobody_corrected())):
        results[number].append(Result(result))
    for complaint in session.exec(select(Complaint)):
        answered = complaint.stage is Stage.CLOSED and complaint.outcome is ComplaintOutcome.ANSWERED
        if complaint.stage is not Stage.DETERMINED and not answered:
            continue
        found = results[complaint.id or 0]
        if not found or Result.UNDETERMINED in found:
            yield f"{complaint.case}: is {complaint.stage}, and not every issue is determined"


def effects_are_there(session: Session, _now: datetime) -> Broken:
    """A gap that came from a complaint knows it; an effect names what it brought."""
    origins = set(session.exec(select(GapOrigin.gap_id, GapOrigin.case)).all())
    named = {Effect.ACTION: "obligation_id", Effect.BREACH: "breach_id", Effect.GAP: "gap_id"}
    for effect in session.exec(select(ComplaintEffect)):
        if effect.effect in named and getattr(effect, named[effect.effect]) is None:
            yield f"effect {effect.id}: a {effect.effect} that is not there"
        if effect.gap_id and (effect.gap_id, f"complaint:{effect.complaint_id}") not in origins:
            yield f"gap {effect.gap_id}: does not know that it came from complaint {effect.complaint_id}"


def whoever_complained_was_told(session: Session, _now: datetime) -> Broken:
    """What the complaint says was told has its notice; of a person's that is closed as answered, the outcome was."""
    notices: dict[int, set[NoticeKind]] = defaultdict(set)
    for number, kind in session.exec(select(ComplaintNotice.complaint_id, ComplaintNotice.kind)):
        notices[number].add(NoticeKind(kind))
    determined: dict[int, datetime] = dict(
        session.exec(
            select(Finding.complaint_id, func.max(Finding.determined_at)).group_by(col(Finding.complaint_id))
        ).all()
    )
    for complaint in session.exec(select(Complaint)):
        last = determined.get(complaint.id or 0)
        if complaint.told_at and last and complaint.told_at < last:
            yield f"{complaint.case}: its outcome was told before it was determined"
        given = notices[complaint.id or 0]
        if complaint.acknowledged_at and given.isdisjoint({NoticeKind.ACKNOWLEDGEMENT, NoticeKind.OUTCOME}):
            yield f"{complaint.case}: is acknowledged, and nobody recorded how"
        if complaint.told_at and NoticeKind.OUTCOME not in given:
            yield f"{complaint.case}: its outcome was told, and nobody recorded how"
        answered = complaint.stage is Stage.CLOSED and complaint.outcome is ComplaintOutcome.ANSWERED
        if answered and complaint.kind in STATUTORY and not (complaint.told_at or complaint.untold_id):
            yield f"{complaint.case}: is closed, and whoever complained was not told"


INVARIANTS = (
    every_complaint_took_a_path_of_the_lifecycle,
    what_is_closed_ended_then,
    what_was_received_is_kept,
    referrals_lead_to_whoever_answers,
    no_hop_has_stopped_the_clock,
    what_its_stage_brings_is_owed,
    what_is_closed_owes_nothing,
    what_waits_to_be_closed_is_determined,
    whoever_is_asked_again_owes_an_answer,
    findings_are_what_the_table_makes_of_the_answers,
    findings_are_what_history_says,
    one_finding_stands_for_each_issue,
    what_is_determined_has_its_findings,
    effects_are_there,
    whoever_complained_was_told,
)
