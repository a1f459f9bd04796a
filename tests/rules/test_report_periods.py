"""Months and quarters: which have ended on a day, from which day on."""

from datetime import date

import pytest

from rules.report_periods import (
    Length,
    NotAReportPeriod,
    ended_periods,
    months_to,
    parse_report_period,
    period_in_words,
    period_with,
)
from rules.signals import Span

NOVEMBER = Span(date(2026, 11, 1), date(2026, 11, 30))


def ended(since, today, length=Length.MONTHLY):
    return [span.last_day.isoformat() for span in ended_periods(since, today, length)]


def test_a_period_has_ended_on_the_day_after_its_last():
    assert ended(date(2026, 11, 30), date(2026, 11, 30)) == []
    assert ended(date(2026, 11, 30), date(2026, 12, 1)) == ["2026-11-30"]
    assert ended(date(2026, 12, 1), date(2026, 12, 1)) == []


def test_months_follow_each_other_over_the_year_and_a_leap_day():
    assert ended(date(2027, 12, 31), date(2028, 3, 1)) == ["2027-12-31", "2028-01-31", "2028-02-29"]


def test_quarters_begin_with_the_calendar_year():
    assert period_with(date(2026, 11, 22), Length.QUARTERLY) == Span(date(2026, 10, 1), date(2026, 12, 31))
    assert ended(date(2026, 11, 22), date(2027, 4, 1), Length.QUARTERLY) == ["2026-12-31", "2027-03-31"]


def test_the_twelve_months_to_a_day_end_with_its_month():
    months = months_to(date(2027, 3, 15), 12)
    assert (months[0].first_day, months[-1].last_day) == (date(2026, 4, 1), date(2027, 3, 31))


def test_a_period_is_read_as_people_write_it_and_said_in_words():
    assert parse_report_period("2026-11") == NOVEMBER
    assert parse_report_period(" 2027-q1 ") == Span(date(2027, 1, 1), date(2027, 3, 31))
    assert period_in_words(*NOVEMBER) == "November 2026"
    assert period_in_words(date(2027, 1, 1), date(2027, 3, 31)) == "January 2027 to March 2027"
    assert period_in_words(date(2027, 1, 2), date(2027, 1, 3)) == "Saturday 2 January 2027 to Sunday 3 January 2027"


@pytest.mark.parametrize(
    "text", ["", "2027", "2027-13", "2027-00", "2027-Q5", "2027-Q", "27-03", "2027-3", "٢٠٢٧-03", "0000-01", "9999-12"]
)
def test_anything_else_is_refused(text):
    with pytest.raises(NotAReportPeriod):
        parse_report_period(text)
