from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from rules.anchors import (
    HoursNeedAnInstant,
    NationNeeded,
    NotAnInterval,
    anniversary,
    corresponding_day,
    counted,
    months_before,
    next_anniversary,
    notice_day,
)
from rules.instants import OutsideTheCalendar
from rules.periods import Period, Unit, parse_period
from rules.working_days import BeyondPublishedHolidays, Nation, is_working_day, published

EW, SC, NI = Nation.ENGLAND_AND_WALES, Nation.SCOTLAND, Nation.NORTHERN_IRELAND
MONTH, YEAR = parse_period("P1M"), parse_period("P1Y")
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2027, 3, 31), date(2027, 2, 28)),
        (date(2027, 3, 30), date(2027, 2, 28)),
        (date(2027, 3, 29), date(2027, 2, 28)),
        (date(2027, 3, 28), date(2027, 2, 28)),
        (date(2028, 3, 31), date(2028, 2, 29)),
        (date(2028, 3, 30), date(2028, 2, 29)),
        (date(2028, 3, 29), date(2028, 2, 29)),
        (date(2027, 5, 31), date(2027, 4, 30)),
        (date(2027, 1, 31), date(2026, 12, 31)),
    ],
)
def test_one_month_before_is_the_corresponding_date_or_the_last_of_the_month(day: date, expected: date) -> None:
    assert months_before(day, 1) == expected


@pytest.mark.parametrize(
    ("review_on", "nation", "expected"),
    [
        (date(2027, 3, 31), EW, date(2027, 2, 26)),
        (date(2027, 3, 31), SC, date(2027, 2, 26)),
        (date(2027, 3, 31), NI, date(2027, 2, 26)),
        (date(2027, 4, 29), EW, date(2027, 3, 25)),
        (date(2027, 4, 29), SC, date(2027, 3, 29)),
        (date(2027, 4, 29), NI, date(2027, 3, 25)),
        (date(2026, 12, 30), EW, date(2026, 11, 30)),
        (date(2026, 12, 30), SC, date(2026, 11, 27)),
        (date(2026, 12, 30), NI, date(2026, 11, 30)),
        (date(2027, 8, 12), EW, date(2027, 7, 12)),
        (date(2027, 8, 12), SC, date(2027, 7, 12)),
        (date(2027, 8, 12), NI, date(2027, 7, 9)),
        (date(2027, 1, 28), EW, date(2026, 12, 24)),
    ],
)
def test_notice_goes_back_to_a_working_day_of_the_own_nation(review_on: date, nation: Nation, expected: date) -> None:
    assert notice_day(review_on, MONTH, nation) == expected


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(1978, 9, 30), 4, date(1979, 1, 30)),
        (date(1983, 3, 23), 2, date(1983, 5, 23)),
        (date(2027, 1, 28), 1, date(2027, 2, 28)),
        (date(2027, 1, 29), 1, date(2027, 2, 28)),
        (date(2027, 1, 30), 1, date(2027, 2, 28)),
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2027, 2, 28), 1, date(2027, 3, 28)),
        (date(2027, 10, 31), 4, date(2028, 2, 29)),
    ],
)
def test_months_forward_end_on_the_corresponding_date(day: date, months: int, expected: date) -> None:
    assert corresponding_day(day, months) == expected


def test_the_anchor_of_29_february_comes_back_in_the_next_leap_year() -> None:
    anchor = date(2028, 2, 29)
    expected = [date(2029, 2, 28), date(2030, 2, 28), date(2031, 2, 28), date(2032, 2, 29)]
    assert [anniversary(anchor, YEAR, nth) for nth in (1, 2, 3, 4)] == expected
    found, after = [], anchor
    for _ in expected:
        after = next_anniversary(anchor, YEAR, after)
        found.append(after)
    assert found == expected


def test_the_next_review_after_31_march_2027_is_31_march_2028() -> None:
    assert next_anniversary(date(2027, 3, 31), YEAR, date(2027, 7, 20)) == date(2028, 3, 31)
    assert next_anniversary(date(2027, 3, 31), YEAR, date(2028, 3, 30)) == date(2028, 3, 31)
    assert next_anniversary(date(2027, 3, 31), YEAR, date(2028, 3, 31)) == date(2029, 3, 31)


def test_an_anchor_still_ahead_is_itself_the_next_date() -> None:
    assert next_anniversary(date(2027, 3, 31), YEAR, date(2020, 1, 1)) == date(2027, 3, 31)


@pytest.mark.parametrize("interval", ["P30D", "PT72H", "5 working days", "P2W"])
def test_only_months_and_years_recur(interval: str) -> None:
    with pytest.raises(NotAnInterval, match="cannot be the interval of a recurring date"):
        next_anniversary(date(2027, 3, 31), parse_period(interval), date(2027, 4, 1))


@pytest.mark.parametrize(
    ("notice", "expected"),
    [("P30D", date(2027, 3, 1)), ("10 working days", date(2027, 3, 15)), ("P3M", date(2026, 12, 31))],
)
def test_notice_may_be_in_days_or_working_days_too(notice: str, expected: date) -> None:
    assert notice_day(date(2027, 3, 31), parse_period(notice), EW) == expected


def test_notice_in_hours_is_refused() -> None:
    with pytest.raises(HoursNeedAnInstant, match=r"A period of hours \(72 hours\)"):
        notice_day(date(2027, 3, 31), parse_period("PT72H"), EW)


def test_notice_beyond_the_published_holidays_is_refused() -> None:
    with pytest.raises(BeyondPublishedHolidays, match="Sunday 28 February 2027"):
        notice_day(date(2027, 3, 31), MONTH, EW, published().until(date(2027, 2, 27)))


def test_working_days_without_a_nation_are_refused() -> None:
    with pytest.raises(NationNeeded, match="Say whose bank holidays count"):
        counted(parse_period("5 working days"), date(2027, 3, 31))


@pytest.mark.parametrize("period", [Period(999_999, Unit.MONTHS), Period(999_999_999_999, Unit.DAYS)])
def test_dates_outside_the_calendar_are_refused_with_a_sentence(period: Period) -> None:
    for back in (True, False):
        with pytest.raises(OutsideTheCalendar, match="outside the calendar"):
            counted(period, date(2027, 3, 31), back=back)


@given(DAYS, st.integers(-600, 600))
def test_the_corresponding_date_is_the_same_number_or_the_last_of_its_month(day: date, months: int) -> None:
    result = corresponding_day(day, months)
    assert (result.year * 12 + result.month) - (day.year * 12 + day.month) == months
    last_of_month = (result + timedelta(days=1)).month != result.month
    assert result.day == day.day or (result.day < day.day and last_of_month)
    assert result == day + relativedelta(months=months)


@given(DAYS, st.integers(0, 600))
def test_a_later_day_never_has_an_earlier_corresponding_date(day: date, months: int) -> None:
    assert corresponding_day(day, months) <= corresponding_day(day + timedelta(days=1), months)


@given(DAYS, st.integers(1, 60), DAYS)
def test_the_next_anniversary_depends_on_the_anchor_alone(anchor: date, months: int, after: date) -> None:
    interval = Period(months, Unit.MONTHS)
    found = next_anniversary(anchor, interval, after)
    series = [anchor]
    while series[-1] <= after:
        series.append(anniversary(anchor, interval, len(series)))
    assert found == series[-1]
    assert found > after


@given(DAYS, st.integers(1, 5), st.lists(st.integers(1, 5000), max_size=6))
def test_reviews_held_early_or_late_never_move_the_dates(anchor: date, years: int, delays: list[int]) -> None:
    interval = Period(12 * years, Unit.MONTHS)
    after = anchor
    for delay in delays:
        after = next_anniversary(anchor, interval, after) + timedelta(days=delay)
        found = next_anniversary(anchor, interval, after)
        assert found == corresponding_day(anchor, (found.year - anchor.year) * 12)
        assert (found.year - anchor.year) % years == 0


@given(st.dates(date(2013, 6, 1), date(2028, 12, 31)), st.integers(1, 12), st.sampled_from(Nation))
def test_notice_is_never_later_than_promised_and_always_on_a_working_day(
    review_on: date, months: int, nation: Nation
) -> None:
    day = notice_day(review_on, Period(months, Unit.MONTHS), nation)
    promised = months_before(review_on, months)
    assert day <= promised
    assert is_working_day(day, nation)
    between = [day + timedelta(days=n) for n in range(1, (promised - day).days + 1)]
    assert not any(is_working_day(each, nation) for each in between)
