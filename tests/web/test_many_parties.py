"""With more parties than anybody reads through, organisations are named, and pages stay short."""

import re
from datetime import date, datetime

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.cast import known_id
from models.breach import BreachFact
from models.complaint import Complaint
from models.protocol import Party, Protocol, Signature, SignatureKind, Version
from models.review import Decision, ProposalVoice, VoiceKind
from models.store import reading
from rules.breach_facts import FactName
from rules.working_days import Nation
from tests.web.breach_site import words
from tests.web.party_review import collecting, deciding, every, proposed
from tests.web.site import START, Site
from tests.web.test_console_proposals import with_rule

MANY = 120
WHAT = {"what": "A letter about a housing case went to the wrong address.", "key": "a-key-of-the-browser"}


@pytest.fixture
def crowded(site: Site) -> Site:
    def joined(session: Session, _now: object, protocol: Protocol) -> None:
        version = session.exec(select(Version).order_by(col(Version.id).desc())).first()
        session.connection().execute(sa.insert(Party), [
            {"protocol_id": protocol.id, "slug": f"parish-{n}", "name": f"Parish Council {n}", "aliases": [f"PC{n}"],
             "kind": "council", "nation": Nation.ENGLAND_AND_WALES} for n in range(MANY)
        ])  # fmt: skip
        numbers = session.exec(select(Party.id).where(col(Party.slug).like("parish-%"))).all()
        assert version is not None
        session.connection().execute(sa.insert(Signature), [
            {"key": f"parish:{n}", "version_id": version.id, "party_id": n, "kind": SignatureKind.SIGNED,
             "signed_on": date(2026, 5, 1), "recorded_at": START, "recorded_by": "test", "note": ""} for n in numbers
        ])  # fmt: skip

    site.acting(joined)
    return site


def test_a_report_names_organisations_as_they_are_called_or_by_their_short_names(crowded: Site) -> None:
    browser = crowded.browser()
    assert 'type="checkbox"' not in browser.get("/report/organisations").text
    said = {**WHAT, "parties": "bedford borough  council\r\nPC7\nparish-9", "checking": "yes"}
    check = words(browser.post("/report/organisations", data=said).text)
    assert "Bedford Borough Council Parish Council 7 Parish Council 9" in check
    assert "has been sent" in browser.post("/report/check", data=said).text
    with reading(crowded.store) as session:
        kept = session.exec(select(BreachFact.value).where(BreachFact.name == FactName.PARTIES)).one()
    assert kept == ["bedford-borough-council", "parish-7", "parish-9"]


def test_a_name_that_nobody_has_is_answered_with_those_that_are_near_and_every_answer_stays(crowded: Site) -> None:
    said = {**WHAT, "parties": "Parish Council 9\nBedfordshire Polise"}
    again = crowded.browser().post("/report/organisations", data=said)
    assert again.status_code == 422
    assert "There is no organisation “Bedfordshire Polise” here. Did you mean" in words(again.text)
    assert "Bedfordshire Police" in words(again.text)
    assert "Parish Council 9\nBedfordshire Polise" in again.text
    assert WHAT["what"] in again.text


def test_a_complaint_is_about_the_organisation_that_was_named(crowded: Site) -> None:
    browser, said = crowded.browser(), {**WHAT, "kind": "person", "organisation": "Parish Council 11"}
    assert 'type="radio"' not in browser.get("/complain/organisation").text
    assert "has been sent" in browser.post("/complain/check", data=said).text
    with reading(crowded.store) as session:
        about = session.exec(select(Party.slug).join(Complaint, col(Complaint.party_id) == Party.id)).one()
    assert about == "parish-11"


def test_the_register_is_shown_in_parts_and_searched(crowded: Site) -> None:
    browser = crowded.browser()
    first = browser.get("/signatures").text
    assert len(re.findall(r'<th scope="row"', first)) == 50
    later = re.search(r'href="(/signatures\?[^"]*)#[^"]*">The organisations after', first)
    assert later is not None
    assert "Here are 51 to 100" in browser.get(later[1].replace("&amp;", "&")).text
    found = browser.get("/signatures?name=council+119").text
    assert len(re.findall(r'<th scope="row"', found)) == 1
    assert "None of them has “nowhere” in its name" in browser.get("/signatures?name=nowhere").text
    assert browser.get("/signatures?line=4&from=x").status_code == 200


def test_what_a_report_asks_of_the_store_does_not_grow_with_its_parties(crowded: Site) -> None:
    asked: list[str] = []
    sa.event.listen(crowded.store, "before_cursor_execute", lambda *each: asked.append(each[2]))
    crowded.browser().post("/report/check", data=WHAT)
    assert 0 < len(asked) < 40


def test_a_decision_for_which_more_than_a_form_has_fields_have_voted_is_recorded(site: Site) -> None:
    """A form takes 500 fields; each tick is one."""
    collecting(site)
    proposed(site)
    deciding(site)
    with_rule(site, decision_rule="unanimity")
    joined(site, 600)
    voted(site, 400)
    browser, path = site.console(), "/console/proposals/1/decide"
    page = browser.get(path).text
    assert 'name="voted_for" type="checkbox"' not in page
    before = re.search(r'<textarea[^>]*name="voted_for"[^>]*>([^<]*)', page)
    assert before is not None
    assert len(before[1].split("\n")) == 400
    with reading(site.store) as session:
        everybody = list(session.exec(select(Party.name)))
    said = {"outcome": "accepted", "because": "Everybody is for it.", "voted_for": "\n".join(everybody)}
    lacking = browser.post(path, data=said | {"voted_for": before[1]})
    assert (lacking.status_code, "There is no organisation" in lacking.text) == (422, False)
    twice = browser.post(path, data=said | {"against": everybody[0]})
    assert "two different votes" in twice.text
    assert browser.post(path, data=said).status_code == 303
    [decision] = every(site, Decision)
    assert len(decision.votes) == len(everybody) == 617
    assert set(decision.votes.values()) == {"for"}


def joined(site: Site, many: int) -> None:
    def join(session: Session, _now: object, protocol: Protocol) -> None:
        session.connection().execute(sa.insert(Party), [
            {"protocol_id": protocol.id, "slug": f"parish-{n}", "name": f"Parish Council {n}", "aliases": [],
             "kind": "council", "nation": Nation.ENGLAND_AND_WALES} for n in range(many)
        ])  # fmt: skip

    site.acting(join)


def voted(site: Site, many: int) -> None:
    def vote(session: Session, now: datetime, _protocol: Protocol) -> None:
        parishes = select(Party).where(col(Party.slug).like("parish-%")).order_by(col(Party.id)).limit(many)
        for party in session.exec(parishes).all():
            session.add(ProposalVoice(
                key=f"proposal:1:vote:{party.slug}:1", proposal_id=1, party_id=known_id(party), kind=VoiceKind.VOTE,
                stance="for", given_at=now, given_by=f"lead member of {party.slug}",
            ))  # fmt: skip

    site.acting(vote)
