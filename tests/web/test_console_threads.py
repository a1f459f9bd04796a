"""Threads on the pages: what the actions know, drawn, as a table, and to be taken along."""

import json
import re
from xml.etree import ElementTree as ET

import pytest
from sqlmodel import select

from actions.threads.tracing import trace
from models.access import Standing
from models.protocol import Protocol
from models.store import reading
from notifications import threads as forms
from rules.threads import Thread
from tests.web.complaint_site import HOSTILE, answers, findings_in, post, received
from tests.web.site import Site

HERE = "/console/threads"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def complaint(site: Site) -> int:
    """Followed by a local action, a breach and a gap."""
    number, browser = received(site), site.console()
    post(browser, f"/console/complaints/{number}/determine", answers(clear="no"))
    finding = findings_in(site, number)[0].id
    post(browser, f"/console/findings/{finding}/action", {"words": "Orders are looked up."})
    post(browser, f"/console/findings/{finding}/breach", {"words": "A report went astray."})
    post(browser, f"/console/findings/{finding}/gap", {"words": f"Who is asked? {HOSTILE}"})
    return number


def thread_in(site: Site, ref: str) -> Thread:
    with reading(site.store) as session:
        return trace(session, session.exec(select(Protocol)).one(), ref)


@pytest.mark.parametrize("ref", ["complaint:1", "gap:1", "breach:1", "clause:12-security", "version:4.2"])
def test_the_page_shows_the_nodes_and_links_that_the_actions_know(site: Site, complaint: int, ref: str) -> None:
    thread = thread_in(site, ref)
    answer = site.console(Standing.AUDITOR).get(f"{HERE}/{ref}")
    assert answer.status_code == 200
    table = answer.text[answer.text.index("In words") :]
    rows = re.findall(r'<tr class="govuk-table__row" id="row-\d+">\s*<th[^>]*>(?:<a [^>]*>)?([^<]+)', table)
    assert [row.strip() for row in rows] == [node.ref for node in thread.nodes]
    assert table.count('href="#row-') == 2 * len(thread.links)
    drawn = re.search(r"<svg.*?</svg>", answer.text, re.DOTALL)
    assert drawn is not None
    assert drawn[0] == forms.as_svg(thread).strip()
    assert answer.text.count("<h1") == 1
    assert "style=" not in answer.text.replace("font-style=", "")
    assert complaint == 1


def test_every_case_leads_to_its_page_and_its_own_thread(site: Site, complaint: int) -> None:
    page = site.console().get(f"{HERE}/complaint:{complaint}").text
    for link in (
        "/console/complaints/1",
        "/console/breaches/1",
        "/console/gaps/1",
        f"{HERE}/gap:1",
        f"{HERE}/breach:1",
    ):
        assert f'href="{link}"' in page
    assert f'href="{HERE}/complaint:1"' not in page  # where one is already


def test_hostile_words_stay_words_in_the_drawing(site: Site, complaint: int) -> None:
    page = site.console().get(f"{HERE}/gap:1").text
    assert "<script>alert" not in page
    assert "<img" not in page
    drawing = site.console().get(f"{HERE}/gap:1/thread.svg")
    assert drawing.headers["content-type"].startswith("image/svg+xml")
    assert drawing.headers["content-disposition"].startswith("attachment")
    names = {element.tag.removeprefix(SVG) for element in ET.fromstring(drawing.content).iter()}
    assert names <= {"svg", "title", "desc", "defs", "marker", "path", "rect", "text", "g"}
    assert complaint == 1


def test_it_can_be_taken_along_in_three_forms(site: Site, complaint: int) -> None:
    thread, browser = thread_in(site, "complaint:1"), site.console()
    assert browser.get(f"{HERE}/complaint:1/thread.svg").text == forms.as_svg(thread)
    assert json.loads(browser.get(f"{HERE}/complaint:1/thread.json").text) == forms.as_json(thread)
    assert browser.get(f"{HERE}/complaint:1/thread.mmd").text == forms.as_mermaid(thread)
    assert site.program().get("/api/threads/complaint:1").json()["thread"] == forms.as_json(thread)
    assert complaint == 1


def test_it_begins_anywhere_and_what_is_not_there_is_said(site: Site, complaint: int) -> None:
    browser = site.console()
    page = browser.get(HERE).text
    for ref in ("complaint:1", "gap:1", "breach:1", "clause:12-security", "version:4.2"):
        assert f'href="{HERE}/{ref}"' in page
    assert f'href="{HERE}/gap:1"' in browser.get(f"{HERE}?ref= GAP:01 ").text
    wrong = browser.get(HERE, params={"ref": HOSTILE})
    assert wrong.status_code == 200
    assert "names no thread" in wrong.text
    assert "<script>alert" not in wrong.text
    assert browser.get(f"{HERE}/gap:99").status_code == 404
    assert browser.get(f"{HERE}/clause:nothing").status_code == 404
    assert browser.get(f"{HERE}/nonsense").status_code == 409
    assert site.browser().get(f"{HERE}/gap:1").status_code == 303
    assert complaint == 1
