"""What must always be true of gaps: asked by `concordat verify`. Reads only.

A query for all gaps, never one for each.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from actions.gaps.naming import NAMED, proposals_answering
from actions.gaps.waiting_again import answered_by_nothing
from actions.lifecycles import off_the_lifecycle
from models.gap import Gap, GapOrigin, ProposalAnswer
from models.history import History, sha256_of
from models.protocol import Clause, Party, Version
from models.review import ACCEPTED, Decision, Proposal
from rules.gap import FIRST, MOVES, Stage, Step

Broken = Iterator[str]

OF_GAPS = col(History.case).startswith("gap:")
NAMES_ANSWERS = ("answers named", "answers carried over")  # history rows of a review that say what a proposal answers


def every_gap_took_a_path_of_the_lifecycle(session: Session, _now: datetime) -> Broken:
    stages = {gap.case: gap.stage for gap in session.exec(select(Gap))}
    gone = yield from off_the_lifecycle(session, "gap", MOVES, stages, FIRST)
    for case in sorted(gone):
        yield f"{case}: has a history, and is gone"


def gaps_are_what_history_says(session: Session, _now: datetime) -> Broken:
    """Words, clause, urgency, owner, origins, reason and version: each stands in the chain. Words that retention has
    emptied are compared no more."""
    clauses = dict(session.exec(select(Clause.id, Clause.key)).all())
    owners = dict(session.exec(select(Party.id, Party.slug)).all())
    versions = dict(session.exec(select(Version.id, Version.label)).all())
    origins: dict[int, set[str]] = defaultdict(set)
    for gap_id, case in session.exec(select(GapOrigin.gap_id, GapOrigin.case)):
        origins[gap_id].add(case)
    told = _told(session)
    for gap in session.exec(select(Gap)):
        is_so = {
            "words_sha256": sha256_of(gap.words), "clause": clauses.get(gap.clause_id), "urgent": gap.urgent,
            "owner": owners.get(gap.owner_id), "origins": origins[gap.id or 0],
            "version": versions.get(gap.resolved_in_id),
            "reason": sha256_of(gap.closed_because) if gap.closed_because is not None else None,
        }  # fmt: skip
        for what, value in is_so.items():
            if gap.case in told and value != EMPTIED and told[gap.case][what] != value:
                yield f"{gap.case}: its {NAMES.get(what, what)} is not what history says"


EMPTIED = sha256_of("")
NAMES = {"words_sha256": "text", "urgent": "urgency", "origins": "list of origins"}


def _told(session: Session) -> dict[str, dict[str, Any]]:
    """By case what its chain says of it, to its end."""
    told: dict[str, dict[str, Any]] = {}
    for row in session.exec(select(History).where(OF_GAPS).order_by(col(History.case), col(History.seq))):
        said = told.setdefault(
            row.case,
            {"words_sha256": None, "clause": None, "urgent": False, "owner": None, "origins": set(), "version": None,
             "reason": None},
        )  # fmt: skip
        details = row.details
        said |= {name: details[name] for name in ("words_sha256", "clause", "owner") if name in details}
        said["origins"] |= {*details.get("origins", ()), *([details["origin"]] if "origin" in details else [])}
        said["urgent"] = said["urgent"] or bool(details.get("urgent")) or row.what == "marked urgent"
        if row.moved_to is not None:
            said["version"] = details.get("version") if row.what == Step.RESOLVE else None
            said["reason"] = row.why_sha256 if row.what == Step.CLOSE else None
    return told


def a_resolved_gap_was_answered_in_its_version(session: Session, _now: datetime) -> Broken:
    """An accepted proposal of its review answers it; or of an earlier one of its line, where a minor version came
    while it was signed: that has the wording too, and is what was adopted."""
    accepted = (
        select(ProposalAnswer.gap_id, Version.major, Version.minor)
        .join(NAMED, col(NAMED.id) == ProposalAnswer.proposal_id)
        .join(Proposal, col(Proposal.id) == func.coalesce(col(NAMED.merged_into_id), col(NAMED.id)))
        .join(Decision, col(Decision.proposal_id) == Proposal.id)
        .join(Version, col(Version.review_id) == Proposal.review_id)
        .where(col(Decision.outcome).in_(ACCEPTED))
    )
    first: dict[tuple[int | None, int], int] = {}  # by gap and line the first minor number that answers it
    for gap_id, major, minor in session.exec(accepted):
        first[gap_id, major] = min(minor, first.get((gap_id, major), minor))
    versions = {version.id: version for version in session.exec(select(Version))}
    for gap in session.exec(select(Gap).where(Gap.stage == Stage.RESOLVED)):
        version = versions.get(gap.resolved_in_id)
        if version is None:
            yield f"{gap.case}: is resolved, in no version"
        elif first.get((gap.id, version.major), version.minor + 1) > version.minor:
            yield f"{gap.case}: is resolved in version {version.label}, whose review accepted nothing that answers it"


def a_resolved_gap_is_answered_by_what_counts(session: Session, _now: datetime) -> Broken:
    """A text that came to nothing answers nothing, unless one that counts was made from it."""
    for gap, version in answered_by_nothing(session):
        yield f"{gap.case}: is resolved in version {version.label}, which never came into force"


def a_proposed_gap_has_its_proposal(session: Session, _now: datetime) -> Broken:
    """On the table of a review that goes on; and a gap that has one is not open."""
    stages = dict(session.exec(select(Gap.id, Gap.stage).where(col(Gap.stage).in_((Stage.OPEN, Stage.PROPOSED)))).all())
    answering = proposals_answering(session, stages)
    for number, stage in stages.items():
        if stage is Stage.PROPOSED and number not in answering:
            yield f"gap:{number}: is proposed, and no proposal on any review's table answers it"
        if stage is Stage.OPEN and number in answering:
            yield f"gap:{number}: is open, and proposal {answering[number][0]} answers it"


def what_a_proposal_answers_is_what_history_says(session: Session, _now: datetime) -> Broken:
    told = {
        (row.details["proposal"], case)
        for row in session.exec(select(History).where(col(History.what).in_(NAMES_ANSWERS)))
        for case in row.details["answers"]
    }
    rows = session.exec(select(ProposalAnswer.proposal_id, ProposalAnswer.answers, ProposalAnswer.gap_id)).all()
    kept = {(proposal, case) for proposal, case, _ in rows}
    for proposal, case in sorted(told - kept):
        yield f"proposal {proposal}: that it answers {case} is gone"
    for proposal, case in sorted(kept - told):
        yield f"proposal {proposal}: nobody has said that it answers {case}"
    for proposal, case, gap_id in rows:
        if (gap_id is not None or case.startswith("gap:")) and case != f"gap:{gap_id}":
            yield f"proposal {proposal}: answers {case}, and names another gap"


def every_ended_gap_says_when(session: Session, _now: datetime) -> Broken:
    ended = col(Gap.stage).in_((Stage.RESOLVED, Stage.CLOSED))
    for gap in session.exec(select(Gap).where(ended != col(Gap.closed_at).is_not(None))):
        yield f"{gap.case}: is {gap.stage}, and the instant at which it ended does not agree"


INVARIANTS = (
    every_gap_took_a_path_of_the_lifecycle,
    gaps_are_what_history_says,
    a_resolved_gap_was_answered_in_its_version,
    a_resolved_gap_is_answered_by_what_counts,
    a_proposed_gap_has_its_proposal,
    what_a_proposal_answers_is_what_history_says,
    every_ended_gap_says_when,
)
