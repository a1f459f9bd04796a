"""How long words are kept, in the console; and that no page stumbles over what has been emptied."""

import re

import pytest
import sqlalchemy as sa
from sqlmodel import select

from actions.access.users import make_secretaries_users
from models.access import Standing
from models.breach import Lesson
from models.gap import Gap
from models.history import Narrative
from models.outbox import Delivery, Message
from models.store import reading, transaction
from tasks.retention import empty_what_is_over
from tests import breach_story, complaint_story
from tests.actions.retention_world import ENDED, all_was_sent, kept_for, told
from tests.web.complaint_site import post
from tests.web.site import Site

LATE = ENDED.replace(year=2034)
PAGES = re.compile(r'href="(/console/(?:breaches|complaints|gaps|history|threads|messages|retention|outbox)[^"#]*)"')
ACTS = re.compile(r"/(?:resolve|again|came-back|keep|release|new|letters/|severity)")


STORIES = [
    pytest.param(breach_story, marks=pytest.mark.slow, id="breach"),
    pytest.param(complaint_story, id="complaints"),
]


@pytest.fixture(scope="module", params=STORIES)
def emptied(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, set[str]]:
    """The site of a store whose ended cases have been emptied, and the words that went."""
    store = told(tmp_path_factory.mktemp("emptied"), request.param.STORY)
    with transaction(store) as session:
        make_secretaries_users(session, ENDED)
        kept_for(session, breaches="P6Y", complaints="P6Y")
        all_was_sent(session, ENDED)
    before = texts(store)
    assert empty_what_is_over(LATE, store)
    site = Site(store)
    site.now = LATE
    gone = before - texts(store)
    return site, {text for text in gone if len(text.split()) > 5}


def texts(store: sa.Engine) -> set[str]:
    with reading(store) as session:
        return {text for text in session.exec(select(Narrative.text)) if text}


def test_every_page_about_what_was_emptied_is_there_without_its_words(emptied: tuple[Site, set[str]]) -> None:
    site, gone = emptied
    browser, seen, waiting = site.console(), set[str](), ["/console/breaches?show=all", "/console/complaints?show=all"]
    waiting += ["/console/outbox", "/console/retention", "/console/breaches/1", "/console/complaints/1"]
    while waiting:
        address = waiting.pop()
        if address in seen or len(seen) > 250 or ACTS.search(address):
            continue
        seen.add(address)
        page = browser.get(address)
        assert page.status_code in (200, 404), (address, page.status_code)
        assert page.status_code == 200 or address in ("/console/complaints/1",), address
        assert [words for words in gone if words in page.text and words not in of_gaps(site)] == [], address
        waiting += [found.replace("&amp;", "&") for found in PAGES.findall(page.text)]
    assert len(seen) > 40


def of_gaps(site: Site) -> str:
    """What is wanting in the protocol lives on."""
    with reading(site.store) as session:
        return "\n".join([*session.exec(select(Gap.words)), *session.exec(select(Lesson.cause))])


def test_it_says_for_how_long_and_what_went(emptied: tuple[Site, set[str]]) -> None:
    page = emptied[0].console(Standing.AUDITOR).get("/console/retention").text
    assert "6 years after the end" in page
    assert "What went" in page


def test_the_documents_lead_to_it(site: Site) -> None:
    address = "/console/retention?protocol=bedfordshire"
    assert f'href="{address}"' in site.console().get("/console/documents").text
    assert "the protocol does not say, so nothing goes" in site.console().get(address).text


def test_the_privacy_page_says_the_period(site: Site) -> None:
    assert "set no period" in site.browser().get("/privacy").text
    site.acting(lambda session, *_: kept_for(session, breaches="P6Y"))
    page = " ".join(site.browser().get("/privacy").text.split())
    assert "in a report of a breach is deleted 6 years after it has been dealt with" in page
    assert "in a complaint is not deleted by itself" in page


def test_somebody_keeps_the_words_of_a_case(site: Site) -> None:
    site.report()
    to = post(site.console(), "/console/retention/breach:1/keep", {"because": "A claim is brought."})
    assert to.headers["location"].startswith("/console/retention")
    assert "Say why" in post(site.console(), "/console/retention/breach:1/release", {"because": ""}, 422).text
    refused = post(site.console(), "/console/retention/breach:9/keep", {"because": "So."}, 422)
    assert "There is no breach:9" in refused.text
    assert site.console(Standing.ASSISTANT).get("/console/retention/breach:1/keep").status_code == 403


def test_what_has_no_words_any_more_is_not_offered_to_be_tried_again(emptied: tuple[Site, set[str]]) -> None:
    site, _ = emptied
    with transaction(site.store) as session:
        gone = next(row for row in session.exec(select(Message)) if row.is_emptied)
        gone.state, address = Delivery.FAILED, f"/console/messages/{gone.id}"
        session.add(gone)
    page = site.console().get(address).text
    assert "kept for as long as the protocol says" in page
    assert "Try again" not in page
    assert "words of message" in post(site.console(), f"{address}/again", {}, 422).text
