"""Somebody else, somebody for a while, more time: asked of the secretary, who sees what would do it."""

from datetime import datetime

import pytest
from markupsafe import escape
from sqlmodel import Session

from actions.cast import contact_at, known_id, party_named
from actions.duties import open_obligation
from models.obligation import Obligation, ObligationKind
from models.protocol import Contact, Matter, MatterKind, Protocol, Role
from tests.web.party_review import FIRE, POLICE, collecting, duty, every, once
from tests.web.site import Site

UNTIL = {"until-day": "15", "until-month": "1", "until-year": "2027"}
HOSTILE = "<script>alert('x')</script>"


def asked(site: Site) -> list[Matter]:
    return every(site, Matter, Matter.kind == MatterKind.ASKED)


def the_list(site: Site) -> str:
    """The secretary's."""
    page: str = site.console().get("/console/matters").text
    return page


def more_time(site: Site, slug: str = POLICE) -> str:
    return f"/party/more-time/{duty(site, ObligationKind.FEEDBACK, slug).id}"


def test_not_the_right_person_is_a_line_on_the_secretarys_list(site: Site) -> None:
    browser = site.party(POLICE)
    page = browser.get("/party/not-me").text
    assert "lead member of Bedfordshire Police, at " in page
    sent = {"address": "new@police.example", "said": f"I retired. {HOSTILE}", "once": once(page)}
    for _ in range(2):
        assert browser.post("/party/not-me", data=sent).headers["location"] == "/party"
    [matter] = asked(site)
    assert "new@police.example" in matter.sentence
    assert f"concordat contact set {POLICE} lead-member new@police.example" in matter.todo
    for page in (the_list(site), site.console().get(f"/console/matters/{matter.id}/correct").text):
        assert f"I retired. {escape(HOSTILE)}" in page
        assert HOSTILE not in page
    assert 'href="/console/history/protocol:bedfordshire">history of protocol:bedfordshire, row' in the_list(site)
    assert "Until they name the right person" in browser.get("/party").text
    assert "new@police.example" not in [row.address for row in every(site, Contact)]


def test_somebody_who_knows_nobody_sends_it_empty_and_a_wrong_address_comes_back(site: Site) -> None:
    browser = site.party(POLICE)
    wrong = browser.post("/party/not-me", data={"address": "nobody", "said": "I retired."})
    assert wrong.status_code == 422
    assert "Enter an e-mail address, such as" in wrong.text
    assert 'value="nobody"' in wrong.text
    assert "I retired." in wrong.text
    assert asked(site) == []
    assert browser.post("/party/not-me", data={}).status_code == 303
    assert "They do not know who is." in asked(site)[0].sentence


def test_the_deputy_is_offered_and_the_list_names_what_hands_it_over(site: Site) -> None:
    collecting(site)
    browser = site.party(POLICE)
    assert "Our deputy, deputy@bedfordshire-police.example" in browser.get("/party/stand-in").text
    before = [row.model_dump() for row in every(site, Obligation)]
    assert browser.post("/party/stand-in", data={"who": "deputy", **UNTIL, "said": "On leave."}).status_code == 303
    [matter] = asked(site)
    number = duty(site, ObligationKind.FEEDBACK, POLICE).id
    for command in (f"obligation delegate {number}", f"contact away {POLICE} lead-member --until 2027-01-15"):
        assert command in matter.todo
    assert '<div class="concordat-said"><p class="govuk-body">On leave.</p></div>' in the_list(site)
    assert [row.model_dump() for row in every(site, Obligation)] == before
    assert all(row.away_until is None for row in every(site, Contact))


def test_a_deputy_names_somebody_else(site: Site) -> None:
    browser = site.party(POLICE, Role.DEPUTY)
    page = browser.get("/party/stand-in").text
    assert "Our deputy" not in page
    assert 'value="other" checked' in page
    sent = {"who": "other", "address": "third@police.example", **UNTIL}
    assert browser.post("/party/stand-in", data=sent).status_code == 303
    assert f"contact set {POLICE} deputy third@police.example" in asked(site)[0].todo
    assert browser.post("/party/stand-in", data=sent | {"who": "deputy"}).status_code == 422


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({**UNTIL}, "Choose who will stand in for you"),
        ({"who": "deputy"}, "Enter the last day on which somebody stands in for you"),
        ({"who": "deputy", **UNTIL, "until-month": "13"}, "must be a real date"),
        ({"who": "deputy", **UNTIL, "until-year": "2025"}, "The day must be today or later"),
        ({"who": "other", **UNTIL}, "Enter the e-mail address of whoever stands in for you"),
        ({"who": "other", "address": "a@b", **UNTIL}, "Enter an e-mail address"),
    ],
)
def test_a_stand_in_that_cannot_be_comes_back_with_its_answers(site: Site, sent: dict[str, str], said: str) -> None:
    answer = site.party(POLICE).post("/party/stand-in", data=sent | {"said": "On leave."})
    assert answer.status_code == 422
    assert said in answer.text
    for name, value in (sent | {"said": "On leave."}).items():
        assert (f'value="{value}"' if name != "said" else value) in answer.text
    assert asked(site) == []


def test_more_time_is_asked_once_and_the_day_stays(site: Site) -> None:
    collecting(site)
    browser, path = site.party(POLICE), more_time(site)
    assert f'href="{path}"' in browser.get("/party/more-time").text
    sent = UNTIL | {"why": "We are moving.", "once": once(browser.get(path).text)}
    due = duty(site, ObligationKind.FEEDBACK, POLICE).due_on
    for _ in range(2):
        assert browser.post(path, data=sent).headers["location"] == "/party"
    [matter] = asked(site)
    assert "Bedfordshire Police asks for time until Friday 15 January 2027" in matter.sentence
    assert f"concordat obligation extend {path.rpartition('/')[2]} 2027-01-15" in matter.todo
    assert '<div class="concordat-said"><p class="govuk-body">We are moving.</p></div>' in the_list(site)
    assert 'href="/console/history/review:1">history of review:1, row' in the_list(site)
    assert duty(site, ObligationKind.FEEDBACK, POLICE).due_on == due
    assert browser.post(path, data=UNTIL | {"why": "We are moving."}).status_code == 303
    assert "You have asked for this already" in browser.get("/party").text
    assert len(asked(site)) == 1


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (UNTIL, "Say why you need more time"),
        ({"why": "Moving."}, "Enter the day until which you need time"),
        ({"why": "Moving.", **UNTIL, "until-year": "2026"}, "The day must be today or later"),
        ({"why": "Moving.", "until-day": "1", "until-month": "12", "until-year": "2026"}, "The day must be after"),
    ],
)
def test_more_time_without_day_or_reason_comes_back(site: Site, sent: dict[str, str], said: str) -> None:
    collecting(site)
    answer = site.party(POLICE).post(more_time(site), data=sent)
    assert answer.status_code == 422
    assert said in answer.text
    for value in sent.values():
        assert value in answer.text
    assert asked(site) == []


def test_another_partys_duty_and_an_answered_one_get_no_more_time(site: Site) -> None:
    collecting(site)
    path = more_time(site)
    assert site.party(FIRE).get(path).status_code == 404
    assert site.party(FIRE).post(path, data=UNTIL | {"why": "Ours."}).status_code == 404
    browser = site.party(POLICE)
    browser.post(f"/party/feedback/{path.rpartition('/')[2]}/no-comments")
    page = browser.get(path)
    assert page.status_code == 200
    assert "This is not owed any more: it was answered." in page.text
    assert "<form" not in page.text.partition("<main")[2]
    assert browser.post(path, data=UNTIL | {"why": "Ours."}).status_code == 422
    assert "Nothing is waiting for you" in browser.get("/party/more-time").text
    assert asked(site) == []


def test_the_laws_time_is_nobodys_to_give_and_the_page_says_why(site: Site) -> None:
    """A notice to the regulator, opened directly: how it comes to be owed is proved elsewhere."""

    def owe(session: Session, now: datetime, protocol: Protocol) -> int:
        party = party_named(session, protocol, POLICE)
        contact = contact_at(session, party, Role.COORDINATOR)
        assert contact is not None
        return known_id(
            open_obligation(
                session, now, protocol, key="breach:1:notice", case="breach:1", kind=ObligationKind.NOTICE,
                contact=contact, party=party, due_on=now.date(),
            )
        )  # fmt: skip

    path = f"/party/more-time/{site.acting(owe)}"
    browser = site.party(POLICE, Role.COORDINATOR)
    page = browser.get(path)
    assert page.status_code == 200
    assert "The law gives 72 hours" in page.text
    assert "concordat" not in page.text.split("<main")[1].split("</main")[0].replace("concordat-", "")
    refused = browser.post(path, data=UNTIL | {"why": "Slow."})
    assert refused.status_code == 422
    assert "The law gives 72 hours" in refused.text
    assert "The law gives 72 hours" in browser.get("/party/more-time").text
    assert site.party(POLICE).get(path).status_code == 404, "the lead member has no part in it"
    assert asked(site) == []


def test_an_adviser_asks_too(site: Site) -> None:
    assert site.adviser().post("/party/not-me", data={"address": "other@law.example"}).status_code == 303
    assert "concordat contact set bedfordshire adviser other@law.example" in asked(site)[0].todo


def test_whoever_goes_back_corrects_and_sends_again_is_told_so_and_can(site: Site) -> None:
    browser = site.party(POLICE)
    sent = {"address": "a@police.example", "said": "I retired.", "once": once(browser.get("/party/not-me").text)}
    assert browser.post("/party/not-me", data=sent).status_code == 303
    again = browser.post("/party/not-me", data=sent | {"address": "ab@police.example"})
    assert again.status_code == 422
    assert "You sent this page before, with other answers. Look at it again, then press once more." in again.text
    assert "The key" not in again.text
    pressed = sent | {"address": "ab@police.example", "once": once(again.text)}
    assert browser.post("/party/not-me", data=pressed).status_code == 303
