"""Parties and contacts in the console."""

import csv
import io
import re
from datetime import date

import pytest
from sqlmodel import Session, col

from actions.directory import party_lines
from models.access import Standing
from models.history import History
from models.outbox import Delivery, Message
from models.protocol import Contact, Party, Protocol, Role, Succession
from tests.web.asking import COUNCIL, POLICE, asking, changed, contact_of, duty_of, every, message_to
from tests.web.site import Site

LEAD = f"/console/parties/{POLICE}/contacts/lead-member"
JOIN = {
    "name": "Milton Keynes Council", "slug": "milton-keynes-council", "kind": "council", "nation": "england-and-wales",
    "lead": "lead@milton-keynes.example",
}  # fmt: skip


def page(site: Site, address: str) -> str:
    answer = site.console().get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


def listed(html: str) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*><a class="govuk-link" href="/console/parties/([\w-]+)"', html)


def test_the_list_shows_who_is_reached_how_and_what_is_made_up(site: Site) -> None:
    html = page(site, "/console/parties")
    assert len(listed(html)) == 17
    assert "lead.member@virgin-health.example" in html
    assert "Made up" in html
    assert "now Central East Integrated Care Board" in html
    assert "17 parties." in html


def test_the_lists_agree_with_the_directory(site: Site) -> None:
    def known(session: Session, _now: object, of: Protocol) -> dict[str, tuple[str, ...]]:
        return {each.party: (each.name, *each.signed, *each.successors) for each in party_lines(session, of)}

    shown = site.program().get("/api/parties").json()["parties"]["lines"]
    assert {each["party"]: (each["name"], *each["signed"], *each["successors"]) for each in shown} == site.acting(known)


def test_the_list_is_narrowed(site: Site) -> None:
    changed(site, Contact, contact_of(site, POLICE).id, bounced_at=site.now, address="chief@police.example.org")
    assert listed(page(site, "/console/parties?state=bounced")) == [POLICE]
    assert listed(page(site, "/console/parties?name=luton")) == [
        each.slug for each in sorted(every(site, Party, col(Party.slug).contains("luton")), key=lambda each: each.name)
    ]
    assert len(listed(page(site, "/console/parties?state=made-up"))) >= 16
    assert listed(page(site, "/console/parties?state=left")) == []
    assert site.console().get("/console/parties?state=sideways").status_code == 404
    lines = list(csv.DictReader(io.StringIO(
        site.console().get("/console/parties.csv?state=bounced").content.decode("utf-8-sig")
    )))  # fmt: skip
    assert {each["party"] for each in lines} == {POLICE}
    assert "chief@police.example.org" in {each["address"] for each in lines}


def test_a_partys_page_shows_what_is_its_own(site: Site) -> None:
    asking(site)
    html = page(site, f"/console/parties/{POLICE}")
    assert f"/console/obligations/{duty_of(site, POLICE).id}" in html
    assert f"/console/messages/{message_to(site, POLICE).id}" in html
    assert f"/console/messages/{message_to(site, COUNCIL).id}" not in html
    assert duty_of(site, POLICE).case.replace(":", "s/") in html
    assert f"/console/contacts/{contact_of(site, POLICE).id}/revoke-links" in html
    assert site.console().get("/console/parties/nobody").status_code == 404


def test_a_party_joins_and_leaves(site: Site) -> None:
    asking(site)
    browser = site.console()
    assert browser.post("/console/add-party", data=JOIN).headers["location"] == "/console/parties/milton-keynes-council"
    [party] = every(site, Party, Party.slug == "milton-keynes-council")
    assert party.joined_on == date(2026, 11, 23)
    assert duty_of(site, "milton-keynes-council").outcome is None
    path = "/console/parties/milton-keynes-council/leave"
    assert browser.post(path, data={"because": " "}).status_code == 422
    assert browser.post(path, data={"because": "It was dissolved."}).status_code == 303
    assert every(site, Party, Party.slug == "milton-keynes-council")[0].left_on == date(2026, 11, 23)
    assert listed(page(site, "/console/parties?state=left")) == ["milton-keynes-council"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [({"slug": "Milton Keynes"}, "small letters"), ({"lead": "nobody"}, "not an e-mail address"),
     ({"name": ""}, "full name"),
     ({"kind": "club"}, "Choose one"), ({"slug": POLICE}, "already")],
)  # fmt: skip
def test_what_is_wrong_with_a_new_party_is_said_and_every_answer_kept(
    site: Site, wrong: dict[str, str], sentence: str
) -> None:
    answer = site.console().post("/console/add-party", data=JOIN | wrong)
    assert answer.status_code == 422
    assert sentence in answer.text
    for name, value in (JOIN | wrong).items():
        assert name == "kind" or not value or f'value="{value}"' in answer.text
    assert len(every(site, Party)) == 17


def test_a_contact_is_named_and_given_another_address(site: Site) -> None:
    browser, path = site.console(), f"/console/parties/{POLICE}/contacts/set"
    given = {"role": "breach coordinator", "address": "breaches@police.example"}
    assert browser.post(path, data=given).status_code == 303
    assert contact_of(site, POLICE, Role.COORDINATOR).address == "breaches@police.example"
    wrong = browser.post(path, data=given | {"address": "breaches at police"})
    assert wrong.status_code == 422
    assert 'value="breaches at police"' in wrong.text
    assert browser.post(path, data=given | {"role": "secretary"}).status_code == 422


def test_the_protocols_own_officers_are_reached_at_another_address(site: Site) -> None:
    path = "/console/parties/bedfordshire/contacts/adviser/correct"
    assert path in page(site, "/console/parties")
    assert site.console().post(path, data={"address": "law@isp.example"}).status_code == 303
    assert every(site, Contact, Contact.role == Role.ADVISER)[0].address == "law@isp.example"


def test_correcting_an_address_that_bounced_sends_once_more(site: Site) -> None:
    asking(site)
    row, contact = message_to(site, POLICE), contact_of(site, POLICE)
    changed(site, Message, row.id, state=Delivery.ACCEPTED, settled_at=site.now, bounced_at=site.now)
    changed(site, Contact, contact.id, bounced_at=site.now)
    assert "Mail to it has come back" in page(site, f"{LEAD}/correct")
    for _ in range(2):
        browser = site.console()
        answer = browser.post(f"{LEAD}/correct", data={"address": "new@police.example"})
        assert answer.status_code == 303
    sent = every(site, Message, Message.address == "new@police.example", Message.state == Delivery.QUEUED)
    assert [each.key for each in sent] == [f"message-{row.id}:once-more"]
    assert contact_of(site, POLICE).bounced_at is None


def test_somebody_is_away_and_back(site: Site) -> None:
    browser = site.console()
    given = {"until-day": "4", "until-month": "12", "until-year": "2026"}
    assert browser.post(f"{LEAD}/away", data=given | {"until-day": "1", "until-month": "11"}).status_code == 422
    assert browser.post(f"{LEAD}/away", data=given).status_code == 303
    assert contact_of(site, POLICE).away_until == date(2026, 12, 4)
    assert "Away until 4 December 2026" in page(site, f"/console/parties/{POLICE}")
    assert browser.post(f"{LEAD}/back").status_code == 303
    assert contact_of(site, POLICE).away_until is None
    assert [row.what for row in every(site, History, col(History.what).in_(["away", "back"]))] == ["away", "back"]


def test_an_absence_ends_with_another_person_and_not_with_another_address(site: Site) -> None:
    browser = site.console()
    away = {"until-day": "4", "until-month": "12", "until-year": "2026"}
    assert browser.post(f"{LEAD}/away", data=away).status_code == 303
    answer = browser.post(f"{LEAD}/correct", data={"address": "chief@police.example"}, follow_redirects=True)
    assert "They are still away until Friday 4 December 2026." in answer.text
    path = f"/console/parties/{POLICE}/contacts/set"
    assert "an absence ends" in page(site, path)
    named = {"role": "lead member", "address": "new.chief@police.example"}
    answer = browser.post(path, data=named, follow_redirects=True)
    assert "whoever is named now is asked from now on" in answer.text
    assert contact_of(site, POLICE).away_until is None


def test_a_successor_is_asked_to_adopt(site: Site) -> None:
    first = every(site, Succession)[0]
    path, browser = f"/console/successions/{first.id}/apply", site.console()
    assert path in browser.get("/console/successions").text
    without = browser.post(path, data={})
    assert without.status_code == 422
    assert "lead member" in without.text
    assert browser.post(path, data={"lead": "lead@successor.example"}).status_code == 303
    assert every(site, Succession)[0].applied_at == site.now
    assert path not in browser.get("/console/successions").text


def test_links_of_a_contact_are_revoked_from_its_partys_page(site: Site) -> None:
    contact = contact_of(site, POLICE)
    path = f"/console/contacts/{contact.id}/revoke-links"
    assert path in page(site, f"/console/parties/{POLICE}")
    assert site.console().post(path, data={"because": "Forwarded."}).status_code == 303
    assert contact_of(site, POLICE).links_from == site.now


@pytest.mark.parametrize("path", [
    "/console/add-party", f"/console/parties/{POLICE}/leave", f"/console/parties/{POLICE}/contacts/set",
    f"{LEAD}/correct",
    f"{LEAD}/away", f"{LEAD}/back", "/console/successions/1/apply",
])  # fmt: skip
def test_an_auditor_changes_nothing_and_is_offered_nothing(site: Site, path: str) -> None:
    auditor = site.console(Standing.AUDITOR)
    assert auditor.post(path, data={"because": "x"}).status_code == 403
    shown = [auditor.get(each) for each in ("/console/parties", f"/console/parties/{POLICE}", "/console/successions")]
    assert all(each.status_code == 200 and path not in each.text for each in shown)


def test_there_is_no_such_role(site: Site) -> None:
    browser = site.console()
    for role in ("auditor", "king", "LEAD-MEMBER"):
        assert browser.get(f"/console/parties/{POLICE}/contacts/{role}/correct").status_code == 404
    assert browser.get(f"/console/parties/{POLICE}/contacts/caldicott-guardian/correct").status_code in (404, 409)
