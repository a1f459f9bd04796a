"""The earlier cases that a suggestion learns from: what persons have determined, and breaches as similar cases.

Their narratives are compared and never shown: what is answered of a case is its id, its clauses and what was decided.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from actions.complaints.standing import nobody_corrected
from actions.complaints.suggested import Earlier
from models.breach import Breach, BreachFact, Lesson
from models.complaint import Complaint, Finding
from models.gap import Gap
from models.history import Narrative
from models.protocol import Clause, Protocol
from rules.breach_facts import FactName
from rules.determination import Answer, Result, overall

# The newest of each: what was decided long ago was decided under other texts, and every case costs a millisecond.
MOST_COMPLAINTS, MOST_BREACHES = 400, 100


class _Found(NamedTuple):
    """One finding that stands."""

    covered: Answer
    result: Result
    clause: str | None


def earlier_cases(session: Session, protocol: Protocol, leaving_out: int | None = None) -> tuple[Earlier, ...]:
    """`leaving_out`: the complaint that is asked about is no earlier case of itself."""
    return (*_complaints(session, protocol, leaving_out), *_breaches(session, protocol))


def _complaints(session: Session, protocol: Protocol, leaving_out: int | None) -> list[Earlier]:
    """Complaints with a finding, the newest first; what retention has emptied teaches nothing any more."""
    statement = (
        select(Complaint.id, Narrative.text)
        .join(Narrative, col(Narrative.id) == Complaint.what_id)
        .where(Complaint.protocol_id == protocol.id, col(Narrative.text).is_not(None))
        .where(col(Complaint.id).in_(select(Finding.complaint_id)))
    )
    if leaving_out is not None:
        statement = statement.where(Complaint.id != leaving_out)
    rows = session.exec(statement.order_by(col(Complaint.id).desc()).limit(MOST_COMPLAINTS)).all()
    found = _standing(session, [number or 0 for number, _ in rows])
    return [_complaint(number or 0, text or "", found[number or 0]) for number, text in rows]


def _standing(session: Session, complaints: Sequence[int]) -> Mapping[int, Sequence[_Found]]:
    """Findings by complaint, by issue. What has been corrected does not stand."""
    rows = session.exec(
        select(Finding.complaint_id, Finding.covered, Finding.result, Clause.key)
        .outerjoin(Clause, col(Clause.id) == Finding.clause_id)
        .where(col(Finding.complaint_id).in_(complaints), nobody_corrected())
        .order_by(col(Finding.issue), col(Finding.id))
    )
    found: dict[int, list[_Found]] = defaultdict(list)
    for number, covered, result, key in rows:
        found[number].append(_Found(Answer(covered), Result(result), key))
    return found


def _complaint(number: int, text: str, found: Sequence[_Found]) -> Earlier:
    """Where nobody knows whether a clause covers it, it speaks neither for a clause nor for none."""
    covered = {each.covered for each in found}
    return Earlier(
        id=f"complaint:{number}", narrative=text, clauses=_once(each.clause for each in found),
        determination=overall([each.result for each in found]).value,
        covered=Answer.YES in covered, votes=Answer.YES in covered or Answer.UNKNOWN not in covered,
    )  # fmt: skip


def _breaches(session: Session, protocol: Protocol) -> list[Earlier]:
    """What happened, as it stands. Its clauses are those that its lessons found wanting; without one it has no vote."""
    newest = (
        select(func.max(BreachFact.id))
        .join(Breach, col(Breach.id) == BreachFact.breach_id)
        .where(Breach.protocol_id == protocol.id, col(Breach.merged_into_id).is_(None))
        .where(BreachFact.name == FactName.HAPPENED)
        .group_by(col(BreachFact.breach_id))
    )
    rows = session.exec(
        select(Breach, Narrative.text)
        .join(BreachFact, col(BreachFact.breach_id) == Breach.id)
        .join(Narrative, col(Narrative.id) == BreachFact.text_id)
        .where(col(BreachFact.id).in_(newest), col(Narrative.text).is_not(None))
        .order_by(col(Breach.id).desc())
        .limit(MOST_BREACHES)
    ).all()
    wanting = _found_wanting(session, [breach.id or 0 for breach, _ in rows])
    return [_breach(breach, text or "", wanting.get(breach.id or 0, ())) for breach, text in rows]


def _found_wanting(session: Session, breaches: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
    rows = session.exec(
        select(Lesson.breach_id, Clause.key)
        .join(Gap, col(Gap.id) == Lesson.gap_id)
        .join(Clause, col(Clause.id) == Gap.clause_id)
        .where(col(Lesson.breach_id).in_(breaches))
        .order_by(col(Lesson.id))
    )
    found: dict[int, list[str]] = defaultdict(list)
    for number, key in rows:
        found[number].append(key)
    return {number: _once(keys) for number, keys in found.items()}


def _breach(breach: Breach, text: str, clauses: tuple[str, ...]) -> Earlier:
    decided = breach.outcome or breach.stage
    return Earlier(f"breach:{breach.id}", text, clauses, decided.value, covered=bool(clauses), votes=bool(clauses))


def _once(keys: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for key in keys if key is not None))
