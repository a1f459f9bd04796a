"""The year's complaints: by kind, by clause and determination, and whether they were acknowledged in time."""

from collections import Counter
from collections.abc import Sequence

from actions.annual_report_deadlines import ACKNOWLEDGEMENT
from actions.annual_report_shapes import ComplaintYear, Counts, Deadline, Kept
from actions.complaints.counting import determinations, register_of
from actions.complaints.paper_numbers import clause_numbers
from actions.year_span import Year, counted_as
from rules.complaint import ComplaintKind
from rules.determination import Result
from rules.signals import Span


def complaint_year(year: Year, owed: Sequence[Deadline]) -> ComplaintYear:
    """By the day each was recorded, as the steering group's papers count: the papers add up to the year."""
    register, period = register_of(year.session, year.protocol), Span(year.first_day, year.last_day)
    came = [each for each in register.complaints.values() if register.day(each.recorded_at) in period]
    found = determinations(year.session, register)
    clauses = clause_numbers(year.session, register, found, period)
    return ComplaintYear(
        received=len(came), by_kind=counted_as(ComplaintKind, [each.kind for each in came]),
        determined=counted_as(Result, [each.result for each in found if each.day in period]),
        by_clause=tuple((each["clause"], each["heading"], _results(each["by_result"])) for each in clauses),
        acknowledged=counted_as(Kept, [each.kept for each in owed if each.kind == ACKNOWLEDGEMENT]),
    )  # fmt: skip


def _results(by_result: dict[str, int]) -> Counts:
    counts = Counter(by_result)
    return tuple((result.value, counts[result.value]) for result in Result)
