"""The console's pages for gaps: opened, joined, looked after, asked a review for, closed and opened again."""

from sqlmodel import col, select

from actions.gaps.keeping import gap_view
from models.access import Standing
from models.gap import Gap
from models.review import Review
from models.store import reading
from rules.gap import Stage
from tests.web.complaint_site import HOSTILE, post, received
from tests.web.site import Site

LIST = "/console/gaps"
WORDS = "Who is asked for consent where parents are separated?"


def opened(site: Site, **otherwise: str) -> int:
    answer = post(site.console(), f"{LIST}/open", {"clause": "7-consent", "words": WORDS} | otherwise)
    return int(answer.headers["location"].rpartition("/")[2])


def view_in(site: Site, number: int):  # type: ignore[no-untyped-def]
    with reading(site.store) as session:
        return gap_view(session, session.get_one(Gap, number))


def test_a_gap_is_opened_with_its_case_and_another_joins(site: Site) -> None:
    first, second = received(site), received(site, what="Something else entirely.")
    number = opened(site, origin=f"complaint:{first}", urgent="yes")
    post(site.console(Standing.ASSISTANT), f"{LIST}/{number}/join", {"case": f"Complaint:{second}"})
    view = view_in(site, number)
    assert (view.clause, view.urgent, view.opened_by) == ("7-consent", True, "secretary (user 1)")
    assert view.origins == (f"complaint:{first}", f"complaint:{second}")
    page = site.console().get(f"{LIST}/{number}").text
    assert f'href="/console/complaints/{second}"' in page
    assert page.index("Ask for a review now") < page.index("What is known of it")


def test_what_cannot_be_is_said_and_the_answers_stay(site: Site) -> None:
    browser = site.console()
    page = post(browser, f"{LIST}/open", {"clause": "7-consent", "words": "", "origin": "complaint:9"}, 422).text
    assert "Say what is wanting" in page
    assert 'value="complaint:9"' in page
    unknown = post(browser, f"{LIST}/open", {"words": WORDS, "origin": "complaint:9"}, 422).text
    assert "no complaint:9" in unknown
    assert WORDS in unknown
    assert "names no case" in post(browser, f"{LIST}/{opened(site)}/join", {"case": "a letter"}, 422).text
    with reading(site.store) as session:
        assert len(session.exec(select(Gap)).all()) == 1


def test_a_party_looks_after_it_and_the_secretary_again(site: Site) -> None:
    number = opened(site)
    post(site.console(), f"{LIST}/{number}/own", {"owner": "bedfordshire-police"})
    assert view_in(site, number).owner == "bedfordshire-police"
    post(site.console(), f"{LIST}/{number}/own", {"owner": "secretary"})
    assert view_in(site, number).owner is None
    assert site.console().post(f"{LIST}/{number}/own", data={"owner": "nobody"}).status_code == 422


def test_an_urgent_one_asks_for_a_review_at_once(site: Site) -> None:
    number, browser = opened(site), site.console()
    assert "Say why it cannot wait" in post(browser, f"{LIST}/{number}/urgent", {}, 422).text
    post(browser, f"{LIST}/{number}/urgent", {"because": "It may happen any day.", "review": "yes"})
    with reading(site.store) as session:
        review = session.exec(select(Review.id).order_by(col(Review.id).desc())).first()
    page = browser.get(f"{LIST}/{number}").text
    assert f'href="/console/reviews/{review}"' in page
    assert "urgent" in page
    post(browser, f"{LIST}/{number}/review")
    with reading(site.store) as session:
        assert session.exec(select(Review.id).order_by(col(Review.id).desc())).first() == review


def test_it_is_closed_because_and_reopened(site: Site) -> None:
    number, browser = opened(site), site.console()
    post(browser, f"{LIST}/{number}/close", {"because": "The law says it."})
    assert view_in(site, number).closed_because == "The law says it."
    page = browser.get(f"{LIST}/{number}").text
    assert "The law says it." in page
    assert f"{LIST}/{number}/reopen" in page
    assert f"{LIST}/{number}" not in browser.get(LIST).text
    assert f"{LIST}/{number}" in browser.get(f"{LIST}?show=all").text
    post(browser, f"{LIST}/{number}/reopen", {"because": "It does not."})
    assert view_in(site, number).state == Stage.OPEN
    assert "nothing to reopen" in post(browser, f"{LIST}/{number}/reopen", {"because": "Again."}, 422).text


def test_the_filters_live_in_the_address(site: Site) -> None:
    number, other = opened(site), opened(site, words="Another.", urgent="yes", clause="")
    browser = site.console()
    assert f"{LIST}/{number}" not in browser.get(f"{LIST}?show=urgent").text
    assert f"{LIST}/{other}" not in browser.get(f"{LIST}?clause=7-consent").text
    assert f"{LIST}/{number}" in browser.get(f"{LIST}?owner=secretary").text
    assert browser.get(f"{LIST}?show=none").status_code == 404


def test_whoever_may_not_decide_does_not_and_nothing_changes(site: Site) -> None:
    number = opened(site)
    for standing, acts in (
        (Standing.AUDITOR, ("join", "own", "urgent", "review", "close", "reopen")),
        (Standing.ASSISTANT, ("own", "urgent", "review", "close", "reopen")),
    ):
        browser = site.console(standing)
        assert browser.get(f"{LIST}/{number}").status_code == 200
        for act in acts:
            said = {"because": "So.", "owner": "bedfordshire-police", "case": "complaint:1"}
            assert browser.post(f"{LIST}/{number}/{act}", data=said).status_code == 403
            assert f"{LIST}/{number}/{act}" not in browser.get(f"{LIST}/{number}").text
    assert site.console(Standing.AUDITOR).post(f"{LIST}/open", data={"words": "x"}).status_code == 403
    view = view_in(site, number)
    assert (view.owner, view.urgent, view.state) == (None, False, "open")
    assert site.console().get(f"{LIST}/99").status_code == 404
    assert site.console().get(f"{LIST}/99/close").status_code == 404


def test_hostile_words_are_words(site: Site) -> None:
    number = opened(site, words=HOSTILE)
    post(site.console(), f"{LIST}/{number}/close", {"because": HOSTILE})
    for path in (f"{LIST}/{number}", f"{LIST}?show=all", f"{LIST}/{number}/reopen"):
        page = site.console().get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page
