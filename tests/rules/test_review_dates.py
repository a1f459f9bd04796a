"""When a review opens and until when feedback is in time. Oracles: facts/deadlines.md."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.instants import LONDON, end_of_day, local_day
from rules.periods import Period, parse_period
from rules.review_dates import (
    ReviewDates,
    _surely_before,
    annual_dates,
    dates_ahead,
    dates_on_opening,
    immediate_dates,
)
from rules.working_days import BeyondPublishedHolidays, Nation, is_working_day, published

EW, SC, NI = Nation.ENGLAND_AND_WALES, Nation.SCOTLAND, Nation.NORTHERN_IRELAND
MONTH = parse_period("P1M")
TEN_DAYS = parse_period("10 working days")
LAST = published().nations[EW].last  # the last day whose bank holidays are published

covered = st.dates(date(2019, 1, 1), LAST - timedelta(days=30))
notices = st.sampled_from([parse_period(text) for text in ("P1M", "P3M", "P30D", "10 working days")])
nations = st.sampled_from(list(Nation))


def annual(review_on: date, notice: Period = MONTH, nation: Nation = EW) -> ReviewDates:
    return annual_dates(review_on, notice, nation, LONDON)


@pytest.mark.parametrize(
    ("review_on", "nation", "asked_on"),
    [
        (date(2027, 3, 31), EW, date(2027, 2, 26)),
        (date(2027, 3, 31), SC, date(2027, 2, 26)),
        (date(2027, 4, 29), EW, date(2027, 3, 25)),
        (date(2027, 4, 29), SC, date(2027, 3, 29)),
        (date(2026, 12, 30), SC, date(2026, 11, 27)),
        (date(2026, 12, 30), NI, date(2026, 11, 30)),
        (date(2027, 8, 12), NI, date(2027, 7, 9)),
        (date(2027, 8, 12), EW, date(2027, 7, 12)),
        (date(2027, 1, 28), EW, date(2026, 12, 24)),
    ],
)
def test_everybody_is_asked_a_month_before_going_back_to_a_working_day(
    review_on: date, nation: Nation, asked_on: date
) -> None:
    dates = annual(review_on, nation=nation)
    assert local_day(dates.opens_at, LONDON) == asked_on
    assert f"{dates.opens_at.astimezone(LONDON):%H:%M}" == "09:00"


def test_the_review_of_31_march_2027_as_the_parties_meet_it() -> None:
    assert annual(date(2027, 3, 31)) == ReviewDates(
        date(2027, 3, 31),
        datetime(2027, 2, 26, 9, tzinfo=UTC),
        date(2027, 3, 31),
        datetime(2027, 3, 31, 23, tzinfo=UTC),
    )


def test_feedback_that_would_be_due_on_a_closed_day_is_due_on_the_next_working_day() -> None:
    easter_sunday = date(2027, 3, 28)
    assert annual(easter_sunday).due_on == date(2027, 3, 30)
    assert annual(easter_sunday).review_on == easter_sunday, "the review date itself is kept"
    assert annual(easter_sunday, nation=SC).due_on == date(2027, 3, 29)


@given(covered, notices, nations)
def test_notice_is_never_shorter_than_promised_nor_asked_on_a_closed_day(
    review_on: date, notice: Period, nation: Nation
) -> None:
    dates = annual_dates(review_on, notice, nation, LONDON)
    asked_on = local_day(dates.opens_at, LONDON)
    assert is_working_day(asked_on, nation)
    assert is_working_day(dates.due_on, nation)
    assert asked_on < review_on <= dates.due_on
    assert dates.due_at == end_of_day(dates.due_on, LONDON)


def test_ten_working_days_from_now() -> None:
    now = datetime(2027, 3, 22, 14, tzinfo=UTC)
    dates = immediate_dates(now, TEN_DAYS, EW, LONDON)
    assert dates.opens_at == now
    assert dates.due_on == dates.review_on == date(2027, 4, 7), "Good Friday and Easter Monday do not count"


@given(st.integers(0, 80_000).map(lambda hours: datetime(2019, 1, 1, tzinfo=UTC) + timedelta(hours=hours)), nations)
def test_a_window_ends_on_a_working_day_after_today(now: datetime, nation: Nation) -> None:
    dates = immediate_dates(now, TEN_DAYS, nation, LONDON)
    assert is_working_day(dates.due_on, nation)
    assert dates.due_at > now


def test_beyond_the_published_holidays_a_person_is_refused() -> None:
    with pytest.raises(BeyondPublishedHolidays, match="Bank holidays of England and Wales are published from"):
        annual(LAST + timedelta(days=90))


@given(st.dates(date(2027, 1, 1), date(2060, 12, 31)), notices, nations)
def test_a_date_far_ahead_stands_in_the_calendar_and_is_looked_at_early_enough(
    review_on: date, notice: Period, nation: Nation
) -> None:
    """As if the holidays of that year were those of one we know: two years on, the same rule with other data."""
    ahead = dates_ahead(review_on, notice, nation, LONDON)
    assert ahead.review_on == review_on
    try:
        assert ahead == annual_dates(review_on, notice, nation, LONDON)
    except BeyondPublishedHolidays:
        assert ahead.due_on == review_on
        assert local_day(ahead.opens_at, LONDON) < review_on - timedelta(days=14)


@given(covered, notices, nations)
def test_the_early_look_is_never_after_the_true_opening(review_on: date, notice: Period, nation: Nation) -> None:
    assert _surely_before(review_on, notice) <= local_day(
        annual_dates(review_on, notice, nation, LONDON).opens_at, LONDON
    )


def on_opening(now: datetime) -> ReviewDates:
    return dates_on_opening(date(2027, 3, 31), MONTH, TEN_DAYS, EW, LONDON, now)


@pytest.mark.parametrize("now", [datetime(2027, 2, 1, tzinfo=UTC), datetime(2027, 2, 26, 22, tzinfo=UTC)])
def test_a_clock_in_time_changes_nothing(now: datetime) -> None:
    assert on_opening(now) == annual(date(2027, 3, 31))


def test_a_clock_a_week_late_changes_nothing_either_there_is_time_enough() -> None:
    assert on_opening(datetime(2027, 3, 5, 9, tzinfo=UTC)) == annual(date(2027, 3, 31))


@pytest.mark.parametrize(
    ("now", "due_on"),
    [
        (datetime(2027, 3, 25, 9, tzinfo=UTC), date(2027, 4, 12)),
        (datetime(2027, 5, 3, 9, tzinfo=UTC), date(2027, 5, 17)),
    ],
)
def test_a_clock_weeks_late_leaves_everybody_ten_working_days(now: datetime, due_on: date) -> None:
    dates = on_opening(now)
    assert (dates.review_on, dates.opens_at, dates.due_on) == (
        date(2027, 3, 31), datetime(2027, 2, 26, 9, tzinfo=UTC), due_on
    )  # fmt: skip
    assert dates.due_at > now
