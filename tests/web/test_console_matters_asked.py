"""What a party asks of the secretary is answered on the list: accepted, another person named, or no."""

from datetime import datetime

import pytest
from sqlmodel import Session, select

from models.access import Standing
from models.obligation import Obligation, ObligationKind, Outcome
from models.outbox import Message
from models.protocol import Contact, Matter, MatterKind, Protocol, Role
from tests.web.party_review import FIRE, POLICE, collecting, duty, every
from tests.web.site import Site

UNTIL = {"until-day": "15", "until-month": "1", "until-year": "2027"}
WHY = "We need your answer before the meeting."


def asked_for(site: Site, path: str, sent: dict[str, str], slug: str = POLICE, role: Role = Role.LEAD_MEMBER) -> str:
    """Answers the address of the matter that it became."""
    assert site.party(slug, role).post(path, data=sent).status_code == 303
    return f"/console/matters/{every(site, Matter, Matter.kind == MatterKind.ASKED)[-1].id}"


def told(site: Site) -> list[Message]:
    return every(site, Message, Message.kind == "request_refused")


def contact(site: Site, role: Role, address_of: str = "bedfordshire-police.example") -> Contact:
    found: Contact
    [found] = [each for each in every(site, Contact, Contact.role == role) if each.address.endswith(address_of)]
    return found


def closed(site: Site, path: str) -> str | None:
    [matter] = every(site, Matter, Matter.id == int(path.rpartition("/")[2]))
    return matter.outcome if matter.closed_at else None


def test_no_tells_whoever_asked_for_more_time_and_the_day_stays(site: Site) -> None:
    collecting(site)
    owed = duty(site, ObligationKind.FEEDBACK, POLICE)
    path = asked_for(site, f"/party/more-time/{owed.id}", UNTIL | {"why": "We are moving."}, role=Role.DEPUTY)
    secretary = site.console()
    assert f'href="{path}/refuse"' in secretary.get("/console/matters").text
    assert "We are moving." in secretary.get(f"{path}/refuse").text
    assert "Say why not" in secretary.post(f"{path}/refuse", data={"because": " "}).text
    assert told(site) == []
    assert secretary.post(f"{path}/refuse", data={"because": WHY}).status_code == 303
    [message] = told(site)
    assert message.address == contact(site, Role.DEPUTY).address, "who asked, not whoever owes it"
    assert WHY in message.text
    assert "Friday 15 January 2027" in " ".join(message.text.split())
    assert "moving" not in message.text
    assert closed(site, path) == f"No: {WHY}"
    assert duty(site, ObligationKind.FEEDBACK, POLICE).due_on == owed.due_on
    again = secretary.post(f"{path}/refuse", data={"because": WHY})
    assert again.status_code == 422
    assert "off the list already" in again.text
    assert len(told(site)) == 1


@pytest.mark.parametrize("standing", [Standing.ASSISTANT, Standing.AUDITOR])
def test_only_the_secretary_decides(site: Site, standing: Standing) -> None:
    path = asked_for(site, "/party/stand-in", {"who": "deputy", **UNTIL})
    browser = site.console(standing)
    assert f"{path}/accept" not in browser.get("/console/matters").text
    assert browser.post(f"{path}/accept").status_code == 403
    assert browser.post(f"{path}/refuse", data={"because": WHY}).status_code == 403
    assert closed(site, path) is None


def test_a_stand_in_is_accepted_with_one_press(site: Site) -> None:
    collecting(site)
    sent = {"who": "other", "address": "third@police.example", **UNTIL, "said": "On leave."}
    path = asked_for(site, "/party/stand-in", sent)
    secretary, was = site.console(), contact(site, Role.DEPUTY)
    page = secretary.get(f"{path}/accept").text
    for words in ("third@police.example from now on, instead of deputy@bedfordshire-police.example", "On leave."):
        assert words in page
    assert secretary.post(f"{path}/accept").status_code == 303
    [deputy] = every(site, Contact, Contact.id == was.id)
    assert deputy.address == "third@police.example"
    assert str(contact(site, Role.LEAD_MEMBER).away_until) == "2027-01-15"
    assert duty(site, ObligationKind.FEEDBACK, POLICE).contact_id == deputy.id
    assert closed(site, path) == "accepted"
    notes = {row.address for row in every(site, Message, Message.kind == "duty_delegated")}
    assert notes == {"third@police.example", contact(site, Role.LEAD_MEMBER).address}
    assert "off the list already" in secretary.post(f"{path}/accept").text


def test_a_stand_in_until_a_day_that_has_passed_changes_nothing(site: Site) -> None:
    collecting(site)
    path = asked_for(site, "/party/stand-in", {"who": "other", "address": "third@police.example", **UNTIL})
    site.later(days=60)
    refused = site.console().post(f"{path}/accept")
    assert refused.status_code == 422
    assert "has passed" in refused.text
    assert closed(site, path) is None
    assert contact(site, Role.DEPUTY).address == "deputy@bedfordshire-police.example"


def test_where_no_deputy_can_stand_in_it_is_done_by_hand(site: Site) -> None:
    path = asked_for(site, "/party/stand-in", {"who": "other", "address": "x@p.example", **UNTIL}, role=Role.DEPUTY)
    secretary = site.console()
    assert f"{path}/accept" not in secretary.get("/console/matters").text
    assert "cannot be accepted here" in secretary.get(f"{path}/accept").text
    assert secretary.post(f"{path}/accept").status_code == 422


def test_the_right_person_is_named_without_an_address_in_a_link(site: Site) -> None:
    path = asked_for(site, "/party/not-me", {"address": "new@police.example", "said": "I retired."})
    secretary, was = site.console(), contact(site, Role.LEAD_MEMBER)
    assert f'href="{path}/correct"' in secretary.get("/console/matters").text
    assert 'value="new@police.example"' in secretary.get(f"{path}/correct").text
    assert "registered already" in secretary.post(f"{path}/correct", data={"address": was.address}).text
    assert secretary.post(f"{path}/correct", data={"address": "new@police.example"}).status_code == 303
    [now] = every(site, Contact, Contact.id == was.id)
    assert now.address == "new@police.example"
    assert closed(site, path) == "the address was corrected"


@pytest.mark.parametrize("standing", [Standing.ASSISTANT, Standing.AUDITOR])
def test_only_the_secretary_names_the_right_person_to_whom_the_links_are_sent(site: Site, standing: Standing) -> None:
    path = asked_for(site, "/party/not-me", {"said": "I retired."})
    browser, was = site.console(standing), contact(site, Role.LEAD_MEMBER)
    assert f"{path}/correct" not in browser.get("/console/matters").text
    assert browser.get(f"{path}/correct").status_code == 403
    assert browser.post(f"{path}/correct", data={"address": "assistant@elsewhere.example"}).status_code == 403
    api = site.program(standing).post(f"/api{path.removeprefix('/console')}/correct", json={"address": "a@b.example"})
    assert api.status_code == 403
    assert contact(site, Role.LEAD_MEMBER).address == was.address
    assert closed(site, path) is None


def test_what_nobody_asked_for_is_not_answered(site: Site) -> None:
    """The first matters are the law's and the calendar's."""
    secretary = site.console()
    for act, sent in (("accept", {}), ("refuse", {"because": WHY}), ("correct", {"address": "a@b.example"})):
        assert secretary.get(f"/console/matters/1/{act}").status_code == 200
        refused = secretary.post(f"/console/matters/1/{act}", data=sent)
        assert refused.status_code == 422
        assert "is not one in which somebody asks" in refused.text
    assert secretary.get("/console/matters/9999/refuse").status_code == 404


def test_whoever_cannot_be_told_is_to_be_telephoned(site: Site) -> None:
    path = asked_for(site, "/party/not-me", {}, slug=FIRE)

    def bounce(session: Session, now: datetime, _protocol: Protocol) -> None:
        for each in session.exec(select(Contact)):
            each.bounced_at = now
            session.add(each)

    site.acting(bounce)
    secretary = site.console()
    secretary.post(f"{path}/refuse", data={"because": WHY})
    assert "Telephone them." in secretary.get("/console/matters").text
    assert told(site) == []


def test_what_is_not_owed_any_more_is_said_so(site: Site) -> None:
    collecting(site)
    owed = duty(site, ObligationKind.FEEDBACK, POLICE)
    path = asked_for(site, f"/party/more-time/{owed.id}", UNTIL | {"why": "We are moving."})
    site.party(POLICE).post(f"/party/feedback/{owed.id}/no-comments")
    assert every(site, Obligation, Obligation.id == owed.id)[0].outcome is Outcome.ANSWERED
    assert site.console().post(f"{path}/refuse", data={"because": WHY}).status_code == 303
    assert "it is not owed any more" in " ".join(told(site)[0].text.split())
