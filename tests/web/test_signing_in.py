"""The console's door: a link that works once, for half an hour, and says nothing to a stranger."""

import re
from base64 import b64decode

from sqlmodel import select

from actions.access.signing_in import make_sign_in, path_of
from models.access import ConsoleUser, SignIn, Standing, WebSession
from models.outbox import Message
from models.store import reading
from notifications.mime import mime
from tests.web.site import Site

SECRETARY = "secretary@isp-bedfordshire.example"


def link(site: Site) -> str:
    return site.acting(
        lambda session, now, _: path_of(
            make_sign_in(session, now, session.exec(select(ConsoleUser).order_by(ConsoleUser.id)).first())
        )
    )


def test_whoever_asks_gets_the_same_answer_and_only_a_registered_address_gets_a_message(site: Site) -> None:
    browser = site.browser()
    known = browser.post("/sign-in", data={"address": SECRETARY.upper()})
    unknown = browser.post("/sign-in", data={"address": "nobody@example.org"})
    assert (known.status_code, known.headers["location"]) == (unknown.status_code, unknown.headers["location"])
    with reading(site.store) as session:
        sent = session.exec(select(Message).where(Message.kind == "sign_in_link")).all()
        assert [each.address for each in sent] == [SECRETARY]


def test_the_message_that_travels_holds_a_link_that_works_and_the_record_holds_none(site: Site) -> None:
    site.browser().post("/sign-in", data={"address": SECRETARY})
    with reading(site.store) as session:
        row = session.exec(select(Message).where(Message.kind == "sign_in_link")).one()
        assert "/sign-in/" not in row.text + row.html
        travelled = mime(row, site.now, "concordat@example.org").decode()
        text = b64decode(travelled.split("base64\r\n\r\n")[1].split("--=_")[0]).decode()
    path = re.search(r"/sign-in/\d+-[a-z2-7]{26}", text)
    assert path is not None
    browser = site.browser()
    assert browser.post(path[0]).headers["location"] == "/console"
    assert browser.get("/console").status_code == 200


def test_looking_at_the_link_uses_nothing_up_and_pressing_uses_it_once(site: Site) -> None:
    path = link(site)
    for _ in range(3):
        assert site.browser().get(path).status_code == 200
    assert site.browser().post(path).status_code == 303
    for method in ("GET", "POST"):
        again = site.browser().request(method, path)
        assert again.status_code in (410, 422)
        assert "Ask for another" in again.text


def test_an_expired_tampered_or_revoked_link_opens_nothing(site: Site) -> None:
    path = link(site)
    tampered = path[:-1] + ("a" if path[-1] != "a" else "b")
    assert site.browser().get(tampered).status_code == 410
    site.later(minutes=31)
    assert site.browser().get(path).status_code == 410


def test_a_visit_ends_after_eight_hours_and_at_once_when_it_is_ended(site: Site) -> None:
    browser = site.console()
    assert browser.get("/console").status_code == 200
    other = site.console()
    with reading(site.store) as session:
        first = session.exec(select(WebSession.id).order_by(WebSession.id)).first()
    assert other.post(f"/console/access/sessions/{first}/end").status_code == 303
    assert browser.get("/console").status_code == 303
    site.later(hours=8)
    assert other.get("/console").status_code == 303


def test_an_account_that_is_ended_is_out_at_once_and_the_last_secretary_stays(site: Site) -> None:
    auditor, secretary = site.console(Standing.AUDITOR), site.console()
    with reading(site.store) as session:
        numbers = {user.standing: user.id for user in session.exec(select(ConsoleUser))}
    assert secretary.post(f"/console/access/users/{numbers[Standing.AUDITOR]}/end").status_code == 303
    assert auditor.get("/console").status_code == 303
    refused = secretary.post(f"/console/access/users/{numbers[Standing.SECRETARY]}/end")
    assert refused.status_code == 422
    assert "add another first" in refused.text


def test_nobody_is_sent_more_than_a_few_links(site: Site) -> None:
    for _ in range(9):
        site.browser().post("/sign-in", data={"address": SECRETARY})
    with reading(site.store) as session:
        assert len(session.exec(select(SignIn)).all()) == 5
