from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.anchors import HoursNeedAnInstant, NationNeeded
from rules.deadlines import Due, HoursDoNotRoll, Roll, deadline
from rules.instants import LONDON, NotAnInstant, local_day, zone_named
from rules.periods import Period, Unit, parse_period
from rules.sentences import written_day, written_instant
from rules.working_days import BeyondPublishedHolidays, Nation, is_working_day, published

EW, SC, NI = Nation.ENGLAND_AND_WALES, Nation.SCOTLAND, Nation.NORTHERN_IRELAND
HOURS_72, DAYS_30, MONTH = parse_period("PT72H"), parse_period("P30D"), parse_period("P1M")


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("aware", "due", "why"),
    [
        (
            "2026-11-20T16:45",
            datetime(2026, 11, 23, 16, 45, tzinfo=UTC),
            "72 elapsed hours from Friday 20 November 2026 16:45 GMT end on Monday 23 November 2026 16:45 "
            "GMT, every hour counted, those of nights, weekends and holidays too.",
        ),
        (
            "2026-03-27T16:20",
            datetime(2026, 3, 30, 16, 20, tzinfo=UTC),
            "72 elapsed hours from Friday 27 March 2026 16:20 GMT end on Monday 30 March 2026 17:20 BST, "
            "because the clocks go forward on Sunday 29 March.",
        ),
        (
            "2026-10-23T16:20",
            datetime(2026, 10, 26, 15, 20, tzinfo=UTC),
            "72 elapsed hours from Friday 23 October 2026 16:20 BST end on Monday 26 October 2026 15:20 "
            "GMT, because the clocks go back on Sunday 25 October.",
        ),
        (
            "2026-12-24T15:30",
            datetime(2026, 12, 27, 15, 30, tzinfo=UTC),
            "72 elapsed hours from Thursday 24 December 2026 15:30 GMT end on Sunday 27 December 2026 15:30"
            " GMT, every hour counted, those of nights, weekends and holidays too.",
        ),
    ],
)
def test_seventy_two_hours_are_elapsed_hours(aware: str, due: datetime, why: str) -> None:
    assert deadline(HOURS_72, london(aware)) == Due(due, why)


@pytest.mark.parametrize(
    ("received", "nation", "due"),
    [
        (date(2026, 6, 19), EW, date(2026, 7, 20)),
        (date(2026, 8, 1), EW, date(2026, 9, 1)),
        (date(2026, 11, 25), EW, date(2026, 12, 29)),
        (date(2027, 2, 24), EW, date(2027, 3, 30)),
        (date(2027, 6, 12), EW, date(2027, 7, 12)),
        (date(2027, 6, 12), NI, date(2027, 7, 13)),
    ],
)
def test_thirty_days_to_acknowledge_a_complaint_go_forward_to_a_working_day(
    received: date, nation: Nation, due: date
) -> None:
    assert deadline(DAYS_30, received, nation=nation, roll=Roll.FORWARD).due == due


@pytest.mark.parametrize(
    ("due", "why"),
    [
        (
            deadline(MONTH, date(2027, 3, 31), back=True, nation=EW, roll=Roll.BACK),
            "One calendar month before Wednesday 31 March 2027, that day not counted, falls on Sunday 28 "
            "February 2027, the last day of its month, because February 2027 has no 31st; it goes back to "
            "the working day before, Friday 26 February 2027, because Sunday 28 February and Saturday 27 "
            "February are not working days in England and Wales.",
        ),
        (
            deadline(MONTH, date(2027, 4, 29), back=True, nation=EW, roll=Roll.BACK),
            "One calendar month before Thursday 29 April 2027, that day not counted, falls on the "
            "corresponding date, Monday 29 March 2027; it goes back to the working day before, Thursday 25 "
            "March 2027, because Monday 29 March (Easter Monday), Sunday 28 March, Saturday 27 March and "
            "Friday 26 March (Good Friday) are not working days in England and Wales.",
        ),
        (
            deadline(MONTH, date(2027, 4, 29), back=True, nation=SC, roll=Roll.BACK),
            "One calendar month before Thursday 29 April 2027, that day not counted, falls on the "
            "corresponding date, Monday 29 March 2027; it is a working day in Scotland.",
        ),
        (
            deadline(MONTH, date(2026, 12, 30), back=True, nation=SC, roll=Roll.BACK),
            "One calendar month before Wednesday 30 December 2026, that day not counted, falls on the "
            "corresponding date, Monday 30 November 2026; it goes back to the working day before, Friday 27"
            " November 2026, because Monday 30 November (St Andrew’s Day), Sunday 29 November and Saturday "
            "28 November are not working days in Scotland.",
        ),
        (
            deadline(DAYS_30, date(2026, 11, 25), nation=EW, roll=Roll.FORWARD),
            "30 days from Wednesday 25 November 2026, that day not counted, end on Friday 25 December 2026;"
            " it goes forward to the next working day, Tuesday 29 December 2026, because Friday 25 December"
            " (Christmas Day), Saturday 26 December, Sunday 27 December and Monday 28 December (Boxing Day,"
            " substitute day) are not working days in England and Wales.",
        ),
        (
            deadline(DAYS_30, date(2027, 6, 12), nation=NI, roll=Roll.FORWARD),
            "30 days from Saturday 12 June 2027, that day not counted, end on Monday 12 July 2027; it goes "
            "forward to the next working day, Tuesday 13 July 2027, because Monday 12 July (Battle of the "
            "Boyne, Orangemen’s Day) is not a working day in Northern Ireland.",
        ),
        (
            deadline(parse_period("5 working days"), date(2026, 12, 24), nation=SC),
            "5 working days in Scotland from Thursday 24 December 2026, that day not counted, end on "
            "Wednesday 6 January 2027, passing over weekends, Friday 25 December (Christmas Day), Monday 28"
            " December (Boxing Day, substitute day), Friday 1 January (New Year’s Day) and Monday 4 January"
            " (2nd January, substitute day).",
        ),
        (
            deadline(parse_period("1 working day"), date(2026, 4, 2), nation=SC),
            "One working day in Scotland from Thursday 2 April 2026, that day not counted, ends on Monday 6"
            " April 2026, passing over the weekend and Friday 3 April (Good Friday).",
        ),
        (
            deadline(parse_period("2 working days"), date(2027, 4, 29), back=True, nation=EW),
            "2 working days in England and Wales before Thursday 29 April 2027, that day not counted, fall "
            "on Tuesday 27 April 2027.",
        ),
        (
            deadline(parse_period("PT90M"), london("2026-10-25T00:15")),
            "90 elapsed minutes from Sunday 25 October 2026 00:15 BST end on Sunday 25 October 2026 01:45 "
            "BST, every hour counted, those of nights, weekends and holidays too.",
        ),
        (
            deadline(HOURS_72, datetime(2026, 10, 26, 15, 20, 30, tzinfo=UTC), back=True),
            "72 elapsed hours before Monday 26 October 2026 15:20:30 GMT fall on Friday 23 October 2026 "
            "16:20:30 BST, because the clocks go back on Sunday 25 October.",
        ),
    ],
)  # fmt: skip
def test_every_date_explains_itself_in_one_sentence(due: Due, why: str) -> None:
    assert due.because == why


def test_a_change_of_the_clocks_in_an_earlier_year_is_named_with_its_year() -> None:
    due = deadline(parse_period("PT2400H"), london("2026-10-01T12:00"))
    assert due.because.endswith("because the clocks go back on Sunday 25 October 2026.")


def test_clocks_west_of_greenwich_go_forward_in_spring_too() -> None:
    new_york = zone_named("America/New_York")
    due = deadline(HOURS_72, datetime(2027, 3, 12, 17, tzinfo=UTC), zone=new_york)
    assert due.because.endswith("13:00 EDT, because the clocks go forward on Sunday 14 March.")


@pytest.mark.parametrize(
    ("period", "start", "back", "due"),
    [
        ("P4M", date(1978, 9, 30), False, date(1979, 1, 30)),
        ("P2M", date(1983, 3, 23), False, date(1983, 5, 23)),
        ("P1M", date(2027, 1, 31), False, date(2027, 2, 28)),
        ("P1M", date(2027, 2, 28), False, date(2027, 3, 28)),
        ("P4M", date(2027, 10, 31), False, date(2028, 2, 29)),
        ("P1M", date(2027, 3, 31), True, date(2027, 2, 28)),
        ("P1M", date(2028, 3, 31), True, date(2028, 2, 29)),
        ("P1M", date(2027, 1, 31), True, date(2026, 12, 31)),
        ("P1Y", date(2028, 2, 29), False, date(2029, 2, 28)),
        ("P2W", date(2027, 1, 31), False, date(2027, 2, 14)),
    ],
)
def test_without_a_roll_the_date_stays_where_the_calendar_puts_it(
    period: str, start: date, back: bool, due: date
) -> None:
    assert deadline(parse_period(period), start, back=back).due == due
    assert deadline(parse_period(period), start, back=back, roll=Roll.NONE, nation=EW).due == due


def test_an_instant_given_for_days_means_its_day_in_london() -> None:
    late_evening_utc = datetime(2027, 6, 30, 23, 30, tzinfo=UTC)
    assert deadline(parse_period("P1D"), late_evening_utc) == deadline(parse_period("P1D"), date(2027, 7, 1))


@pytest.mark.parametrize("period", ["PT72H", "P1M"])
def test_a_naive_start_is_refused_with_a_sentence(period: str) -> None:
    with pytest.raises(NotAnInstant, match="does not say in which zone"):
        deadline(parse_period(period), datetime.fromisoformat("2026-10-23T16:20"))


def test_hours_from_a_day_are_refused_with_a_sentence() -> None:
    with pytest.raises(HoursNeedAnInstant, match="is counted from an instant, not from a day"):
        deadline(HOURS_72, date(2026, 10, 23))


@pytest.mark.parametrize("roll", [Roll.FORWARD, Roll.BACK])
def test_statutory_hours_are_never_rolled(roll: Roll) -> None:
    with pytest.raises(HoursDoNotRoll, match="cannot be rolled to a working day"):
        deadline(HOURS_72, london("2026-12-24T15:30"), nation=EW, roll=roll)
    assert deadline(HOURS_72, london("2026-12-24T15:30"), roll=Roll.NONE).instant.day == 27


@pytest.mark.parametrize(("period", "roll"), [("5 working days", None), ("P30D", Roll.FORWARD), ("P1M", Roll.BACK)])
def test_where_working_days_matter_a_nation_must_be_named(period: str, roll: Roll | None) -> None:
    with pytest.raises(NationNeeded, match="england-and-wales, scotland or northern-ireland"):
        deadline(parse_period(period), date(2027, 3, 31), roll=roll)


def test_beyond_the_published_holidays_a_date_is_refused_only_if_they_matter() -> None:
    short = published().until(date(2027, 3, 31))
    assert deadline(MONTH, date(2027, 3, 31), holidays=short).due == date(2027, 4, 30)
    with pytest.raises(BeyondPublishedHolidays, match="Friday 30 April 2027"):
        deadline(MONTH, date(2027, 3, 31), nation=EW, roll=Roll.FORWARD, holidays=short)


def test_a_protocols_own_closed_day_is_rolled_over_by_its_name() -> None:
    own = published().with_days({date(2027, 4, 30): "County Day"}, [EW])
    due = deadline(MONTH, date(2027, 3, 31), nation=EW, roll=Roll.FORWARD, holidays=own)
    assert due.due == date(2027, 5, 4)
    assert "Friday 30 April (County Day)" in due.because


def test_a_due_day_is_no_instant_and_a_due_instant_no_day() -> None:
    day, instant = deadline(MONTH, date(2027, 3, 31)), deadline(HOURS_72, london("2026-10-23T16:20"))
    assert day.day == date(2027, 4, 30)
    assert instant.instant == datetime(2026, 10, 26, 15, 20, tzinfo=UTC)
    with pytest.raises(TypeError, match="a day, not an instant"):
        _ = day.instant
    with pytest.raises(TypeError, match="an instant, not a day"):
        _ = instant.day


INSTANTS = st.datetimes(
    datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2080-12-31"), timezones=st.just(UTC)
).map(lambda instant: instant.astimezone(LONDON))
DAY_PERIODS = st.builds(Period, st.integers(1, 200), st.sampled_from([Unit.DAYS, Unit.MONTHS]))
DAYS = st.dates(date(2016, 1, 1), date(2027, 6, 30))
NATIONS = st.sampled_from(Nation)


@given(INSTANTS, st.booleans())
def test_seventy_two_hours_are_always_259200_seconds(start: datetime, back: bool) -> None:
    due = deadline(HOURS_72, start, back=back).instant
    assert due.tzinfo is UTC
    assert abs((due - start.astimezone(UTC)).total_seconds()) == 259_200
    assert (due < start.astimezone(UTC)) == back


@given(INSTANTS, st.integers(1, 20_000))
def test_a_clock_change_is_named_exactly_when_the_offset_differs(start: datetime, hours: int) -> None:
    due = deadline(Period(hours * 60, Unit.MINUTES), start)
    differs = due.instant.astimezone(LONDON).utcoffset() != start.utcoffset()
    assert ("because the clocks go" in due.because) == differs
    assert ("every hour counted" in due.because) != differs


@given(DAY_PERIODS, DAYS, st.booleans(), NATIONS)
def test_a_rolled_date_is_a_working_day_on_its_own_side_with_none_between(
    period: Period, start: date, back: bool, nation: Nation
) -> None:
    if not (date(2012, 2, 1) <= (plain := deadline(period, start, back=back).day) <= date(2028, 12, 1)):
        return
    earlier = deadline(period, start, back=back, nation=nation, roll=Roll.BACK).day
    later = deadline(period, start, back=back, nation=nation, roll=Roll.FORWARD).day
    assert earlier <= plain <= later
    assert is_working_day(earlier, nation)
    assert is_working_day(later, nation)
    inside = [earlier + timedelta(days=n) for n in range(1, (later - earlier).days)]
    assert not any(is_working_day(day, nation) for day in inside)


@given(st.builds(Period, st.integers(1, 100), st.sampled_from(Unit)), INSTANTS, st.booleans(), NATIONS)
def test_every_explanation_is_one_sentence_that_holds_start_and_end(
    period: Period, start: datetime, back: bool, nation: Nation
) -> None:
    try:
        due = deadline(period, start, back=back, nation=nation)
    except BeyondPublishedHolidays:
        return
    assert due.because.endswith(".")
    assert due.because.count(".") == 1
    assert due.because[0].isupper() or due.because[0].isdigit()
    begin, end = start.astimezone(LONDON), due.due
    if period.unit is Unit.MINUTES:
        assert written_instant(begin, LONDON) in due.because
        assert written_instant(due.instant, LONDON) in due.because
    else:
        assert written_day(local_day(begin, LONDON)) in due.because
        assert written_day(end) in due.because
