"""A visit ends, or the records cannot be reached, while somebody writes: what they wrote is shown back to be copied."""

from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from models.obligation import ObligationKind
from tests.web.party_review import POLICE, collecting, duty
from tests.web.site import Site
from web import answering

ALL_DAY = "It took all day to write this.\n\n  “Part” <b>two</b> </textarea><script>alert(1)</script>"
NOTED = {"what": ALL_DAY, "kind": "neither"}


def shown_back(page: str) -> list[str]:
    """What stands to be copied, as a browser reads it: without the line break right after the tag."""
    return [unescape(each.partition(">")[2].partition("</textarea>")[0])[1:] for each in page.split("<textarea")[1:]]


def away(site: Site) -> None:
    site.app.state.engine = sa.create_engine("sqlite:////nowhere/there/is/no.db")


def test_a_party_whose_visit_has_ended_can_copy_what_they_wrote(site: Site) -> None:
    collecting(site)
    browser = site.party(POLICE)
    path = f"/party/feedback/{duty(site, ObligationKind.FEEDBACK, POLICE).id}/give"
    assert browser.get(path).status_code == 200
    site.later(hours=8)
    answer = browser.post(path, data={"comments": ALL_DAY, "problems": "", "once": "a-key-of-this-form"})
    assert answer.status_code == 403
    assert shown_back(answer.text) == [ALL_DAY]
    assert "<script>alert" not in answer.text
    assert "a-key-of-this-form" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_a_reporter_whose_hour_is_over_can_copy_what_they_wrote(site: Site) -> None:
    browser = site.reporter(site.report())
    site.later(hours=1)
    answer = browser.post("/report/case/add/more", data={"more": ALL_DAY})
    assert (answer.status_code, shown_back(answer.text)) == (403, [ALL_DAY])


def test_a_secretary_whose_visit_has_ended_can_copy_it_and_is_led_back_to_the_form(site: Site) -> None:
    browser = site.console()
    site.later(hours=8)
    answer = browser.post("/console/complaints/new", data=NOTED)
    assert (answer.status_code, shown_back(answer.text)) == (403, [ALL_DAY])
    assert 'href="/sign-in"' in answer.text
    assert "concordat-way-back" in answer.headers["set-cookie"]


@pytest.mark.parametrize("path", ["/report/organisations", "/report/check"])
def test_a_report_that_meets_no_database_is_shown_back_whatever_page_it_was_on(site: Site, path: str) -> None:
    away(site)
    sent = {"what": ALL_DAY, "reporter_kind": "named", "reporter": "Robin Vale", "key": "0123456789abcdef"}
    answer = site.browser().post(path, data=sent)
    assert (answer.status_code, shown_back(answer.text)) == (503, [ALL_DAY])


def test_an_error_nobody_foresaw_loses_nothing_that_was_written(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: Any) -> str:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(answering, "rendered", failing)
    answer = site.console().post("/console/complaints/new", data=NOTED)
    assert (answer.status_code, shown_back(answer.text)) == (500, [ALL_DAY])


def test_no_code_and_no_name_is_shown_back(site: Site) -> None:
    away(site)
    browser: TestClient = site.browser()
    sent = {"reference": "BR-2026-7K3Q9M", "code": "1234 5678 9012 3456", "what": ALL_DAY}
    answer = browser.post("/report/return", data=sent)
    assert (answer.status_code, shown_back(answer.text)) == (503, [])
    assert "1234" not in answer.text


def test_a_page_that_was_only_asked_for_has_nothing_to_show_back(site: Site) -> None:
    assert "What you wrote" not in site.browser().get("/nowhere").text
