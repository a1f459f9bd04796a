"""Proposals in the console: sorted, advised on and decided as the protocol's own rule asks."""

from typing import Any

import pytest
from sqlmodel import select

from actions.proposals import Proposed
from actions.review_advising import begin_deciding
from actions.review_closing import close_feedback
from actions.review_drafting import classify, propose
from actions.review_opening import open_annual
from models.access import Standing
from models.protocol import Protocol
from models.review import Decision, Magnitude, Proposal
from models.store import reading
from tests.actions.world import kept
from tests.web.site import Site
from tests.web.test_console_reviews import does, refused

P = "/console/proposals"


@pytest.fixture
def drafting(site: Site) -> Site:
    """Three proposals: two to clause 12, one to clause 13."""
    _drafted(site)
    return site


@kept
def _drafted(site: Site) -> None:
    def draft(session: Any, now: Any, protocol: Any) -> None:
        open_annual(session, now, protocol, "test")
        for clause, wording in (("12-security", "Locked."), ("12-security", "Locked well."), ("13-breaches", "Yes.")):
            propose(session, now, 1, Proposed(clause=clause, wording=wording), "test")
        close_feedback(session, now, 1, "test")

    site.acting(draft)


@pytest.fixture
def deciding(drafting: Site) -> Site:
    _begun(drafting)
    return drafting


@kept
def _begun(site: Site) -> None:
    def decide(session: Any, now: Any, _protocol: Any) -> None:
        for number in (1, 2, 3):
            classify(session, now, number, Magnitude.MINOR, "test", "Words alone.")
        begin_deciding(session, now, 1, "test")

    site.acting(decide)


def with_rule(site: Site, **changes: Any) -> None:
    def change(session: Any, _now: Any, protocol: Protocol) -> None:
        protocol.policies = protocol.policies | {"changes": protocol.policies["changes"] | changes}
        session.add(protocol)

    site.acting(change)


def test_only_those_to_the_same_clause_are_offered_for_merging(drafting: Site) -> None:
    browser = drafting.console()
    page = browser.get(f"{P}/2/merge").text
    assert "Proposal 1, by the steering group: Locked." in page
    assert 'value="3"' not in page
    assert "Choose one of the answers that are offered" in refused(browser, f"{P}/2/merge", into="3")
    does(browser, f"{P}/2/merge", into="1")
    with reading(drafting.store) as session:
        assert session.get_one(Proposal, 2).merged_into_id == 1
    page = browser.get("/console/reviews/1").text
    assert "Merged into 1" in page
    assert f"{P}/2/classify" not in page


def test_withdrawing_takes_a_reason_and_names_it(drafting: Site) -> None:
    browser = drafting.console()
    assert "Say why" in refused(browser, f"{P}/3/withdraw")
    assistant = drafting.console(Standing.ASSISTANT)
    assert assistant.post(f"{P}/3/withdraw", data={"because": "x"}).status_code == 403
    assert f"{P}/3/withdraw" not in assistant.get("/console/reviews/1").text
    assert "Withdrawn" in does(browser, f"{P}/3/withdraw", because="It was raised by mistake.")
    assert "It was raised by mistake." in browser.get(f"{P}/3").text


def test_what_it_answers_is_named_and_a_word_that_is_none_is_refused(drafting: Site) -> None:
    browser = drafting.console()
    text = refused(browser, f"{P}/1/answers", refs="gap:99 nonsense")
    assert "gap:99 nonsense" in text


def test_where_the_protocol_states_no_rule_no_votes_are_asked(deciding: Site) -> None:
    browser = deciding.console()
    page = browser.get(f"{P}/1/decide").text
    assert "does not say by which rule" in page
    assert "Who voted for it?" not in page
    assert "Who decided?" not in page
    text = refused(browser, f"{P}/1/decide", outcome="accepted with changes", because="Agreed.")
    assert "needs the wording that was accepted" in text
    assert "Agreed." in text
    day = {"decided_on-day": "30", "decided_on-month": "11", "decided_on-year": "2026"}
    assert "its day lies ahead" in refused(browser, f"{P}/1/decide", outcome="accepted", because="Agreed.", **day)
    text = browser.post(f"{P}/1/decide", data={"outcome": "accepted with changes", "because": "Agreed.",
                        "wording": "Locked always.", "preview": "yes"}).text  # fmt: skip
    assert "What the wording you have written changes" in text
    does(browser, f"{P}/1/decide", outcome="accepted with changes", because="Agreed.", wording="Locked always.",
         dissent="Too strict, said one.")  # fmt: skip
    page = browser.get(f"{P}/1").text
    assert all(words in page for words in ("Accepted with changes", "Agreed.", "Too strict, said one."))
    assert "was decided on" in refused(browser, f"{P}/1/decide", outcome="rejected", because="No.")


def test_where_the_policy_has_votes_they_are_asked_and_the_rule_is_applied(deciding: Site) -> None:
    with_rule(deciding, decision_rule="majority", quorum=3)
    browser = deciding.console()
    page = browser.get(f"{P}/1/decide").text
    assert "accepting needs majority, with at least 3 parties voting" in page
    assert "Who voted for it?" in page
    votes = {"voted_for": ["bedfordshire-police", "luton-borough-council"], "against": ["bedford-borough-council"]}
    text = refused(browser, f"{P}/1/decide", outcome="accepted", because="x", voted_for=["bedfordshire-police"])
    assert "Nothing" not in text
    twice = votes | {"abstained": ["bedfordshire-police"]}
    assert "two different votes" in refused(browser, f"{P}/1/decide", outcome="accepted", because="x", **twice)
    does(browser, f"{P}/1/decide", outcome="accepted", because="x", **votes)
    with reading(deciding.store) as session:
        decision = session.exec(select(Decision)).one()
        assert decision.votes["bedfordshire-police"] == "for"
        assert decision.votes["bedford-borough-council"] == "against"


def test_where_one_person_decides_it_is_asked_who_did(deciding: Site) -> None:
    with_rule(deciding, decision_rule="named decider", decider="the Chief Constable")
    browser = deciding.console()
    page = browser.get(f"{P}/1/decide").text
    assert "By the protocol, the Chief Constable decides." in page
    assert "Who decided?" in page
    assert refused(browser, f"{P}/1/decide", outcome="accepted", because="x", decided_by="somebody else")
    does(browser, f"{P}/1/decide", outcome="accepted", because="x", decided_by="the Chief Constable")


def test_a_proposal_says_nothing_that_a_browser_would_run(drafting: Site) -> None:
    browser = drafting.console()
    hostile = "<script>alert(1)</script>"
    drafting.acting(lambda session, now, _: propose(session, now, 1, Proposed(clause="3", wording=hostile), "t"))
    for path in (f"{P}/4", "/console/reviews/1", f"{P}/4/classify"):
        page = browser.get(path).text
        assert hostile not in page
        assert "alert" in page
