"""The numbers of the steering group's paper, group by group: complaints and what was determined of them.

Numbers, dates and names of bodies and clauses. Nothing that anybody wrote, and nobody's name.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.complaints.counting import Determination, Owed, Register
from models.complaint import Complaint, ComplaintOutcome
from models.history import History
from models.protocol import Version, VersionClause
from rules.complaint import STATUTORY, ComplaintKind, Stage, Step
from rules.determination import Result
from rules.signals import Span

SECRETARY = "the secretary"
FIRST = 3  # of the suggested clauses: as the hit rates are told


def received_numbers(register: Register, period: Span, months: Sequence[Span]) -> dict[str, Any]:
    """By the day each was recorded: what was received in one period and recorded in a later one stands in the paper of
    the later one, so that the papers add up to all complaints. `earlier`: of the total, received before the period."""
    came = [each for each in register.complaints.values() if register.day(each.recorded_at) in period]
    kinds = Counter(each.kind for each in came)
    return {
        "total": len(came),
        "earlier": sum(register.day(each.received_at) < period.first_day for each in came),
        "statutory": sum(each.kind in STATUTORY for each in came),
        "by_kind": {kind.value: kinds[kind] for kind in ComplaintKind},
        "by_month": [{"month": _month(each), "complaints": _came_in(register, each)} for each in months],
    }


def _came_in(register: Register, month: Span) -> int:
    return sum(register.day(each.recorded_at) in month for each in register.complaints.values())


UNTOLD = "answered, and could not be told"


def ended_numbers(register: Register, period: Span) -> dict[str, int]:
    """Of the answered, how many of whose complainants could not be reached: where there are any."""
    rows = [row for row in register.complaints.values() if row.ended_at and register.day(row.ended_at) in period]
    ended = Counter(row.outcome for row in rows)
    untold = sum(row.untold_id is not None and row.outcome is ComplaintOutcome.ANSWERED for row in rows)
    by_outcome = {outcome.value: ended[outcome] for outcome in ComplaintOutcome}
    return by_outcome | ({UNTOLD: untold} if untold else {})


def stage_numbers(register: Register) -> dict[str, int]:
    """Where all complaints stand when it is written, of whatever period."""
    at = Counter(each.stage for each in register.complaints.values())
    return {stage.value: at[stage] for stage in Stage}


def determined_numbers(found: Sequence[Determination], period: Span, months: Sequence[Span]) -> dict[str, Any]:
    """By issue: a complaint may have several. What was corrected is counted as it was corrected, on that day."""
    now = [each for each in found if each.day in period]
    return {
        "issues": len(now),
        "complaints": len({each.complaint for each in now}),
        "corrections": sum(each.corrects for each in now),
        "by_result": _by_result(now),
        "by_month": [
            {"month": _month(each), "by_result": _by_result(row for row in found if row.day in each)} for each in months
        ],
    }


def party_numbers(register: Register, found: Sequence[Determination], period: Span) -> list[dict[str, Any]]:
    """Every party with a number that is not nought: complaints about it, and what was determined at it."""
    by_party = _grouped((each.party, each) for each in found if each.day in period)
    rows = []
    for party in register.parties.values():
        about = [each for each in register.complaints.values() if each.party_id == party.id]
        came = sum(register.day(each.recorded_at) in period for each in about)
        waiting, own = sum(each.stage is not Stage.CLOSED for each in about), by_party.get(party.slug, [])
        if came or waiting or own:
            named = {"party": party.slug, "name": party.name}
            rows.append(named | {"received": came, "not_closed": waiting, "by_result": _by_result(own)})
    return rows


def clause_numbers(
    session: Session, register: Register, found: Sequence[Determination], period: Span
) -> list[dict[str, Any]]:
    by_clause = _grouped((each.clause, each) for each in found if each.clause and each.day in period)
    headings = _headings(session, register) if by_clause else {}
    return [
        {"clause": key, "heading": headings.get(key, ""), "by_result": _by_result(by_clause[key])}
        for key in register.clauses.values()
        if key in by_clause
    ]


def _headings(session: Session, register: Register) -> dict[str, str]:
    """As the newest version has them that knows the clause."""
    rows = session.exec(
        select(VersionClause.clause_id, VersionClause.heading)
        .join(Version, col(Version.id) == VersionClause.version_id)
        .where(Version.protocol_id == register.protocol_id)
        .order_by(col(Version.major), col(Version.minor))
    )
    return {register.clauses[number]: heading for number, heading in rows}


def acknowledgement_numbers(register: Register, owed: Sequence[Owed], period: Span, today: date) -> dict[str, Any]:
    """Of those whose last day is in the period, or that were recorded in it after their last day. By what is known
    `today`. `party` null: owed by the secretary."""
    due = [each for each in owed if each.counted_on in period]
    by_party = _grouped((each.acknowledgement.party, each) for each in due)
    who: list[tuple[str | None, str]] = [*register.names.items(), (None, SECRETARY)]
    return _kept(due, today) | {
        "by_party": [
            {"party": slug, "name": name} | _kept(by_party[slug], today) for slug, name in who if slug in by_party
        ]
    }


def _kept(owed: Sequence[Owed], today: date) -> dict[str, Any]:
    statutory = [each for each in owed if each.statutory]
    return _in_time(owed, today) | {"statutory": _in_time(statutory, today)}


def _in_time(owed: Sequence[Owed], today: date) -> dict[str, int]:
    late = sum(each.acknowledgement.is_late(today) for each in owed)
    in_time = sum(
        each.acknowledgement.done is not None and each.acknowledgement.done <= each.acknowledgement.due
        for each in owed
    )  # fmt: skip
    return {"due": len(owed), "in_time": in_time, "late": late, "waiting": len(owed) - in_time - late}


def suggestion_numbers(
    session: Session, register: Register, found: Iterable[Determination], period: Span
) -> dict[str, int]:
    """How often the clause that was decided stood among the first three that had been suggested."""
    decided = [each for each in found if each.clause and each.day in period]
    cases = select(sa.literal("complaint:") + sa.cast(col(Complaint.id), sa.String))
    rows = session.exec(
        select(History.case, History.details)
        .where(
            col(History.case).in_(cases.where(Complaint.protocol_id == register.protocol_id)),
            History.what == Step.BEGIN_ANALYSIS.value,
        )
        .order_by(col(History.id))
    )
    suggested = {case: details["suggested"] for case, details in rows if "suggested" in details}
    known = [each for each in decided if f"complaint:{each.complaint}" in suggested]
    held = sum(each.clause in suggested[f"complaint:{each.complaint}"][:FIRST] for each in known)
    return {"decided_clauses": len(decided), "suggestion_known": len(known), "among_first_three": held}


def _by_result(found: Iterable[Determination]) -> dict[str, int]:
    counted = Counter(each.result for each in found)
    return {result.value: counted[result] for result in Result}


def _grouped(rows: Iterable[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    groups = defaultdict(list)
    for key, row in rows:
        groups[key].append(row)
    return groups


def _month(span: Span) -> str:
    return f"{span.first_day:%Y-%m}"
