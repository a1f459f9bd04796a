"""Feedback from the page: no comments in one press, comments, proposals with their difference, and nothing lost."""

from typing import Any

import pytest

from actions.review_concluding import cancel
from actions.review_opening import open_extraordinary
from models.history import Narrative
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Role
from models.review import Feedback, Proposal
from tests.web.party_review import (
    FIRE,
    POLICE,
    advising,
    box,
    clause,
    collecting,
    drafting,
    duty,
    every,
    feedback_page,
    once,
    proposed,
)
from tests.web.site import Site

HOSTILE = "<script>alert('x')</script>"


def change(site: Site, n: int = 1, **more: Any) -> dict[str, Any]:
    return {f"clause_{n}": clause(site), f"wording_{n}": f"Kept locked, {n}.", **more}


def test_no_comments_is_one_press(site: Site) -> None:
    collecting(site)
    browser, page = site.party(POLICE), feedback_page(site, POLICE)
    shown = browser.get(page).text
    assert f'action="{page}/no-comments"' in shown
    pressed = {"once": once(shown)}
    for _ in range(2):
        answer = browser.post(f"{page}/no-comments", data=pressed)
        assert (answer.status_code, answer.headers["location"]) == (303, page)
    [feedback] = every(site, Feedback)
    assert (feedback.no_comments, feedback.given_by) == (True, f"lead member of {POLICE}")
    assert duty(site, ObligationKind.FEEDBACK, POLICE).outcome is Outcome.ANSWERED
    after = browser.get(page).text
    assert "It is recorded that you have no comments" in after
    assert "What happens next" in after
    assert "no-comments" not in after


def test_comments_and_several_proposals_are_one_feedback(site: Site) -> None:
    collecting(site)
    browser, page = site.party(POLICE), feedback_page(site, POLICE)
    sent = {"comments": "It works.\r\n\r\nMostly.", **change(site, problem_1="Vague."), "clause_2": "2",
            "wording_2": "Who did it is noted.", "once": once(browser.get(f"{page}/give").text)}  # fmt: skip
    for _ in range(2):
        assert browser.post(f"{page}/give", data=sent).headers["location"] == page
    [feedback] = every(site, Feedback)
    words = {row.id: row.text for row in every(site, Narrative)}
    assert words[feedback.comments_id] == "It works.\n\nMostly."
    rows = every(site, Proposal)
    assert [row.wording for row in rows] == ["Kept locked, 1.", "Who did it is noted."]
    assert words[rows[0].problem_id] == "Vague."
    shown = browser.get(page).text
    assert "Your feedback is recorded. Thank you." in shown
    assert "Proposal 2: other wording for clause 2" in shown


def test_choosing_a_clause_fills_the_box_and_changing_it_shows_the_difference(site: Site) -> None:
    collecting(site)
    browser, page = site.party(POLICE), f"{feedback_page(site, POLICE)}/give"
    assert "wording_1" not in browser.get(page).text
    filled = browser.post(page, data={"comments": "Hm.", "clause_1": clause(site), "preview": "yes"})
    assert filled.status_code == 200
    wording = box(filled.text, "wording_1")
    assert "confidence" in wording
    assert "The difference" not in filled.text
    sent = {"comments": "Hm.", "clause_1": clause(site), "base_1": clause(site), "problem_1": "Old.",
            "wording_1": wording.replace("confidence", "trust", 1), "preview": "yes"}  # fmt: skip
    shown = browser.post(page, data=sent).text
    assert '<span class="govuk-visually-hidden">added: </span>trust' in shown
    assert '<span class="govuk-visually-hidden">deleted: </span>confidence' in shown
    assert [box(shown, name) for name in ("comments", "wording_1", "problem_1")] == ["Hm.", sent["wording_1"], "Old."]
    assert every(site, Feedback) == every(site, Proposal) == []


def test_another_clause_brings_its_own_words_unless_somebody_wrote_in_the_box(site: Site) -> None:
    collecting(site)
    browser, page = site.party(POLICE), f"{feedback_page(site, POLICE)}/give"
    begun = browser.get(page, params={"clause": clause(site)}).text
    untouched = {"clause_1": "2", "base_1": clause(site), "wording_1": box(begun, "wording_1"), "preview": "yes"}
    assert box(browser.post(page, data=untouched).text, "wording_1") != untouched["wording_1"]
    written = untouched | {"wording_1": "My own words."}
    assert box(browser.post(page, data=written).text, "wording_1") == "My own words."


def test_changes_are_added_and_removed_and_the_others_stay(site: Site) -> None:
    collecting(site)
    browser, page = site.party(POLICE), f"{feedback_page(site, POLICE)}/give"
    added = browser.post(page, data=change(site) | {"preview": "add"}).text
    assert "Change 2" in added
    assert 'name="clause_2"' in added
    two = change(site) | change(site, 2) | change(site, 3, problem_3="Third.")
    less = browser.post(page, data=two | {"preview": "remove-1"}).text
    assert [box(less, name) for name in ("wording_1", "wording_2", "problem_2")] == [
        "Kept locked, 2.",
        "Kept locked, 3.",
        "Third.",
    ]
    assert 'name="clause_3"' not in less
    eight: dict[str, Any] = {}
    for n in range(1, 9):
        eight |= change(site, n)
    full = browser.post(page, data=eight | {"preview": "add"}).text
    assert 'name="clause_9"' not in full
    assert "come back for more" in full


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Write a comment or propose a change"),
        ({"comments": "  "}, "Write a comment or propose a change"),
        ({"wording_2": "Mine.", "problem_2": "Old."}, "Change 2: choose the clause"),
        ({"clause_1": "2", "problem_1": "Old."}, "Change 1: say what the clause should say"),
        ({"clause_1": "99-none", "wording_1": "Mine."}, "Choose one of the answers that are offered"),
        ({"comments": "a\0b", "wording_1": "Mine."}, "holds a character that no text has"),
        ({"comments": "x" * 10_001, "wording_1": "Mine."}, "must be 10,000 characters or fewer"),
    ],
    ids=lambda value: "",
)  # fmt: skip
def test_what_cannot_be_kept_comes_back_with_every_answer(site: Site, sent: dict[str, str], said: str) -> None:
    collecting(site)
    page = f"{feedback_page(site, POLICE)}/give"
    answer = site.party(POLICE).post(page, data=sent)
    assert answer.status_code == 422
    assert said in answer.text
    assert "Error: " in answer.text
    for name, text in sent.items():
        if name.startswith(("wording", "problem")):
            assert box(answer.text, name) == text
    assert every(site, Feedback) == []


def test_the_present_wording_is_no_proposal(site: Site) -> None:
    collecting(site)
    browser, page = site.party(POLICE), f"{feedback_page(site, POLICE)}/give"
    present = box(browser.get(page, params={"clause": "2"}).text, "wording_1")
    answer = browser.post(page, data={"comments": "Kept.", "clause_1": "2", "base_1": "2", "wording_1": present})
    assert answer.status_code == 422
    assert "this is what the clause says already" in answer.text
    assert box(answer.text, "comments") == "Kept."


def test_hostile_words_are_words(site: Site) -> None:
    collecting(site)
    browser, page = site.party(POLICE), feedback_page(site, POLICE)
    sent = {"comments": HOSTILE, "clause_1": "2", "wording_1": f"Locked {HOSTILE}</textarea>", "problem_1": HOSTILE}
    shown = [browser.post(f"{page}/give", data=sent | {"preview": "yes"}).text]
    assert browser.post(f"{page}/give", data=sent).status_code == 303
    shown += [browser.get(page).text, site.party(FIRE).get("/party/reviews/1").text]
    assert all(HOSTILE not in each for each in shown)
    assert all("&lt;script&gt;" in each for each in shown)


def test_more_may_be_said_while_the_review_takes_it_and_no_comments_no_more(site: Site) -> None:
    collecting(site)
    proposed(site)
    browser, page = site.party(FIRE), feedback_page(site, FIRE)
    assert f"{page}/give" in browser.get(page).text
    assert browser.post(f"{page}/give", data={"comments": "One more thing."}).status_code == 303
    assert len(every(site, Feedback)) == 2
    refused = browser.post(f"{page}/no-comments")
    assert refused.status_code == 422
    assert "has given feedback already" in refused.text
    assert len(every(site, Feedback)) == 2


def test_asked_once_more_the_party_answers_anew_and_sees_what_it_said_before(site: Site) -> None:
    collecting(site)
    proposed(site)
    drafting(site)
    site.acting(lambda session, now, protocol: open_extraordinary(session, now, protocol, "secretary", "A new Act."))
    browser, page = site.party(FIRE), feedback_page(site, FIRE)
    shown = browser.get(page).text
    for words in ("asked once more", "A new Act.", "Proposal 1: other wording", f"{page}/no-comments"):
        assert words in shown
    assert browser.post(f"{page}/no-comments").status_code == 303
    assert [(row.round, row.no_comments) for row in every(site, Feedback)] == [(1, False), (2, True)]
    assert "Answered" in browser.get(page).text


def test_late_feedback_is_taken_while_it_is_drafted_and_then_the_page_says_that_it_is_closed(site: Site) -> None:
    collecting(site)
    proposed(site)
    site.later(days=40)
    drafting(site)
    browser, page = site.party(POLICE), feedback_page(site, POLICE)
    assert "The day for feedback has passed, but it is still taken" in browser.get(page).text
    assert browser.post(f"{page}/give", data={"comments": "Late."}).status_code == 303
    assert len(every(site, Feedback)) == 2


def test_a_closed_window_is_a_page_that_says_so_and_keeps_the_words(site: Site) -> None:
    collecting(site)
    proposed(site)
    advising(site)
    browser, page = site.party(POLICE), feedback_page(site, POLICE)
    for path in (page, f"{page}/give", f"{page}/no-comments"):
        shown = browser.get(path)
        assert shown.status_code == 200
        assert "takes no more feedback: it is waiting for advice" in shown.text
    refused = browser.post(f"{page}/give", data={"comments": "My long text."})
    assert refused.status_code == 422
    assert box(refused.text, "comments") == "My long text."
    assert browser.post(f"{page}/no-comments").status_code == 422
    assert len(every(site, Feedback)) == 1


def test_a_cancelled_review_says_that_it_was(site: Site) -> None:
    collecting(site)
    site.acting(lambda session, now, _: cancel(session, now, 1, "secretary", "Not now."))
    shown = site.party(POLICE).get(feedback_page(site, POLICE)).text
    assert "it is cancelled" in shown
    assert "nothing more is asked for it" in shown


def test_another_partys_page_is_not_there_and_a_deputy_answers_for_the_party(site: Site) -> None:
    collecting(site)
    page = feedback_page(site, POLICE)
    for path in (page, f"{page}/give", f"{page}/no-comments"):
        assert site.party(FIRE).get(path).status_code == 404
        assert site.browser().get(path).status_code in (303, 403)
    for path in (f"{page}/give", f"{page}/no-comments"):
        assert site.party(FIRE).post(path, data={"comments": "Mine."}).status_code == 404
    assert every(site, Feedback) == []
    assert site.party(POLICE, Role.DEPUTY).post(f"{page}/no-comments").status_code == 303
    assert every(site, Feedback)[0].given_by == f"deputy of {POLICE}"
    assert every(site, Obligation, Obligation.outcome == Outcome.ANSWERED)[0].discharged_by == f"deputy of {POLICE}"
