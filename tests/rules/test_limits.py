from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.instants import LONDON, NotAnInstant, elapsed
from rules.limits import is_over, time_left
from rules.sentences import written_instant

DUE = datetime(2026, 10, 26, 15, 20, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("aware", "due"),
    [
        ("2026-11-20T16:45+00:00", "Monday 23 November 2026 16:45 GMT"),
        ("2026-03-27T16:20+00:00", "Monday 30 March 2026 17:20 BST"),
        ("2026-10-23T16:20+01:00", "Monday 26 October 2026 15:20 GMT"),
        ("2026-12-24T15:30+00:00", "Sunday 27 December 2026 15:30 GMT"),
    ],
)
def test_72_hours_are_elapsed_hours_and_exactly_at_their_end_is_on_time(aware: str, due: str) -> None:
    began = datetime.fromisoformat(aware)
    limit = elapsed(began, hours=72)
    assert written_instant(limit, LONDON) == due
    assert time_left(limit, began) == "3 days left"
    assert time_left(limit.astimezone(LONDON), began.astimezone(LONDON)) == "3 days left"
    assert not is_over(limit, limit, exact=True)
    assert is_over(limit, limit + SECOND, exact=True)


def test_the_end_of_a_day_is_late_already() -> None:
    midnight = datetime(2027, 3, 31, 23, tzinfo=UTC)
    assert not is_over(midnight, midnight - SECOND, exact=False)
    assert is_over(midnight, midnight, exact=False)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(days=2, hours=3, minutes=59), "2 days and 3 hours left"),
        (timedelta(days=2, minutes=59), "2 days left"),
        (timedelta(days=1, hours=1), "one day and one hour left"),
        (timedelta(hours=23, minutes=59, seconds=59), "23 hours and 59 minutes left"),
        (timedelta(hours=1), "one hour left"),
        (timedelta(minutes=40), "40 minutes left"),
        (timedelta(minutes=1, seconds=59), "one minute left"),
        (timedelta(seconds=59), "less than one minute left"),
        (timedelta(), "due now"),
        (-SECOND, "overdue by less than one minute"),
        (-timedelta(hours=1), "overdue by one hour"),
        (-timedelta(hours=1, minutes=30), "overdue by one hour and 30 minutes"),
        (-timedelta(days=3, hours=2), "overdue by 3 days and 2 hours"),
    ],
)
def test_the_time_left_is_said_in_words(before: timedelta, words: str) -> None:
    assert time_left(DUE, DUE - before) == words


def test_time_left_is_elapsed_across_a_change_of_the_clocks() -> None:
    """In London's own readings, 16:20 on Friday to 15:20 on Monday looks like 71 hours; 73 pass the other way."""
    friday = datetime(2026, 10, 23, 16, 20, tzinfo=LONDON)
    assert time_left(DUE.astimezone(LONDON), friday) == "3 days left"
    assert time_left(datetime(2026, 3, 30, 16, 20, tzinfo=LONDON), datetime(2026, 3, 27, 16, 20, tzinfo=LONDON)) == (
        "2 days and 23 hours left"
    )


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(NotAnInstant):
        time_left(DUE.replace(tzinfo=None), DUE)
    with pytest.raises(NotAnInstant):
        is_over(DUE, DUE.replace(tzinfo=None), exact=True)


@given(st.timedeltas(timedelta(days=-100), timedelta(days=100)), st.booleans())
def test_what_is_left_is_not_over(left: timedelta, exact: bool) -> None:
    now, words = DUE - left, time_left(DUE, DUE - left)
    assert words.startswith("overdue by") == is_over(DUE, now, exact=True)
    assert is_over(DUE, now, exact=exact) or words.endswith("left") or (exact and words == "due now")
