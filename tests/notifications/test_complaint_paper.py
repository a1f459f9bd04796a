"""The steering group's paper as it is read: the same in both forms, whole without anything else, and safe."""

import re
import xml.etree.ElementTree as ET
from copy import deepcopy
from html.parser import HTMLParser
from typing import Any

from notifications.complaint_paper import paper_html, paper_markdown
from notifications.complaint_sections import RESULTS, paper_of
from notifications.papers import markdown

HOSTILE = "West | Trust <script>alert(1)</script>\n## Heading `x` [a](http://example.org) \u202e **b** & {{ 7 * 7 }}"


def results(**counts: int) -> dict[str, int]:
    return dict.fromkeys(RESULTS, 0) | counts


def kept(due: int = 0, in_time: int = 0, late: int = 0) -> dict[str, Any]:
    return {"due": due, "in_time": in_time, "late": late, "waiting": due - in_time - late}


MONTHS = [f"2026-{month:02}" for month in range(4, 13)] + ["2027-01", "2027-02", "2027-03"]
FACTS: dict[str, Any] = {
    "format": 1,
    "protocol": {"slug": "westshire", "name": "Westshire Protocol"},
    "period": {"first_day": "2027-03-01", "last_day": "2027-03-31", "written_on": "2027-04-01", "is_over": True},
    "received": {
        "total": 1,
        "earlier": 0,
        "statutory": 1,
        "by_kind": {"disclosure": 1, "person": 0},
        "by_month": [{"month": month, "complaints": 2} for month in MONTHS],
    },
    "ended": {"answered": 1, "withdrawn": 0, "not ours": 0},
    "stages": {"received": 0, "closed": 1},
    "parties": [
        {
            "party": "trust",
            "name": "West Trust",
            "received": 1,
            "not_closed": 0,
            "by_result": results(breakdown=1, both=2),
        }
    ],
    "clauses": [{"clause": "7-consent", "heading": "Consent", "by_result": results(breakdown=1)}],
    "determinations": {
        "issues": 2,
        "complaints": 1,
        "corrections": 0,
        "by_result": results(breakdown=1, both=1),
        "by_month": [{"month": month, "by_result": results(neither=1)} for month in MONTHS],
    },
    "second_readings": {"agree": 1, "disagree": 0},
    "acknowledgements": kept(2, 1, 1)
    | {
        "statutory": kept(1, 1),
        "by_party": [{"party": "trust", "name": "West Trust"} | kept(2, 1, 1) | {"statutory": kept(1, 1)}],
    },
    "referrals": {
        "total": 1,
        "by_way": [
            {"from": None, "from_name": None, "to": "trust", "to_name": "West Trust", "referrals": 1},
        ],
    },
    "suggestions": {"decided_clauses": 1, "suggestion_known": 1, "among_first_three": 1},
    "effects": {"local action": 1, "breach": 0, "gap": 0, "no change": 0},
    "signals": [
        {
            "kind": "one party often",
            "subject": "trust",
            "name": "West Trust",
            "count": 5,
            "threshold": 5,
            "first_day": "2027-01-01",
            "last_day": "2027-03-01",
            "complaints": [1, 2],
            "sentence": "West Trust did not follow the protocol 5 times: what would help it to?",
        }
    ],
    "gaps": {
        "opened": 1, "opened_from_complaints": 1, "resolved": 0, "closed": 0, "waiting": 1, "proposed": 0, "urgent": 0,
    },
    "rechecks": {"asked": 0, "covered": 0, "partly_covered": 0, "not_covered": 0, "waiting": 0},
}  # fmt: skip


def hostile() -> dict[str, Any]:
    facts = deepcopy(FACTS)
    for row in (facts["protocol"], facts["parties"][0], facts["acknowledgements"]["by_party"][0]):
        row["name"] = HOSTILE
    facts["clauses"][0]["heading"] = facts["referrals"]["by_way"][0]["to_name"] = HOSTILE
    facts["signals"][0]["sentence"] = HOSTILE
    return facts


def empty() -> dict[str, Any]:
    none: dict[str, Any] = {"signals": [], "parties": [], "clauses": [], "referrals": {"total": 0, "by_way": []}}
    return FACTS | none | {"acknowledgements": kept() | {"statutory": kept(), "by_party": []}}


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def count(self, name: str) -> int:
        return sum(tag == name for tag, _ in self.tags)


def test_the_page_needs_nothing_else_and_runs_nothing() -> None:
    for facts in (FACTS, hostile(), empty()):
        html = paper_html(facts)
        page = Page(html)
        assert html.startswith('<!DOCTYPE html>\n<html lang="en">')
        assert {"script", "link", "img", "iframe", "a"}.isdisjoint(tag for tag, _ in page.tags)
        assert not [
            name for _, attributes in page.tags for name in attributes if name.startswith(("on", "src", "href"))
        ]
        assert not re.search(r"@import|url\((?!#)", html)


def test_every_table_has_headings_and_every_picture_says_its_numbers() -> None:
    page = Page(paper_html(FACTS))
    tables = sum(len(section.tables) + len(section.pictures) for section in paper_of(FACTS).sections)
    assert page.count("table") == tables == page.count("caption") + page.count("figcaption")
    assert all(attributes.get("scope") in ("col", "row") for tag, attributes in page.tags if tag == "th")
    assert [tag for tag, _ in page.tags if tag in ("h1", "h2")] == ["h1"] + ["h2"] * len(paper_of(FACTS).sections)
    drawings = re.findall(r"<svg.*?</svg>", paper_html(FACTS), re.DOTALL)
    assert len(drawings) == 3
    for drawing in drawings:
        root = ET.fromstring(drawing)
        assert root.find("{http://www.w3.org/2000/svg}desc") is not None


def test_markdown_says_the_same_as_the_page() -> None:
    for facts in (FACTS, empty()):
        said, paper = paper_markdown(facts), paper_of(facts)
        assert re.findall(r"^## (.*)$", said, re.MULTILINE) == [section.heading for section in paper.sections]
        for section in paper.sections:
            for table in section.tables:
                for row in table.rows:
                    assert f"| {' | '.join(map(markdown, row))} |\n" in said
                    assert all(f">{cell}<" in paper_html(facts) for cell in row)


def test_words_from_elsewhere_mark_nothing_up() -> None:
    said = paper_markdown(hostile())
    assert len(re.findall(r"^#", said, re.MULTILINE)) == len(re.findall(r"^#", paper_markdown(FACTS), re.MULTILINE))
    for line in said.splitlines():
        if "West \\|" in line:
            assert "<" not in line
            assert "`" not in line.replace("\\`", "")
            assert "[" not in line.replace("\\[", "")
    page = Page(paper_html(hostile()))
    assert page.tags.count(("b", {})) == 0
    for form in (said, paper_html(hostile())):
        assert "\u202e" not in form
    assert "{{ 7 * 7 }}" in paper_html(hostile())


def test_a_table_in_markdown_has_as_many_cells_in_every_line() -> None:
    tables = re.findall(r"(?:^\|.*\n)+", paper_markdown(hostile()), re.MULTILINE)
    assert len(tables) > 10
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1, table


def test_where_there_is_nothing_it_says_so_instead_of_an_empty_table() -> None:
    said = paper_markdown(empty())
    for sentence in (
        "No number has reached its threshold.", "No party has a complaint.", "None was due.", "None was passed on.",
    ):  # fmt: skip
        assert sentence in said


def test_a_draft_says_that_its_period_is_not_over() -> None:
    facts = FACTS | {"period": FACTS["period"] | {"is_over": False, "written_on": "2027-03-12"}}
    assert "The period is not over: these are its numbers on Friday 12 March 2027" in paper_markdown(facts)
