import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.errors import Refused
from rules.periods import NotAPeriod, Period, Unit, parse_period


@pytest.mark.parametrize(
    ("text", "count", "unit", "words"),
    [
        ("PT72H", 72 * 60, Unit.MINUTES, "72 hours"),
        ("PT1H30M", 90, Unit.MINUTES, "one hour and 30 minutes"),
        ("PT1H", 60, Unit.MINUTES, "one hour"),
        ("PT45M", 45, Unit.MINUTES, "45 minutes"),
        ("P1M", 1, Unit.MONTHS, "one calendar month"),
        ("P3M", 3, Unit.MONTHS, "3 calendar months"),
        ("P30D", 30, Unit.DAYS, "30 days"),
        ("P1D", 1, Unit.DAYS, "one day"),
        ("P2W", 14, Unit.DAYS, "14 days"),
        ("P1Y", 12, Unit.MONTHS, "one year"),
        ("P5Y", 60, Unit.MONTHS, "5 years"),
        ("P1Y6M", 18, Unit.MONTHS, "18 calendar months"),
        ("5 working days", 5, Unit.WORKING_DAYS, "5 working days"),
        ("1 working day", 1, Unit.WORKING_DAYS, "one working day"),
    ],
)
def test_a_written_period_is_read_and_said_in_words(text: str, count: int, unit: Unit, words: str) -> None:
    period = parse_period(text)
    assert period == Period(count, unit)
    assert str(period) == words


def test_five_minutes_and_five_months_differ_by_the_letter_t_alone() -> None:
    assert str(parse_period("PT5M")) == "5 minutes"
    assert str(parse_period("P5M")) == "5 calendar months"


def test_twelve_months_are_a_year_and_two_weeks_are_fourteen_days() -> None:
    assert parse_period("P12M") == parse_period("P1Y")
    assert parse_period("P2W") == parse_period("P14D")


@pytest.mark.parametrize("text", [" p1m ", "pt72h", "5  Working  Days", "1 working days"])
def test_case_and_spaces_do_not_matter(text: str) -> None:
    assert parse_period(parse_period(text).text) == parse_period(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "P", "PT", "P1", "1M", "P1M15D", "P1DT12H", "P1W2D", "P1M1Y", "PT30S", "PT1.5H", "P0D", "PT0H",
        "P0Y0M", "0 working days", "-P1M", "P-1M", "P٣M", "P1M\nP1M", "a month", "5 days", "working days",
        "5 bank days", "P1234567D",
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_a_sentence_that_shows_how(text: str) -> None:
    with pytest.raises(NotAPeriod, match=re.escape(f"“{text}” is not a period: write hours as PT72H")):
        parse_period(text)


def test_a_period_of_nothing_cannot_be_made_in_code_either() -> None:
    with pytest.raises(Refused, match="“0 days” is not a period"):
        Period(0, Unit.DAYS)


@given(st.builds(Period, st.integers(1, 999_999), st.sampled_from(Unit)))
def test_what_is_stored_reads_back_as_the_same_period(period: Period) -> None:
    assert parse_period(period.text) == period


@given(st.text(max_size=12))
def test_no_text_does_anything_but_parse_or_be_refused(text: str) -> None:
    with suppress(NotAPeriod):
        assert parse_period(text).count > 0
