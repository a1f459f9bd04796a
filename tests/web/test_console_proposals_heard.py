"""What the parties say of a proposal, and how they vote, is read by whoever decides on it."""

import re

import pytest

from actions.voices import votes_of
from models.access import Standing
from models.review import Decision, Proposal
from models.store import reading
from tests.web.party_review import FIRE, POLICE, collecting, deciding, drafting, every, proposed
from tests.web.site import Site
from tests.web.test_console_proposals import with_rule
from tests.web.test_console_reviews import does

P, COUNCIL = "/console/proposals", "bedford-borough-council"
HOSTILE = "<script>alert('x')</script>"


def sends(site: Site, slug: str, path: str, **answers: str) -> None:
    assert site.party(slug).post(path, data=answers).status_code == 303


def ticked(page: str, name: str) -> list[str]:
    boxes = re.findall(rf'<input[^>]*name="{name}"[^>]*>', page)
    return [re.findall(r'value="([^"]+)"', each)[0] for each in boxes if " checked" in each]


@pytest.fixture
def objected(site: Site) -> Site:
    """The fire service proposes, the police object."""
    collecting(site)
    proposed(site)
    sends(site, POLICE, "/party/proposals/1/view", stance="objects", said=f"Stations have no locks {HOSTILE}")
    return site


def test_an_objection_of_the_police_is_read_wherever_the_proposal_is_and_where_it_is_decided(objected: Site) -> None:
    deciding(objected)
    for path in (f"{P}/1", "/console/reviews/1", f"{P}/1/decide", f"{P}/1/classify"):
        page = objected.console().get(path)
        assert page.status_code == 200, path
        assert "Bedfordshire Police objects" in page.text, path
        assert "Stations have no locks" in page.text, path
        assert HOSTILE not in page.text, path


def test_programs_read_the_views_too(objected: Site) -> None:
    program = objected.program(Standing.AUDITOR)
    [view] = program.get("/api/proposals/1").json()["heard"]["views"]
    assert (view["party"], view["stance"]) == (POLICE, "objects")
    assert "Stations have no locks" in view["words"]
    assert program.get("/api/reviews/1").json()["heard"]["1"]["views"] == [view]


def test_an_objection_to_a_proposal_that_was_merged_is_read_at_the_one_that_stands_for_it(objected: Site) -> None:
    proposed(objected, COUNCIL, "Records are kept locked, always.")
    drafting(objected)
    does(objected.console(), f"{P}/1/merge", into="2")
    page = objected.console().get(f"{P}/2").text
    assert "which was merged into it" in page
    assert "Bedfordshire Police objects" in page


def test_the_record_of_a_decision_starts_from_the_votes_of_the_parties_with_each_why(objected: Site) -> None:
    with_rule(objected, decision_rule="majority", quorum=3)
    deciding(objected)
    sends(objected, POLICE, "/party/proposals/1/vote", vote="against", said="No locks, no vote.")
    sends(objected, FIRE, "/party/proposals/1/vote", vote="for")
    sends(objected, COUNCIL, "/party/proposals/1/vote", vote="abstained")
    browser = objected.console()
    page = browser.get(f"{P}/1/decide").text
    assert "Bedfordshire Police voted against it" in page
    assert "No locks, no vote." in page
    assert (ticked(page, "voted_for"), ticked(page, "against"), ticked(page, "abstained")) == (
        [FIRE], [POLICE], [COUNCIL],
    )  # fmt: skip
    sent = {"voted_for": FIRE, "against": POLICE, "abstained": COUNCIL}
    does(browser, f"{P}/1/decide", outcome="rejected", because="No majority.", **sent)
    [decision] = every(objected, Decision)
    with reading(objected.store) as session:
        assert decision.votes == votes_of(session, session.get_one(Proposal, 1))


def test_where_the_parties_do_not_vote_nothing_is_ticked_and_nothing_said_of_votes(objected: Site) -> None:
    deciding(objected)
    page = objected.console().get(f"{P}/1/decide").text
    assert 'name="voted_for"' not in page
    assert "as they voted" not in page
