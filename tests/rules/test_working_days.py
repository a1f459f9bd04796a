from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.anchors import corresponding_day
from rules.working_days import (
    BeyondPublishedHolidays,
    Nation,
    add_working_days,
    is_working_day,
    published,
    working_day_on_or_after,
    working_day_on_or_before,
    working_days_between,
)

EW, SC, NI = Nation.ENGLAND_AND_WALES, Nation.SCOTLAND, Nation.NORTHERN_IRELAND
DAYS = st.dates(date(2013, 1, 1), date(2027, 12, 31))
NATIONS = st.sampled_from(Nation)


@pytest.mark.parametrize(
    ("day", "n", "nation", "expected"),
    [
        (date(2026, 4, 2), 1, EW, date(2026, 4, 7)),
        (date(2026, 4, 2), 1, NI, date(2026, 4, 7)),
        (date(2026, 4, 2), 1, SC, date(2026, 4, 6)),
        (date(2026, 12, 24), 5, EW, date(2027, 1, 5)),
        (date(2026, 12, 24), 5, NI, date(2027, 1, 5)),
        (date(2026, 12, 24), 5, SC, date(2027, 1, 6)),
        (date(2026, 12, 18), 20, EW, date(2027, 1, 20)),
        (date(2026, 12, 18), 20, NI, date(2027, 1, 20)),
        (date(2026, 12, 18), 20, SC, date(2027, 1, 21)),
    ],
)
def test_working_days_forward_skip_the_own_nations_holidays(day: date, n: int, nation: Nation, expected: date) -> None:
    assert add_working_days(day, n, nation) == expected


def test_easter_monday_is_a_working_day_in_scotland_only() -> None:
    assert [is_working_day(date(2027, 3, 29), nation) for nation in (EW, SC, NI)] == [False, True, False]


def test_a_holiday_is_known_by_its_name_and_whether_it_is_a_substitute() -> None:
    assert published().name(date(2027, 3, 26), EW) == "Good Friday"
    assert published().name(date(2026, 12, 28), EW) == "Boxing Day, substitute day"
    assert published().name(date(2027, 3, 25), EW) is None


@pytest.mark.parametrize("nation", Nation)
def test_the_published_holidays_reach_thirteen_months_past_today(nation: Nation) -> None:
    """When this fails: raise govuk-bank-holidays in the lock and in pyproject.toml to a release that does."""
    today = datetime.now(UTC).date()
    assert is_working_day(corresponding_day(today, 13), nation) in (True, False)


@pytest.mark.parametrize("nation", Nation)
def test_the_published_lists_are_whole_years(nation: Nation) -> None:
    known = published().nations[nation]
    assert known.first == date(2012, 1, 1)
    assert (known.last.month, known.last.day) == (12, 31)
    for year in range(known.first.year, known.last.year + 1):
        assert sum(day.year == year for day in known.names) >= 8


def test_past_the_published_holidays_no_day_is_guessed() -> None:
    last = published().nations[SC].last
    after = last + timedelta(days=1)
    with pytest.raises(BeyondPublishedHolidays, match=rf"Scotland .*{last.year} only.*{after.year}") as refusal:
        is_working_day(after, SC)
    assert (refusal.value.nation, refusal.value.day, refusal.value.last) == (SC, after, last)


@pytest.mark.parametrize("n", [1, 5, -3, -60])
def test_counting_refuses_as_soon_as_it_would_pass_an_unknown_day(n: int) -> None:
    short = published().until(date(2026, 12, 24))
    with pytest.raises(BeyondPublishedHolidays, match="Friday 25 December 2026"):
        add_working_days(date(2026, 12, 24), 1, EW, short)
    with pytest.raises(BeyondPublishedHolidays):
        add_working_days(date(2027, 6, 1), n, EW, short)


def test_the_day_zero_may_itself_be_the_first_unknown_day() -> None:
    short = published().until(date(2026, 12, 24))
    assert add_working_days(date(2026, 12, 25), -1, EW, short) == date(2026, 12, 24)


def test_before_the_published_holidays_no_day_is_guessed_either() -> None:
    with pytest.raises(BeyondPublishedHolidays, match="31 December 2011"):
        is_working_day(date(2011, 12, 31), EW)
    with pytest.raises(BeyondPublishedHolidays, match="31 December 2011"):
        add_working_days(date(2012, 1, 4), -2, EW)


@pytest.mark.parametrize("roll", [working_day_on_or_after, working_day_on_or_before])
def test_rolling_from_an_unknown_day_is_refused(roll) -> None:
    with pytest.raises(BeyondPublishedHolidays):
        roll(date(2026, 12, 25), EW, published().until(date(2026, 12, 24)))


def test_an_instant_in_place_of_a_day_is_an_error_and_never_a_working_day() -> None:
    with pytest.raises(TypeError):
        is_working_day(datetime(2026, 12, 25, 12, tzinfo=UTC), EW)


def test_a_protocol_can_add_its_own_closed_days_for_one_nation() -> None:
    closed = date(2027, 3, 30)
    own = published().with_days({closed: "Office move"}, [EW])
    assert not is_working_day(closed, EW, own)
    assert is_working_day(closed, SC, own)
    assert own.name(closed, EW) == "Office move"
    assert add_working_days(date(2027, 3, 25), 1, EW, own) == date(2027, 3, 31)
    assert is_working_day(closed, EW)


def test_an_own_closed_day_does_not_rename_a_bank_holiday_or_reach_further() -> None:
    own = published().with_days({date(2027, 3, 26): "Shut", date(2031, 5, 1): "Fair"})
    assert own.name(date(2027, 3, 26), EW) == "Good Friday"
    with pytest.raises(BeyondPublishedHolidays):
        is_working_day(date(2031, 5, 1), EW, own)


@given(DAYS, st.integers(-250, 250), NATIONS)
def test_counting_agrees_with_walking_day_by_day(day: date, n: int, nation: Nation) -> None:
    walked, left = day, abs(n)
    while left:
        walked += timedelta(days=1 if n > 0 else -1)
        left -= is_working_day(walked, nation)
    assert add_working_days(day, n, nation) == walked


@given(DAYS, st.integers(-250, 250), NATIONS)
def test_counting_back_undoes_counting_forward_from_a_working_day(day: date, n: int, nation: Nation) -> None:
    start = working_day_on_or_after(day, nation)
    assert add_working_days(add_working_days(start, n, nation), -n, nation) == start


@given(DAYS, st.integers(0, 250), NATIONS)
def test_the_number_between_is_the_number_added(day: date, n: int, nation: Nation) -> None:
    end = add_working_days(day, n, nation)
    assert working_days_between(day, end, nation) == n
    if n:
        assert working_days_between(end, day, nation) == 0


@given(DAYS, NATIONS)
def test_going_back_is_never_later_and_going_forward_never_earlier(day: date, nation: Nation) -> None:
    before, after = working_day_on_or_before(day, nation), working_day_on_or_after(day, nation)
    assert before <= day <= after
    assert is_working_day(before, nation)
    assert is_working_day(after, nation)
    assert (before == after) == is_working_day(day, nation)
    assert working_days_between(before, after, nation) == (before != after)
