"""The facts of a breach in words: what stands of each, who said so, and what nobody knows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from actions.breaches.moving import protocol_of
from actions.breaches.shown import FactLine, SeverityLine, StatementLine
from actions.policy import zone_of
from models.breach import Breach, BreachFact
from models.history import Narrative
from rules.breach_facts import SHAPES, UNKNOWN, FactName, Shape
from rules.instants import parse_when
from rules.retention import NO_LONGER_KEPT
from rules.sentences import listed, written_day, written_instant
from rules.severity import severity
from rules.severity_factors import from_plain

# What is shown of every breach, stated or not; of the others, what somebody has stated.
ALWAYS = (
    FactName.HAPPENED, FactName.KIND, FactName.OCCURRED_FROM, FactName.OCCURRED_TO, FactName.SUSPECTED,
    FactName.DETECTED, FactName.TOLD, FactName.NATURE, FactName.DATA, FactName.PEOPLE_KINDS, FactName.PEOPLE,
    FactName.RECORDS, FactName.PARTIES, FactName.DONE, FactName.CONSEQUENCES, FactName.CAUSE, FactName.CLAUSES,
    FactName.PROTOCOL_BROKEN, FactName.PERSONAL_DATA, FactName.UNINTELLIGIBLE, FactName.FACTORS,
)  # fmt: skip


def texts_of(session: Session, numbers: Iterable[int | None]) -> dict[int | None, str]:
    """Free texts by their ids, in one question; what retention has emptied says so."""
    wanted = sorted({number for number in numbers if number is not None})
    rows = session.exec(select(Narrative.id, Narrative.text).where(col(Narrative.id).in_(wanted))) if wanted else ()
    return {number: NO_LONGER_KEPT if text is None else text for number, text in rows}


def fact_lines(session: Session, breach: Breach, report_id: int | None = None) -> list[FactLine]:
    """What stands, in the order of the form; with `report_id` only what that report said."""
    statement = select(BreachFact).where(BreachFact.breach_id == breach.id).order_by(col(BreachFact.id))
    if report_id is not None:
        statement = select(BreachFact).where(BreachFact.report_id == report_id).order_by(col(BreachFact.id))
    rows = session.exec(statement).all()
    by_name: dict[FactName, list[BreachFact]] = {}
    for row in rows:
        by_name.setdefault(row.name, []).append(row)
    texts = texts_of(session, [number for row in rows for number in (row.text_id, row.why_id)])
    zone = zone_of(protocol_of(session, breach))
    shown = [name for name in FactName if name in by_name or (name in ALWAYS and report_id is None)]
    return [_line(name, by_name.get(name, []), texts, zone) for name in shown]


def statement_lines(session: Session, breach: Breach) -> list[StatementLine]:
    """Everything that was stated, by fact in the order of the form, the oldest first."""
    rows = session.exec(select(BreachFact).where(BreachFact.breach_id == breach.id).order_by(col(BreachFact.id))).all()
    texts = texts_of(session, [number for row in rows for number in (row.text_id, row.why_id)])
    zone, order, before = zone_of(protocol_of(session, breach)), list(FactName), dict[FactName, str]()
    found = []
    for row in sorted(rows, key=lambda row: order.index(row.name)):
        value = texts[row.text_id] if row.text_id is not None else row.value
        words = in_words(row.name, value, zone)
        found.append(StatementLine(
            name=row.name.value, value=value, words=words, before=before.get(row.name), stated_at=row.stated_at,
            stated_by=row.stated_by, why=texts.get(row.why_id),
        ))  # fmt: skip
        before[row.name] = words
    return found


def _line(name: FactName, rows: Sequence[BreachFact], texts: Mapping[int | None, str], zone: ZoneInfo) -> FactLine:
    if not rows:
        return FactLine(
            name=name.value, value=None, words=UNKNOWN, known=False, stated_at=None, stated_by=None, why=None,
            corrected=0,
        )  # fmt: skip
    newest = rows[-1]
    value = texts[newest.text_id] if newest.text_id is not None else newest.value
    return FactLine(
        name=name.value, value=value, words=in_words(name, value, zone), known=value != UNKNOWN,
        stated_at=newest.stated_at, stated_by=newest.stated_by, why=texts.get(newest.why_id),
        corrected=_corrections(rows, texts),
    )  # fmt: skip


def _corrections(rows: Sequence[BreachFact], texts: Mapping[int | None, str]) -> int:
    """Who confirms what was stated corrects nothing; of what retention has emptied, nobody can tell."""
    said = [row.value if row.text_id is None else texts[row.text_id] for row in rows]
    return sum(before != after or before == NO_LONGER_KEPT for before, after in pairwise(said))


def in_words(name: FactName, value: Any, zone: ZoneInfo) -> str:
    """A kept value as people read it."""
    if value is None or value == UNKNOWN:
        return UNKNOWN
    match SHAPES[name], value:
        case Shape.INSTANT, str():
            when = parse_when(value, zone)
            return written_instant(when, zone) if isinstance(when, datetime) else written_day(when)
        case Shape.YES_NO, bool():
            return "yes" if value else "no"
        case Shape.FACTORS, Mapping():
            return "; ".join(_factor_words(value))
        case _, list():
            return listed([str(each) for each in value]) or "none"
    return str(value)


def _factor_words(factors: Mapping[str, Any]) -> Iterator[str]:
    yield "kind of data " + listed([f"{kind} {level}" for kind, level in factors["dpc"].items()])
    yield "identified by it " + listed([str(each) for each in factors["ei"]])
    yield "circumstances " + (listed([f"{name} {value}" for name, value in factors["cb"].items()]) or "none")


def severity_line(facts: Iterable[FactLine]) -> SeverityLine | None:
    """The score with its sentence, where somebody has given the factors."""
    values = {line.name: line.value for line in facts if line.known}
    factors = values.get(FactName.FACTORS.value)
    if not isinstance(factors, Mapping):
        return None
    found = severity(from_plain(factors), values.get(FactName.PEOPLE.value), values.get(FactName.UNINTELLIGIBLE.value))
    return SeverityLine(score=found.score, band=found.band.value, because=found.because, flags=found.flags)
