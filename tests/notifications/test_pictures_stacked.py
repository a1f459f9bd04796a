"""Bars made of parts: every number stands in the table and in words, and no part is told by its colour alone."""

from xml.etree import ElementTree

import pytest

from notifications.pictures import SERIES, TooManySeries
from notifications.pictures_stacked import stacked_bars

SVG = "{http://www.w3.org/2000/svg}"
ROWS = [("wrong recipient", {"low": 2, "high": 30}), ("<theft>", {"low": 1}), ("nothing yet", {})]
SERIES_NAMES = ("low", "medium", "high")


def test_the_table_holds_what_is_drawn_and_the_sum_of_each_row() -> None:
    picture = stacked_bars("Breaches", ROWS, SERIES_NAMES, "breaches", "Cause")
    assert picture.heads == ("Cause", "low", "medium", "high", "All")
    assert picture.rows == (
        ("wrong recipient", "2", "0", "30", "32"),
        ("<theft>", "1", "0", "0", "1"),
        ("nothing yet", "0", "0", "0", "0"),
    )


def test_the_drawing_is_xml_says_its_numbers_and_stays_within_itself() -> None:
    drawn = ElementTree.fromstring(stacked_bars("Breaches", ROWS, SERIES_NAMES, "breaches").svg)
    said = drawn.find(f"{SVG}desc")
    assert said is not None
    assert said.text == ("Number of breaches. wrong recipient: low 2, high 30; <theft>: low 1; nothing yet: none.")
    wide = float(drawn.get("width", "0"))
    parts = [each for each in drawn.iter(f"{SVG}rect") if "url(#series-" in each.get("fill", "")]
    assert len(parts) == len(SERIES_NAMES) + 3
    assert all(float(each.get("x", "0")) + float(each.get("width", "0")) <= wide for each in parts)
    assert len(drawn.findall(f".//{SVG}pattern")) == len(SERIES_NAMES)


def test_nothing_to_count_is_a_sentence_and_too_many_series_are_refused() -> None:
    assert stacked_bars("Breaches", [], SERIES_NAMES, "breaches").svg == ""
    with pytest.raises(TooManySeries):
        stacked_bars("Breaches", ROWS, [str(number) for number in range(len(SERIES) + 1)], "breaches")
    with pytest.raises(KeyError):
        stacked_bars("Breaches", ROWS, ("low",), "breaches")
