"""The adviser reads a major proposal and advises; nobody else does."""

from actions.review_deciding import decide
from actions.review_drafting import begin_deciding
from models.history import Narrative
from models.obligation import ObligationKind, Outcome
from models.review import Advice, DecisionOutcome
from tests.web.party_review import FIRE, POLICE, advising, box, collecting, duty, every, once, proposed
from tests.web.site import Site

HOSTILE = "<script>alert('x')</script>"


def asked(site: Site) -> str:
    collecting(site)
    proposed(site, wording=f"Locked {HOSTILE}", problem="Nobody knew.")
    advising(site)
    return f"/party/advice/{duty(site, ObligationKind.ADVICE).id}"


def test_the_page_shows_both_wordings_the_difference_and_why_it_is_major(site: Site) -> None:
    path = asked(site)
    page = site.adviser().get(path)
    assert page.status_code == 200
    for words in ("Advice on proposal 1", "added: </span>", "What it says now", "It changes who is told.",
                  "Nobody knew.", "Locked &lt;script&gt;", "days and"):  # fmt: skip
        assert words in page.text
    assert HOSTILE not in page.text


def test_advice_is_recorded_once_and_the_page_says_what_follows(site: Site) -> None:
    path = asked(site)
    browser = site.adviser()
    sent = {"text": "Lawful.\n\nBut say who.", "once": once(browser.get(path).text)}
    for _ in range(2):
        assert browser.post(path, data=sent).headers["location"] == path
    [advice] = every(site, Advice)
    assert (advice.waived, advice.given_by) == (False, "adviser")
    assert sent["text"] in [row.text for row in every(site, Narrative)]
    assert duty(site, ObligationKind.ADVICE).outcome is Outcome.ANSWERED
    after = browser.get(path).text
    for words in ("Your advice is recorded", "Answered", "But say who.", "stands beside your earlier advice"):
        assert words in after
    assert browser.post(path, data={"text": "And when."}).status_code == 303
    assert len(every(site, Advice)) == 2


def test_nothing_written_is_no_advice(site: Site) -> None:
    path = asked(site)
    for text in ("", "   "):
        answer = site.adviser().post(path, data={"text": text})
        assert answer.status_code == 422
        assert "Write your advice" in answer.text
    long = site.adviser().post(path, data={"text": "x" * 20_001})
    assert long.status_code == 422
    assert len(box(long.text, "text")) == 20_001
    assert every(site, Advice) == []


def test_after_the_decision_the_adviser_reads_it_and_advises_no_more(site: Site) -> None:
    path = asked(site)
    browser = site.adviser()
    browser.post(path, data={"text": "Lawful."})
    site.acting(lambda session, now, _: begin_deciding(session, now, 1, "secretary"))
    site.acting(
        lambda session, now, _: decide(session, now, 1, DecisionOutcome.REJECTED, "secretary", because="Too dear.")
    )
    page = browser.get(path)
    assert page.status_code == 200
    for words in ("Rejected", "Too dear.", "not taken any more: the review is being decided"):
        assert words in page.text
    refused = browser.post(path, data={"text": "But wait."})
    assert refused.status_code == 422
    assert box(refused.text, "text") == "But wait."
    assert len(every(site, Advice)) == 1


def test_no_party_advises_and_an_adviser_finds_no_duty_of_a_party(site: Site) -> None:
    path = asked(site)
    for browser in (site.party(POLICE), site.party(FIRE), site.browser()):
        assert browser.get(path).status_code in (303, 403)
        assert browser.post(path, data={"text": "Mine."}).status_code in (303, 403)
    feedback = duty(site, ObligationKind.FEEDBACK, POLICE).id
    for wrong in (f"/party/advice/{feedback}", "/party/advice/99999"):
        assert site.adviser().get(wrong).status_code == 404
    assert every(site, Advice) == []
