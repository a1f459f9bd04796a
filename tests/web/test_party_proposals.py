"""The review as a party sees it: proposals with their difference, what the parties think, votes where they count."""

from datetime import datetime

import pytest
from sqlmodel import Session

from actions.cast import party_named
from actions.membership import leave
from actions.review_concluding import cancel
from actions.review_deciding import decide
from actions.review_drafting import merge, withdraw
from actions.voices import votes_of
from models.history import History, Narrative
from models.protocol import Protocol, Role
from models.review import DecisionOutcome, Proposal, ProposalVoice
from models.store import reading
from tests.web.party_review import (
    FIRE,
    POLICE,
    advising,
    collecting,
    deciding,
    drafting,
    every,
    feedback_page,
    once,
    proposed,
)  # fmt: skip
from tests.web.site import Site

HOSTILE = "<script>alert('x')</script>"
VIEW, VOTE = "/party/proposals/1/view", "/party/proposals/1/vote"


def by_unanimity(site: Site) -> None:
    def change(session: Session, _now: datetime, protocol: Protocol) -> None:
        changes = protocol.policies["changes"] | {"decision_rule": "unanimity"}
        protocol.policies = protocol.policies | {"changes": changes}
        session.add(protocol)

    site.acting(change)


def test_a_party_reads_what_another_proposes_with_its_difference(site: Site) -> None:
    collecting(site)
    proposed(site, wording=f"All of it {HOSTILE}", problem=f"Nobody knew {HOSTILE}")
    page = site.party(POLICE).get("/party/reviews/1")
    assert page.status_code == 200
    for words in ("Proposal 1: clause 7", "Put forward by Bedfordshire Fire and Rescue Service", "added: </span>",
                  "deleted: </span>", "Nobody knew &lt;script&gt;", "Collecting feedback",
                  "The annual review is due"):  # fmt: skip
        assert words in page.text
    assert HOSTILE not in page.text
    assert VIEW in page.text
    own = site.party(FIRE).get("/party/reviews/1").text
    assert "(yours)" in own
    assert VIEW not in own


def test_others_comments_are_not_shown_and_no_proposals_is_said(site: Site) -> None:
    collecting(site)
    site.party(FIRE).post(f"{feedback_page(site, FIRE)}/give", data={"comments": "Between us."})
    page = site.party(POLICE).get("/party/reviews/1").text
    assert "Between us." not in page
    assert "Nothing has been proposed yet." in page


def test_a_view_is_kept_once_and_shown_to_all_and_the_newest_counts(site: Site) -> None:
    collecting(site)
    proposed(site)
    browser = site.party(POLICE)
    sent = {"stance": "objects", "said": f"Too dear {HOSTILE}", "once": once(browser.get(VIEW).text)}
    for _ in range(2):
        assert browser.post(VIEW, data=sent).headers["location"] == "/party/reviews/1"
    [voice] = every(site, ProposalVoice)
    assert (voice.stance, voice.given_by) == ("objects", f"lead member of {POLICE}")
    assert "Too dear" not in str([row.details for row in every(site, History)])
    seen = site.party(FIRE).get("/party/reviews/1").text
    assert "Bedfordshire Police objects" in seen
    assert "Too dear &lt;script&gt;" in seen
    again = browser.get(VIEW).text
    assert 'value="objects" checked' in again, "the form begins with what was said last"
    assert browser.post(VIEW, data={"stance": "supports"}).status_code == 303
    seen = site.party(FIRE).get("/party/reviews/1").text
    assert "Bedfordshire Police supports it" in seen
    assert "Too dear" not in seen
    assert len(every(site, ProposalVoice)) == 2


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"said": "Words."}, "Choose what your party thinks of it"),
        ({"stance": "loves", "said": "Words."}, "Choose one of the answers that are offered"),
        ({"stance": "objects"}, "Say what you object to"),
        ({"stance": "comments"}, "Write your comment"),
        ({"stance": "supports", "said": "Words.\0"}, "holds a character that no text has"),
    ],
)
def test_a_view_that_says_too_little_comes_back_with_its_answers(site: Site, sent: dict[str, str], said: str) -> None:
    collecting(site)
    proposed(site)
    answer = site.party(POLICE).post(VIEW, data=sent)
    assert answer.status_code == 422
    assert said in answer.text
    assert sent.get("said", "").rstrip("\0") in answer.text
    assert every(site, ProposalVoice) == []


def test_advice_magnitude_and_decision_are_beside_the_proposal(site: Site) -> None:
    collecting(site)
    proposed(site)
    deciding(site)
    page = site.party(POLICE).get("/party/reviews/1").text
    for words in ("Major change", "It changes who is told.", "It is lawful."):
        assert words in page
    site.acting(
        lambda session, now, _: decide(
            session, now, 1, DecisionOutcome.ACCEPTED_WITH_CHANGES, "secretary", because="Agreed in part.",
            wording="Records are kept locked at night.", dissent="Not we.",
        )
    )  # fmt: skip
    page = site.party(POLICE).get("/party/reviews/1").text
    for words in ("Accepted with changes", "Agreed in part.", "Not we.", "states no rule of decision", "night"):
        assert words in page
    assert VIEW not in page
    closed = site.party(POLICE).get(VIEW)
    assert closed.status_code == 200
    assert "not taken any more" in closed.text
    refused = site.party(POLICE).post(VIEW, data={"stance": "supports", "said": "Late."})
    assert refused.status_code == 422
    assert "Late." in refused.text
    assert every(site, ProposalVoice) == []


def test_merged_and_withdrawn_proposals_say_so_and_take_no_views(site: Site) -> None:
    collecting(site)
    proposed(site)
    proposed(site, POLICE, "Records are kept locked, too.")
    drafting(site)
    site.acting(lambda session, now, _: merge(session, now, 2, 1, "secretary", "They say the same."))
    site.acting(lambda session, now, _: withdraw(session, now, 1, "secretary", "Overtaken by events."))
    page = site.party(POLICE).get("/party/reviews/1").text
    assert "Merged into proposal 1" in page
    assert "Withdrawn" in page
    assert "Overtaken by events." in page
    assert "/view" not in page
    assert site.party(POLICE).post(VIEW, data={"stance": "supports"}).status_code == 422


def test_the_stages_are_told_in_words_to_the_end(site: Site) -> None:
    collecting(site)
    proposed(site)
    seen = [site.party(POLICE).get("/party/reviews/1").text]
    advising(site)
    seen.append(site.party(POLICE).get("/party/reviews/1").text)
    site.acting(lambda session, now, _: cancel(session, now, 1, "secretary", "Not now."))
    seen.append(site.party(POLICE).get("/party/reviews/1").text)
    for page, words in zip(seen, ("Collecting feedback", "Waiting for advice", "It was cancelled"), strict=True):
        assert words in page
    assert "/view" not in seen[-1]


def test_only_the_parties_of_the_review_see_it(site: Site) -> None:
    collecting(site)
    proposed(site)
    for path in ("/party/reviews/1", VIEW, VOTE):
        assert site.party(POLICE, Role.DEPUTY).get(path).status_code == 200
        assert site.party(POLICE, Role.COORDINATOR).get(path).status_code == 404
        assert site.adviser().get(path).status_code == 403
        assert site.browser().get(path).status_code in (303, 403)
    for path in ("/party/reviews/9", "/party/proposals/9/view", "/party/proposals/9/vote"):
        assert site.party(POLICE).get(path).status_code == 404
    assert site.party(POLICE, Role.COORDINATOR).post(VIEW, data={"stance": "supports"}).status_code == 404
    assert every(site, ProposalVoice) == []


def test_a_party_that_has_left_reads_and_says_nothing_more(site: Site) -> None:
    collecting(site)
    proposed(site)
    browser = site.party(POLICE)
    site.acting(
        lambda session, now, protocol: leave(session, now, party_named(session, protocol, POLICE), "secretary", "Gone.")
    )
    assert browser.get("/party/reviews/1").status_code == 403
    assert browser.post(VIEW, data={"stance": "supports"}).status_code == 403
    assert every(site, ProposalVoice) == []


def test_bedfordshire_states_no_rule_so_no_vote_is_offered(site: Site) -> None:
    collecting(site)
    proposed(site)
    deciding(site)
    browser = site.party(POLICE)
    assert "/vote" not in browser.get("/party/reviews/1").text
    assert "There is no vote of the parties on it." in browser.get(VOTE).text
    assert browser.post(VOTE, data={"vote": "for"}).status_code == 422
    assert every(site, ProposalVoice) == []


def test_where_the_parties_decide_they_vote_and_the_newest_counts(site: Site) -> None:
    by_unanimity(site)
    collecting(site)
    proposed(site)
    browser = site.party(POLICE)
    assert "There is no vote of the parties on it now" in browser.get(VOTE).text
    deciding(site)
    assert VOTE in browser.get("/party/reviews/1").text
    assert VOTE in site.party(FIRE).get("/party/reviews/1").text, "on its own proposal too"
    for vote in ("against", "for", "for"):
        assert browser.post(VOTE, data={"vote": vote, "said": "Because we must."}).status_code == 303
    assert len(every(site, ProposalVoice)) == 2
    assert "Because we must." in [row.text for row in every(site, Narrative)]
    assert "Your vote: for." in browser.get("/party/reviews/1").text
    assert "Your vote until now: for." in browser.get(VOTE).text
    assert "Because we must." not in site.party(FIRE).get("/party/reviews/1").text
    with reading(site.store) as session:
        assert votes_of(session, session.get_one(Proposal, 1)) == {POLICE: "for"}
    missing = browser.post(VOTE, data={"said": "Hm."})
    assert missing.status_code == 422
    assert "Choose how your party votes" in missing.text
