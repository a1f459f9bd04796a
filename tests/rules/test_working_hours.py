from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.instants import LONDON, NotAnInstant
from rules.working_days import BeyondPublishedHolidays, Nation, is_working_day, published
from rules.working_hours import (
    Hours,
    NotOfficeHours,
    NoWorkingTime,
    add_working_hours,
    parse_limit_hours,
    working_hours_deadline,
)

EW, SC, NI = Nation.ENGLAND_AND_WALES, Nation.SCOTLAND, Nation.NORTHERN_IRELAND
STARTS = st.integers(0, 740_000).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n))
MINUTES = st.integers(1, 3000)
NATIONS = st.sampled_from(Nation)


def _london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("start", "minutes", "nation", "due"),
    [
        ("2026-11-18T10:00", 60, EW, "2026-11-18T11:00"),
        ("2026-11-18T10:00", 480, EW, "2026-11-19T10:00"),
        ("2026-11-18T09:00", 480, EW, "2026-11-18T17:00"),  # closing time is still in time
        ("2026-11-18T09:00", 481, EW, "2026-11-19T09:01"),
        ("2026-11-18T17:00", 1, EW, "2026-11-19T09:01"),
        ("2026-11-18T16:59", 1, EW, "2026-11-18T17:00"),
        ("2026-11-18T06:30", 30, EW, "2026-11-18T09:30"),
        ("2026-11-20T23:30", 30, EW, "2026-11-23T09:30"),
        ("2026-11-21T12:00", 480, EW, "2026-11-23T17:00"),
        ("2026-10-23T16:20", 480, EW, "2026-10-26T16:20"),  # the clocks go back on that Sunday
        ("2027-03-25T16:00", 120, EW, "2027-03-30T10:00"),  # Easter, and the clocks go forward
        ("2027-03-25T16:00", 120, SC, "2027-03-29T10:00"),
        ("2026-12-24T16:30", 90, EW, "2026-12-29T10:00"),
    ],
)
def test_only_office_hours_of_the_nations_working_days_count(
    start: str, minutes: int, nation: Nation, due: str
) -> None:
    found = add_working_hours(_london(start), minutes, nation, LONDON)
    assert found == _london(due)
    assert found.tzinfo is UTC


@given(STARTS, MINUTES, NATIONS)
def test_the_minutes_open_until_then_are_those_asked_for(start: datetime, minutes: int, nation: Nation) -> None:
    """Counted again the slow way: every minute after the start, looked at by itself."""
    due = add_working_hours(start, min(minutes, 1000), nation, LONDON)
    open_minutes, moment = 0, start
    while moment < due:
        local = moment.astimezone(LONDON)
        open_minutes += time(9) <= local.time() < time(17) and is_working_day(local.date(), nation)
        moment += timedelta(minutes=1)
    assert open_minutes == min(minutes, 1000)


@given(STARTS, MINUTES, MINUTES, NATIONS)
def test_counting_on_from_where_it_ended_is_counting_at_once(
    start: datetime, first: int, second: int, nation: Nation
) -> None:
    middle = add_working_hours(start, first, nation)
    assert add_working_hours(middle, second, nation) == add_working_hours(start, first + second, nation)


@given(STARTS, STARTS, MINUTES, NATIONS)
def test_a_later_start_is_never_due_earlier(one: datetime, other: datetime, minutes: int, nation: Nation) -> None:
    earlier, later = sorted((one, other))
    assert add_working_hours(earlier, minutes, nation) <= add_working_hours(later, minutes, nation)


def test_an_office_open_through_a_clock_change_counts_real_minutes() -> None:
    """Friday 27 March 2026: the clocks in Jerusalem go forward from 02:00 to 03:00."""
    jerusalem, all_day = ZoneInfo("Asia/Jerusalem"), Hours(time(0), time(12))
    midnight = datetime(2026, 3, 27, tzinfo=jerusalem)
    due = add_working_hours(midnight, 180, EW, jerusalem, all_day)
    assert due == datetime(2026, 3, 27, 1, tzinfo=UTC)
    assert due.astimezone(jerusalem).hour == 4
    noon = add_working_hours(midnight, 11 * 60, EW, jerusalem, all_day)
    assert noon == datetime(2026, 3, 27, 12, tzinfo=jerusalem)
    assert add_working_hours(midnight, 11 * 60 + 1, EW, jerusalem, all_day) == datetime(
        2026, 3, 30, 0, 1, tzinfo=jerusalem
    )


def test_other_office_hours_and_a_protocols_own_closed_day() -> None:
    closed = published().with_days({date(2026, 11, 19): "Moving day"})
    due = working_hours_deadline(_london("2026-11-18T15:00"), 120, EW, LONDON, Hours(time(8, 30), time(16)), closed)
    assert due.instant == _london("2026-11-20T09:30")
    assert "08:30 to 16:00" in due.because
    assert due.because.endswith("passing over Thursday 19 November (Moving day).")


@pytest.mark.parametrize(
    ("start", "minutes", "nation", "because"),
    [
        (
            "2026-11-18T10:00", 60, EW,
            "One working hour in England and Wales (09:00 to 17:00 on working days) from Wednesday 18 November 2026 "
            "10:00 GMT ends on Wednesday 18 November 2026 11:00 GMT.",
        ),
        (
            "2026-10-24T10:00", 480, EW,
            "8 working hours in England and Wales (09:00 to 17:00 on working days) from Saturday 24 October 2026 "
            "10:00 BST, counted from Monday 26 October 2026 09:00 GMT, when the office opens, end on "
            "Monday 26 October 2026 17:00 GMT, passing over the weekend.",
        ),
        (
            "2026-07-10T16:30", 90, NI,
            "90 working minutes in Northern Ireland (09:00 to 17:00 on working days) from Friday 10 July 2026 "
            "16:30 BST end on Tuesday 14 July 2026 10:00 BST, passing over the weekend and "
            "Monday 13 July (Battle of the Boyne, Orangemen’s Day, substitute day).",
        ),
    ],
)  # fmt: skip
def test_the_sentence_can_be_checked_on_paper(start: str, minutes: int, nation: Nation, because: str) -> None:
    assert working_hours_deadline(_london(start), minutes, nation).because == because


def test_at_closing_time_the_count_begins_at_the_next_opening() -> None:
    because = working_hours_deadline(_london("2026-11-18T17:00"), 60, EW).because
    assert "17:00 GMT, counted from Thursday 19 November 2026 09:00 GMT, when the office opens," in because


def test_several_weekends_are_passed_over() -> None:
    due = working_hours_deadline(_london("2026-11-18T09:00"), 10 * 480, EW)
    assert due.because.endswith("on Tuesday 1 December 2026 17:00 GMT, passing over weekends.")


@given(STARTS, MINUTES, NATIONS)
def test_the_deadline_is_what_its_sentence_says(start: datetime, minutes: int, nation: Nation) -> None:
    due = working_hours_deadline(start, minutes, nation)
    assert due.instant == add_working_hours(start, minutes, nation)
    opening = f"{minutes // 60} working hour" if minutes % 60 == 0 else f"{minutes} working minute"
    assert due.because.startswith((opening, "One working "))


def test_beyond_the_published_holidays_nothing_is_guessed() -> None:
    short = published().until(date(2026, 11, 18))
    assert add_working_hours(_london("2026-11-18T16:00"), 60, EW, LONDON, holidays=short) == _london("2026-11-18T17:00")
    for minutes, start in ((61, "2026-11-18T16:00"), (1, "2026-11-18T17:00"), (1, "2026-11-19T10:00")):
        with pytest.raises(BeyondPublishedHolidays, match="Thursday 19 November 2026"):
            add_working_hours(_london(start), minutes, EW, LONDON, holidays=short)
    with pytest.raises(BeyondPublishedHolidays):
        add_working_hours(_london("2026-11-18T17:00"), 999_999 * 60, EW)


def test_what_cannot_be_counted_is_refused_with_a_sentence() -> None:
    with pytest.raises(NotAnInstant):
        add_working_hours(datetime(2026, 11, 18, 9), 60, EW)  # noqa: DTZ001 - that it is naive is the point
    with pytest.raises(NoWorkingTime, match="0 minutes are no length of working time"):
        add_working_hours(_london("2026-11-18T09:00"), 0, EW)


@pytest.mark.parametrize(
    ("opens", "closes"), [(time(17), time(9)), (time(9), time(9)), (time(9, tzinfo=UTC), time(17, tzinfo=UTC))]
)
def test_office_hours_open_before_they_close_on_the_zones_clock(opens: time, closes: time) -> None:
    with pytest.raises(NotOfficeHours, match="the opening before the closing"):
        Hours(opens, closes)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("8 working hours", 480),
        ("1 working hour", 60),
        (" 12  Working Hours ", 720),
        ("0 working hours", None),
        ("8 hours", None),
        ("8 working days", None),
        ("PT8H", None),
        ("-8 working hours", None),
        ("1.5 working hours", None),
        ("8 working hours a day", None),
        ("1234567 working hours", None),
        ("", None),
    ],
)
def test_a_limit_in_working_hours_is_read_in_minutes(text: str, minutes: int | None) -> None:
    assert parse_limit_hours(text) == minutes
