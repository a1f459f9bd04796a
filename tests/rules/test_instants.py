from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.instants import (
    LONDON,
    NeitherDayNorInstant,
    NotAnInstant,
    OutsideTheCalendar,
    RepeatedTime,
    SkippedTime,
    UnknownZone,
    at_local,
    elapsed,
    end_of_day,
    from_local,
    local_day,
    parse_when,
    require_aware,
    zone_named,
)

ZONES = st.sampled_from(["Europe/London", "Pacific/Chatham", "America/St_Johns", "Africa/Cairo", "UTC"])
FIRST, LAST = datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2090-12-31")
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
NAIVE = datetime.fromisoformat("2027-06-30T12:00")
INSTANTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("day", "ends", "hours"),
    [
        (date(2027, 3, 28), datetime(2027, 3, 28, 23, tzinfo=UTC), 23),
        (date(2027, 10, 31), datetime(2027, 11, 1, 0, tzinfo=UTC), 25),
        (date(2027, 6, 30), datetime(2027, 6, 30, 23, tzinfo=UTC), 24),
    ],
)
def test_a_day_ends_at_the_next_london_midnight(day: date, ends: datetime, hours: int) -> None:
    assert end_of_day(day, LONDON) == ends
    assert ends - end_of_day(day - timedelta(days=1), LONDON) == timedelta(hours=hours)


def test_an_answer_one_second_before_midnight_is_in_time_and_at_midnight_late() -> None:
    ends = end_of_day(date(2027, 6, 30), LONDON)
    assert datetime(2027, 6, 30, 22, 59, 59, tzinfo=UTC) < ends
    assert not datetime(2027, 6, 30, 23, 0, 0, tzinfo=UTC) < ends


@pytest.mark.parametrize(("day", "hour"), [(date(2027, 3, 27), 9), (date(2027, 3, 28), 8)])
def test_nine_in_london_is_another_instant_after_the_clocks_change(day: date, hour: int) -> None:
    assert at_local(day, time(9), LONDON) == datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def test_a_skipped_local_time_is_refused_naming_both_readings() -> None:
    with pytest.raises(SkippedTime) as refusal:
        at_local(date(2027, 3, 28), time(1, 30), LONDON)
    assert str(refusal.value) == (
        "2027-03-28 01:30 does not exist in Europe/London, because the clocks go forward over it: write "
        "2027-03-28T00:30+00:00 (Sunday 28 March 2027 00:30 GMT) or "
        "2027-03-28T02:30+01:00 (Sunday 28 March 2027 02:30 BST)."
    )


def test_a_repeated_local_time_is_refused_naming_both_readings() -> None:
    with pytest.raises(RepeatedTime) as refusal:
        at_local(date(2026, 10, 25), time(1, 30), LONDON)
    assert str(refusal.value) == (
        "2026-10-25 01:30 happens twice in Europe/London, because the clocks go back over it: write "
        "2026-10-25T01:30+01:00 (Sunday 25 October 2026 01:30 BST) or "
        "2026-10-25T01:30+00:00 (Sunday 25 October 2026 01:30 GMT)."
    )


@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2027, 10, 31)])
@pytest.mark.parametrize("clock", [time(0, 59, 59), time(2, 0)])
def test_just_outside_the_hour_of_the_change_a_time_is_itself(day: date, clock: time) -> None:
    assert at_local(day, clock, LONDON).astimezone(LONDON).time() == clock


@pytest.mark.parametrize("not_aware", [NAIVE, NAIVE.replace(fold=1)])
def test_a_naive_instant_is_refused_with_a_sentence(not_aware: datetime) -> None:
    for question in (
        require_aware,
        lambda moment: local_day(moment, LONDON),
        lambda moment: elapsed(moment, 1),
    ):
        with pytest.raises(NotAnInstant, match=r"2027-06-30T12:00:00 is not an instant.*write its offset"):
            question(not_aware)


@pytest.mark.parametrize("name", ["Europe/Londen", "", "Europe", "../etc/passwd", "/etc/passwd", "Mars/Base", "\0"])
def test_a_zone_that_does_not_exist_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(UnknownZone, match="There is no time zone “"):
        zone_named(name)


def test_a_misspelt_zone_is_told_its_nearest_name() -> None:
    with pytest.raises(UnknownZone, match="nearest name: Europe/London"):
        zone_named("Europe/Londen")
    assert zone_named("Europe/London") is LONDON


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-02-26", date(2027, 2, 26)),
        ("2026-10-23T16:20+01:00", datetime(2026, 10, 23, 15, 20, tzinfo=UTC)),
        ("2026-10-23T15:20Z", datetime(2026, 10, 23, 15, 20, tzinfo=UTC)),
        (" 2026-10-23 16:20 ", datetime(2026, 10, 23, 15, 20, tzinfo=UTC)),
        ("2026-11-20T16:45", datetime(2026, 11, 20, 16, 45, tzinfo=UTC)),
    ],
)
def test_what_a_person_writes_is_a_day_or_an_instant(text: str, expected: date) -> None:
    assert parse_when(text, LONDON) == expected
    assert type(parse_when(text, LONDON)) is type(expected)


@pytest.mark.parametrize("text", ["2027-02-30", "2026-02-29", "2026-04-31T16:20"])
def test_a_day_that_is_in_no_calendar_is_named(text: str) -> None:
    with pytest.raises(NeitherDayNorInstant, match=r"there is no (30 February 2027|29 February 2026|31 April 2026)\."):
        parse_when(text, LONDON)


@pytest.mark.parametrize("text", ["", "tomorrow", "2027-02-26T25:00", "26/02/2027"])
def test_what_is_no_day_and_no_instant_is_refused(text: str) -> None:
    with pytest.raises(NeitherDayNorInstant, match="neither a date such as"):
        parse_when(text, LONDON)


@pytest.mark.parametrize(
    "question",
    [
        lambda: elapsed(datetime(2027, 1, 1, tzinfo=UTC), 10**9),
        lambda: elapsed(datetime(2027, 1, 1, tzinfo=UTC), 10**16),
        lambda: require_aware(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))),
        lambda: end_of_day(date.max, LONDON),
        lambda: parse_when("0001-01-01T00:00", LONDON),
    ],
)
def test_the_ends_of_the_calendar_are_refused_with_a_sentence(question) -> None:
    with pytest.raises(OutsideTheCalendar, match="outside the calendar"):
        question()


@given(INSTANTS, ZONES)
def test_every_instant_lies_within_its_own_local_day(instant: datetime, zone_name: str) -> None:
    zone = zone_named(zone_name)
    day = local_day(instant, zone)
    assert end_of_day(day - timedelta(days=1), zone) <= instant < end_of_day(day, zone)


@given(DAYS, ZONES)
def test_the_last_microsecond_belongs_to_the_day_and_the_end_to_the_next(day: date, zone_name: str) -> None:
    zone = zone_named(zone_name)
    ends = end_of_day(day, zone)
    assert local_day(ends - timedelta(microseconds=1), zone) == day
    assert local_day(ends, zone) == day + timedelta(days=1)


@given(INSTANTS, st.integers(-2000, 2000), ZONES)
def test_elapsed_hours_are_real_hours_whatever_the_zone_of_the_start(
    instant: datetime, hours: int, zone_name: str
) -> None:
    later = elapsed(instant.astimezone(zone_named(zone_name)), hours)
    assert (later - instant).total_seconds() == hours * 3600
    assert later.tzinfo is UTC


@given(st.datetimes(FIRST, LAST), ZONES)
def test_a_local_time_is_refused_or_reads_back_as_itself(local: datetime, zone_name: str) -> None:
    zone = zone_named(zone_name)
    try:
        instant = from_local(local, zone)
    except (SkippedTime, RepeatedTime):
        return
    assert instant.tzinfo is UTC
    assert instant.astimezone(zone).replace(tzinfo=None) == local


@given(DAYS, st.times())
def test_outside_one_to_two_at_night_london_never_refuses_a_time(day: date, clock: time) -> None:
    if not time(1) <= clock < time(2):
        assert local_day(at_local(day, clock, LONDON), LONDON) == day
