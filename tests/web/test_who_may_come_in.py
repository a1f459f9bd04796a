"""What a security review found, and what has to stay mended: who may come in, and who may not any more."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from actions.access.users import LastSecretary, add_user, end_user, make_secretaries_users
from actions.cast import contact_at, known_id, party_named
from actions.contacts import correct_address
from actions.loading import load_protocol
from actions.parties import leave
from actions.telling import tell
from models.access import AccessToken, ConsoleUser, Standing
from models.history import History
from models.outbox import Message
from models.protocol import Contact, Party, Protocol, Role
from models.protocol_file import read_protocol
from models.store import reading, transaction
from notifications.links import own_page
from notifications.messages import NewLink
from rules.errors import Refused
from settings import HERE
from tests.web.site import START, Site
from web import answering

BEDFORD = "bedford-borough-council"


def link_to(site: Site, slug: str = BEDFORD, key: str = "a-message") -> str:
    """The path in a message to the party's lead member."""

    def told(session: Session, now: Any, protocol: Protocol) -> str:
        contact = contact_at(session, party_named(session, protocol, slug), Role.LEAD_MEMBER)
        assert contact is not None
        row = tell(session, now, protocol, contact, "protocol:bedfordshire", key, lambda h: NewLink(**h))
        assert row is not None
        return own_page(row).partition("8400")[2]

    path: str = site.acting(told)
    return path


def the_contact(session: Session, slug: str = BEDFORD) -> Contact:
    party = session.exec(select(Party).where(Party.slug == slug)).one()
    contact = contact_at(session, party, Role.LEAD_MEMBER)
    assert contact is not None
    return contact


def test_an_assistant_cannot_have_anybodys_link_sent_to_themselves(site: Site) -> None:
    assistant = site.console(Standing.ASSISTANT)
    for whose in ("bedfordshire/contacts/secretary", f"{BEDFORD}/contacts/lead%20member"):
        mine = {"address": "assistant@isp-bedfordshire.example"}
        assert assistant.post(f"/console/parties/{whose}/correct", data=mine).status_code == 403
    assert assistant.post(f"/console/parties/{BEDFORD}/contacts/set", data={"role": "lead member"}).status_code == 403


def test_a_link_is_of_its_message_and_not_of_a_number_that_is_given_out_again(site: Site) -> None:
    path = link_to(site)
    assert site.browser().get(path).status_code == 200

    def another(session: Session, _now: Any, _protocol: Protocol) -> None:
        row = session.exec(select(Message)).one()
        row.contact_id, row.address = known_id(the_contact(session, "luton-borough-council")), "lead@luton.example"
        row.message_id = "<after-a-restore@example.org>"
        session.add(row)

    site.acting(another)
    assert site.browser().get(path).status_code == 410


def test_a_copy_in_the_old_mailbox_opens_nothing_after_the_address_was_corrected(site: Site) -> None:
    path = link_to(site)
    site.acting(lambda s, now, _: correct_address(s, now, the_contact(s), "new@bedford.example", "test"))
    assert site.browser().get(path).status_code == 410
    assert site.browser().post(path).status_code in (410, 422)


def test_a_party_that_has_left_comes_in_neither_by_its_visit_nor_by_its_link(site: Site) -> None:
    path, visitor = link_to(site), site.party(BEDFORD)
    assert visitor.get("/party").status_code == 200
    site.acting(lambda s, now, p: leave(s, now, party_named(s, p, BEDFORD), "test", "It was dissolved."))
    assert visitor.get("/party").status_code == 403
    assert site.browser().get(path).status_code == 410


def test_the_secretarys_visit_ends_when_the_address_is_corrected(site: Site) -> None:
    secretary = site.console()

    def corrected(session: Session, now: Any, _protocol: Protocol) -> None:
        user = session.exec(select(ConsoleUser)).one()
        correct_address(session, now, session.get_one(Contact, user.contact_id), "next@isp.example", "test")

    site.acting(corrected)
    assert secretary.get("/console").status_code == 303


def test_programs_and_calendars_of_whoever_had_the_address_stop_when_it_is_corrected(site: Site) -> None:
    program, secretary = site.program(), site.console()
    made = secretary.post("/console/forecast/subscribe", data={"name": "Alice's telephone"})
    found = re.search(r"/forecast/[^\s<\"]+\.ics", made.text)
    assert found is not None
    assert (program.get("/api/access").status_code, site.browser().get(found[0]).status_code) == (200, 200)

    def corrected(session: Session, now: Any, _protocol: Protocol) -> None:
        user = session.exec(select(ConsoleUser)).one()
        correct_address(session, now, session.get_one(Contact, user.contact_id), "next@isp.example", "test")

    site.acting(corrected)
    assert (program.get("/api/access").status_code, site.browser().get(found[0]).status_code) == (401, 404)
    with reading(site.store) as session:
        assert all(token.revoked_at is not None for token in session.exec(select(AccessToken)))


def test_what_is_made_and_what_is_revoked_is_noted_once(site: Site) -> None:
    """Pressing a second time changes nothing, and is not on the list of who did what."""
    secretary, other = site.console(), site.console()
    secretary.post("/console/forecast/subscribe", data={"name": "the office"})
    for _ in range(2):
        assert secretary.post("/console/access/tokens/1/revoke").status_code == 303
        assert secretary.post("/console/access/sessions/2/end").status_code == 303
    assert other.get("/console").status_code == 303
    with reading(site.store) as session:
        noted = [each.what for each in session.exec(select(History).where(History.case == "protocol:bedfordshire"))]
    for what in ("calendar address made", "token revoked", "visit ended"):
        assert noted.count(what) == 1, what


def test_two_secretaries_who_end_each_other_at_once_leave_one(store: sa.Engine) -> None:
    with transaction(store) as session:
        protocol = (
            load_protocol(session, START, read_protocol(HERE / "protocols" / "bedfordshire"), "test")
            and session.exec(select(Protocol)).one()
        )
        make_secretaries_users(session, START)
        add_user(session, START, protocol, Standing.SECRETARY, "Another", "another@isp.example", "test")
        numbers = [known_id(user) for user in session.exec(select(ConsoleUser))]
    refusals, barrier = list[Refused](), threading.Barrier(2)

    def end(number: int) -> None:
        barrier.wait()
        try:
            with transaction(store) as session:
                end_user(session, START, number, "test")
        except Refused as refused:
            refusals.append(refused)

    threads = [threading.Thread(target=end, args=(number,)) for number in numbers]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert [type(each) for each in refusals] == [LastSecretary]


def test_what_is_shown_one_time_only_is_not_done_when_it_cannot_be_shown(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = site.console()
    shown = answering.rendered

    def failing(template: str, context: dict[str, Any]) -> str:
        if template == "console/token_made.html":
            raise OSError("the disk is full")
        return shown(template, context)

    monkeypatch.setattr(answering, "rendered", failing)
    answer = browser.post("/console/access/tokens/make", data={"name": "x", "standing": "auditor", "days": "9"})
    assert answer.status_code == 503
    with reading(site.store) as session:
        assert session.exec(select(AccessToken)).all() == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda browser: browser.get("/console/reviews/" + "9" * 5000),
        lambda browser: browser.get("/static/x/%00"),
        lambda browser: browser.post("/sign-in", headers={"origin": "http://[x", "sec-fetch-site": ""}),
    ],
)
def test_nobody_can_cause_an_error_that_nobody_foresaw(site: Site, ask: Callable[..., Any]) -> None:
    browser = site.browser()
    del browser.headers["sec-fetch-site"]
    assert ask(browser).status_code in (303, 403, 404)


def test_an_error_nobody_foresaw_is_a_page_with_every_protecting_header(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: Any) -> str:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(answering, "rendered", failing)
    answer = site.browser().get("/sign-in")
    assert answer.status_code == 500
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert "a mistake of ours" not in answer.text


def test_a_file_that_is_not_there_is_not_kept_for_a_year(site: Site) -> None:
    answer = site.browser().get("/static/abc/govuk/no.css")
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


def test_a_form_that_keeps_nothing_waits_for_nobodys_writing(site: Site) -> None:
    """Every page of a report is one: otherwise a slow writer would stop the whole site."""
    with site.store.connect() as writer:
        writer.exec_driver_sql("SELECT 1")  # BEGIN IMMEDIATE: the one writer
        answer = site.browser().post("/report/what-happened", data={"what": "A letter went astray."})
        assert answer.status_code == 200
        writer.rollback()


def test_who_signs_in_who_ends_a_visit_and_who_makes_a_token_is_in_the_list_of_who_did_what(site: Site) -> None:
    browser = site.console()
    browser.post("/console/access/tokens/make", data={"name": "x", "standing": "auditor", "days": "9"})
    browser.post("/console/access/tokens/1/revoke")
    said = browser.get("/console/history").text
    for what in ("Token made", "Token revoked"):
        assert what.lower() in said.lower()
