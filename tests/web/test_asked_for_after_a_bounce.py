"""Whoever asks for a link or a code is sent it, also where mail to them came back once: they wait for it."""

from datetime import datetime

import pytest
from sqlmodel import Session, select

from models.outbox import Delivery, Message
from models.protocol import Contact, Protocol, Role
from tests.web.asking import every
from tests.web.site import Site
from tests.web.test_party_signing import POLICE, mark, path_of
from tests.web.test_party_signing import _opened as signing_opened
from tests.web.test_who_may_come_in import link_to


def all_bounced(session: Session, now: datetime, _protocol: Protocol) -> None:
    for contact in session.exec(select(Contact)):
        contact.bounced_at = now
        session.add(contact)


def sent(site: Site, kind: str) -> list[str]:
    return [each.address for each in every(site, Message, Message.kind == kind, Message.state == Delivery.QUEUED)]


def test_a_sign_in_link(site: Site) -> None:
    site.acting(all_bounced)
    [secretary] = every(site, Contact, Contact.role == Role.SECRETARY)
    assert site.browser().post("/sign-in", data={"address": secretary.address}).status_code == 303
    assert sent(site, "sign_in_link") == [secretary.address]


def test_a_new_link_for_a_party(site: Site) -> None:
    link = link_to(site, key="some-message")
    site.acting(all_bounced)
    before = len(sent(site, "new_link"))
    assert site.browser().post(f"{link}/new").headers["location"] == "/link-sent"
    assert len(sent(site, "new_link")) == before + 1


def test_a_code_to_sign_with(site: Site) -> None:
    signing_opened(site)
    site.acting(all_bounced)
    browser, page = site.party(POLICE), path_of(site)
    signs = {"answer": "sign", "position": "Chief Constable", "declared": "yes", "text": mark(site)}
    assert browser.post(page, data=signs).status_code == 303
    assert len(sent(site, "signing_code_sent")) == 1


def test_what_nobody_asked_for_is_not_sent_there(site: Site) -> None:
    site.acting(all_bounced)
    with pytest.raises(AssertionError):
        link_to(site, key="unasked")
