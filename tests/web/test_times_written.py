"""A time of day as people write it is the time they meant, or is refused with a sentence: never another time."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import BaseModel

from rules.errors import Refused
from rules.instants import LONDON
from web.fields import day
from web.forms import read_form
from web.times_written import NotATime, instant_on

JULY, JANUARY, BACK = date(2027, 7, 5), date(2027, 1, 5), date(2026, 10, 25)


@pytest.mark.parametrize("written", [
    "16:20", "16.20", "1620", "4:20 PM", "4:20pm", "4.20 Pm", "4:20 p.m.", "16:20 GMT", "16:20 gmt", "4:20 PM GMT",
])  # fmt: skip
def test_a_time_is_what_its_writer_meant(written: str) -> None:
    assert instant_on(JANUARY, written, LONDON) == datetime(2027, 1, 5, 16, 20, tzinfo=UTC)


@pytest.mark.parametrize(("written", "hour"), [
    ("4 PM", 16), ("4pm", 16), ("12 AM", 0), ("12 pm", 12), ("0000", 0), ("12:00 AM", 0),
])  # fmt: skip
def test_the_half_of_the_day_belongs_to_the_time(written: str, hour: int) -> None:
    assert instant_on(JANUARY, written, LONDON).hour == hour


@pytest.mark.parametrize("written", [
    "16", "12", "9", "920", "16:20 XYZ", "16:20 CEST", "16:20 UTC", "16:2", "1:6:20", "24:00", "16:60", "13:00 PM",
    "0 AM", "1620 5", "BST", "PM", "16:20 BST GMT", "٢٠:٣٠",
])  # fmt: skip
def test_what_is_no_time_is_refused(written: str) -> None:
    with pytest.raises(NotATime):
        instant_on(JULY, written, LONDON)


def test_the_name_of_the_zone_must_be_the_one_that_the_clocks_show() -> None:
    assert instant_on(JULY, "16:20 BST", LONDON) == datetime(2027, 7, 5, 15, 20, tzinfo=UTC)
    for on, written in ((JULY, "16:20 GMT"), (JANUARY, "16:20 BST")):
        with pytest.raises(Refused, match="The clocks show"):
            instant_on(on, written, LONDON)


def test_of_a_time_that_came_twice_the_name_says_which() -> None:
    assert instant_on(BACK, "01:30 BST", LONDON) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert instant_on(BACK, "1:30 AM GMT", LONDON) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    with pytest.raises(Refused, match="came twice"):
        instant_on(BACK, "01:30", LONDON)


class Asks(BaseModel):
    on: date = day("When?")


@pytest.mark.parametrize("part", ["1_0", "+1", "１", "-1"])
def test_a_day_is_written_in_digits(part: str) -> None:
    sent: dict[str, list[Any]] = {"on-day": [part], "on-month": ["7"], "on-year": ["2027"]}
    assert "must be a real date" in read_form(Asks, sent, {}, LONDON).errors["on"]
