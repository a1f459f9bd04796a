from datetime import date
from xml.etree import ElementTree

import pytest

from notifications.pictures import SERIES, TooManySeries, bars, columns_by_month, figure, stacked_by_month
from tests.notifications.thread_examples import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"
MONTHS = [date(2026 + number // 12, number % 12 + 1, 1) for number in range(3, 15)]
RESULTS = ["breakdown", "inadequacy", "both", "neither", "undetermined"]

PICTURES = [
    pytest.param(bars("By party", [("Luton Borough Council", 4), ("A name " * 20, 0)], "complaints"), id="bars"),
    pytest.param(bars(HOSTILE, [(HOSTILE, 1)], HOSTILE), id="hostile"),
    pytest.param(columns_by_month("Received", list(zip(MONTHS, range(12), strict=True)), "complaints"), id="columns"),
    pytest.param(
        stacked_by_month("Determined", [(day, dict.fromkeys(RESULTS, 2)) for day in MONTHS], RESULTS, "determinations"),
        id="stacked",
    ),
    pytest.param(bars("None yet", [("concern", 0)], "concerns"), id="nought"),
]


@pytest.mark.parametrize("picture", PICTURES)
class TestEveryPicture:
    def test_is_an_image_with_a_title_and_its_numbers_in_words(self, picture):
        root = ElementTree.fromstring(picture.svg)
        assert root.get("role") == "img"
        assert root.get("aria-labelledby").split() == [
            root.find(f"{SVG}title").get("id"), root.find(f"{SVG}desc").get("id"),
        ]  # fmt: skip
        for row in picture.rows:
            assert f"{row[0]}: {', '.join(row[1:])}" in root.find(f"{SVG}desc").text

    def test_holds_nothing_active_and_nothing_from_elsewhere(self, picture):
        for element in ElementTree.fromstring(picture.svg).iter():
            assert element.tag.removeprefix(SVG) in {
                "svg", "title", "desc", "defs", "pattern", "path", "rect", "text",
            }  # fmt: skip
            assert all("url(" not in value or value.startswith("url(#") for value in element.attrib.values())

    def test_stands_beside_a_table_with_headings(self, picture):
        table = ElementTree.fromstring(figure(picture)).find("table")
        assert len(table.findall("thead/tr/*")) == len(picture.heads)
        assert [tuple(cell.text for cell in row) for row in table.findall("tbody/tr")] == list(picture.rows)
        assert all(row[0].get("scope") == "row" for row in table.findall("tbody/tr"))

    def test_stays_on_its_page(self, picture):
        root = ElementTree.fromstring(picture.svg)
        wide, high = float(root.get("width")), float(root.get("height"))
        for rect in (each for each in root.findall(f"{SVG}rect") if each.get("x")):
            assert 0 <= float(rect.get("x")) <= float(rect.get("x")) + float(rect.get("width")) <= wide
            assert 0 <= float(rect.get("y")) <= float(rect.get("y")) + float(rect.get("height")) <= high


def test_a_bar_is_as_long_as_its_count():
    root = ElementTree.fromstring(bars("By kind", [("a", 2), ("b", 4)], "complaints").svg)
    short, long = (float(each.get("width")) for each in root.findall(f"{SVG}rect")[1:])
    assert long == pytest.approx(2 * short, abs=0.2)


def test_a_month_is_as_high_as_its_parts_together():
    rows = [(MONTHS[0], {"breakdown": 1, "both": 2}), (MONTHS[1], {"breakdown": 6})]
    root = ElementTree.fromstring(stacked_by_month("Determined", rows, RESULTS, "determinations").svg)
    parts = [each for each in root.findall(f"{SVG}rect") if each.get("width") == "56"]
    first, second, whole = (float(each.get("height")) for each in parts)
    assert (first + second) * 2 == pytest.approx(whole, abs=0.3)
    assert len({each.get("fill") for each in parts}) == 2


def test_the_table_of_a_stack_has_the_sum():
    picture = stacked_by_month("D", [(MONTHS[0], {"breakdown": 1, "both": 2})], RESULTS, "determinations")
    assert picture.heads == ("Month", *RESULTS, "All")
    assert picture.rows == (("April 2026", "1", "0", "2", "0", "0", "3"),)


@pytest.mark.parametrize(
    "picture",
    [
        bars("By kind", [], "complaints"),
        columns_by_month("Received", [], "complaints"),
        stacked_by_month("Determined", [], RESULTS, "complaints"),
    ],
)
def test_no_rows_are_a_sentence(picture):
    assert picture.svg == ""
    assert "<p>There were no complaints to count.</p>" in figure(picture)
    assert "<table>" not in figure(picture)


def test_what_cannot_be_counted_or_told_apart_is_refused():
    with pytest.raises(ValueError, match="a count of -1"):
        bars("By kind", [("a", -1)], "complaints")
    with pytest.raises(KeyError, match="other"):
        stacked_by_month("D", [(MONTHS[0], {"other": 1})], RESULTS, "determinations")
    with pytest.raises(TooManySeries):
        stacked_by_month("D", [], [str(number) for number in range(7)], "determinations")


def _light(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_light(one), _light(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_words_and_edges_can_be_seen():
    assert contrast("#505a5f", "#f8f8f8") >= 4.5
    assert contrast("#0b0c0c", "#fff7e0") >= 7
    assert contrast("#0072b2", "#ffffff") >= 3
    assert all(contrast("#0b0c0c", colour) >= 3 for colour, _ in SERIES)  # the outline of every part
