"""The year in numbers, late things named: what the steering group is told once a year. Reads only.

Every number is by what is known when it is asked; a year that goes on is reported as far as it has gone.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from actions.annual_report_breaches import breach_year
from actions.annual_report_complaints import complaint_year
from actions.annual_report_deadlines import deadlines_of
from actions.annual_report_reviews import review_years, signed_by_month
from actions.annual_report_shapes import (
    Deadline,
    GapLine,
    GapYear,
    Kept,
    KeptLine,
    LawLine,
    ReviewYear,
    SilentParty,
    YearReport,
)
from actions.cast import active_parties, known_id
from actions.clauses import current_version
from actions.law.said import withdrawn_changes
from actions.year_span import Year, counted_as, year_of
from models.gap import Gap
from models.protocol import Clause, LegislationChange, Protocol
from rules.errors import Refused
from rules.gap import Stage as GapStage

EARLIEST, LATEST = 2000, 2200
LATE = (Kept.LATE, Kept.NEVER)


class NoSuchYear(Refused):
    def __init__(self, first: int, last: int) -> None:
        span = f"{first}" if first == last else f"between {first} and {last}"
        super().__init__(f"There is a report of a year {span}: name one of these.")


def years_known(now: datetime, protocol: Protocol, session: Session) -> list[int]:
    """From the year in which the protocol was loaded to this one, the newest first."""
    this, first = year_of(session, now, protocol, 2000), protocol.loaded_at
    return list(range(this.today.year, min(this.day(first).year, this.today.year) - 1, -1))


def year_report(session: Session, now: datetime, protocol: Protocol, number: int) -> YearReport:
    """Raises NoSuchYear."""
    if not EARLIEST <= number <= LATEST:
        raise NoSuchYear(EARLIEST, LATEST)
    year = year_of(session, now, protocol, number)
    owed, reviews, until = deadlines_of(year), review_years(year), min(year.today, year.last_day)
    version = current_version(session, protocol, until)
    return YearReport(
        protocol=protocol.slug, name=protocol.short_name, year=number, written_on=year.today,
        is_over=year.last_day < year.today, version=version.label if version else None,
        parties=len(list(active_parties(session, protocol, until))),
        reviews=tuple(reviews), signed_by_month=tuple(signed_by_month(year)), breaches=breach_year(year, owed),
        complaints=complaint_year(year, owed), gaps=_gaps(year), law=tuple(_law(year)),
        deadlines=tuple(_kept(owed)), late=tuple(each for each in owed if each.kept in LATE),
        silent=tuple(_silent(reviews)),
    )  # fmt: skip


def _kept(owed: Sequence[Deadline]) -> Iterable[KeptLine]:
    """A line for each kind of duty that fell due in the year."""
    by_kind: dict[str, list[Kept]] = defaultdict(list)
    for each in owed:
        by_kind[each.kind].append(each.kept)
    for kind in sorted(by_kind):
        yield KeptLine(kind=kind, due=len(by_kind[kind]), counts=counted_as(Kept, by_kind[kind]))


def _silent(reviews: Sequence[ReviewYear]) -> Iterable[SilentParty]:
    found: dict[str, list[int]] = defaultdict(list)
    for review in reviews:
        for name in review.silent:
            found[name].append(review.number)
    for name in sorted(found):
        yield SilentParty(name=name, reviews=tuple(found[name]))


def _gaps(year: Year) -> GapYear:
    statement = (
        select(Gap, Clause.key)
        .outerjoin(Clause, col(Clause.id) == Gap.clause_id)
        .where(Gap.protocol_id == year.protocol.id, col(Gap.opened_at) < year.ends_at)
        .order_by(col(Gap.id))
    )
    rows = year.session.exec(statement).all()
    ended = [gap.stage for gap, _ in rows if year.holds(gap.closed_at)]
    waiting = [gap for gap, _ in rows if gap.closed_at is None or gap.closed_at >= year.ends_at]
    lines = [_gap(year, *row) for row in rows if year.holds(row[0].opened_at) or year.holds(row[0].closed_at)]
    return GapYear(
        opened=sum(year.holds(gap.opened_at) for gap, _ in rows), resolved=ended.count(GapStage.RESOLVED),
        closed=ended.count(GapStage.CLOSED), waiting=len(waiting), lines=tuple(lines),
    )  # fmt: skip


def _gap(year: Year, gap: Gap, clause: str | None) -> GapLine:
    return GapLine(
        number=known_id(gap), clause=clause, words=gap.words, stage=gap.stage.value, opened_on=year.day(gap.opened_at),
        closed_on=year.day(gap.closed_at) if gap.closed_at else None,
    )  # fmt: skip


def _law(year: Year) -> Iterable[LawLine]:
    """By the day each was recorded; none that was recorded by mistake."""
    withdrawn = withdrawn_changes(year.session, year.protocol)
    statement = select(LegislationChange).where(
        LegislationChange.protocol_id == year.protocol.id, col(LegislationChange.recorded_at) >= year.begins_at,
        col(LegislationChange.recorded_at) < year.ends_at,
    )  # fmt: skip
    for change in year.session.exec(statement.order_by(col(LegislationChange.id))):
        if change.id not in withdrawn:
            yield LawLine(
                act=change.act, section=change.section, in_force_from=change.in_force_from,
                clauses=tuple(change.clauses), review=change.review_id,
            )  # fmt: skip
