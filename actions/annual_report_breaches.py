"""The year's breaches: by cause and severity, and whether the clocks of the law and of the protocol were kept."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlmodel import col, select

from actions.annual_report_deadlines import PARTNERS, REGULATOR
from actions.annual_report_shapes import BreachYear, Counts, Deadline, Kept
from actions.breaches.concluding import severity_of
from actions.breaches.facts import facts_of_each
from actions.cast import known_id
from actions.year_span import Year, counted_as
from models.breach import Breach, BreachOutcome, Lesson
from rules.breach_facts import FactName
from rules.severity import Band

NOT_SCORED = "not scored"
NOT_LEARNT = "not known yet"
BANDS = (*(band.value for band in Band), NOT_SCORED)
NONE = (BreachOutcome.MERGED, BreachOutcome.NOT_A_BREACH)


def breach_year(year: Year, owed: Sequence[Deadline]) -> BreachYear:
    statement = select(Breach).where(
        Breach.protocol_id == year.protocol.id, col(Breach.reported_at) >= year.begins_at,
        col(Breach.reported_at) < year.ends_at,
    )  # fmt: skip
    rows = year.session.exec(statement.order_by(col(Breach.id))).all()
    causes = _causes(year, [known_id(each) for each in rows])
    facts = facts_of_each(year.session, [known_id(each) for each in rows])
    counted = [
        (causes.get(known_id(each), NOT_LEARNT), _band(facts[known_id(each)])) for each in rows
        if each.outcome not in NONE
    ]  # fmt: skip
    ended = Counter(each.outcome.value if each.outcome else "going on" for each in rows)
    return BreachYear(
        reported=sum(each.outcome is not BreachOutcome.MERGED for each in rows),
        outcomes=tuple((name, ended[name]) for name in ("going on", *(each.value for each in BreachOutcome))),
        by_severity=_banded(band for _, band in counted), by_cause=tuple(_by_cause(counted)),
        regulator=counted_as(Kept, [each.kept for each in owed if each.kind == REGULATOR]),
        partners=counted_as(Kept, [each.kept for each in owed if each.kind == PARTNERS]),
    )  # fmt: skip


def _band(facts: Mapping[FactName, Any]) -> str:
    score = severity_of(facts)
    return score.band.value if score else NOT_SCORED


def _banded(found: Iterable[str]) -> Counts:
    counts = Counter(found)
    return tuple((band, counts[band]) for band in BANDS)


def _by_cause(counted: Sequence[tuple[str, str]]) -> Iterable[tuple[str, Counts]]:
    """The most frequent first; what is not known yet last."""
    bands: dict[str, list[str]] = defaultdict(list)
    for cause, band in counted:
        bands[cause].append(band)
    for cause in sorted(bands, key=lambda cause: (cause == NOT_LEARNT, -len(bands[cause]), cause)):
        yield cause, _banded(bands[cause])


def _causes(year: Year, numbers: Sequence[int]) -> Mapping[int, str]:
    """Of the first lesson of each; “Wrong recipient” and “wrong recipient” are one cause."""
    statement = select(Lesson).where(col(Lesson.breach_id).in_(numbers)).order_by(col(Lesson.id))
    found: dict[int, str] = {}
    spelt: dict[str, str] = {}
    for lesson in year.session.exec(statement):
        cause = spelt.setdefault(lesson.cause.strip().casefold(), lesson.cause.strip())
        found.setdefault(lesson.breach_id, cause)
    return found
