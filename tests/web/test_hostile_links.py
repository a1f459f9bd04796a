"""Links, cookies and addresses in hands they were not made for."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select
from starlette.testclient import TestClient

from actions.access.party_links import NEW_LINK, revoke_links
from actions.access.signing_in import make_sign_in, path_of
from actions.cast import known_id
from actions.contacts import correct_address
from actions.resolving import resolve_in_doubt
from models.access import ConsoleUser, SignIn, Standing, WebSession
from models.outbox import Delivery, Message
from models.protocol import Contact
from models.store import reading
from notifications.links import filled, own_page
from settings import settings
from tests.web.asking import COUNCIL, POLICE, asking, changed, contact_of, every, message_to
from tests.web.site import SAME_ORIGIN, START, Site
from web.application import create_app
from web.way_back import is_safe

SECRETARY = "secretary@isp-bedfordshire.example"
OVER = "This link opens nothing."


def path_to(site: Site, party: str) -> str:
    return urlsplit(own_page(message_to(site, party))).path


def sign_in_path(site: Site) -> str:
    def made(session: Session, now: Any, _: Any) -> str:
        user = session.exec(select(ConsoleUser).order_by(ConsoleUser.id)).first()
        assert user is not None
        return path_of(make_sign_in(session, now, user))

    return str(site.acting(made))


def opens_nothing(site: Site, path: str) -> bool:
    """Neither looking nor pressing lets anybody in, and both say the same sentence."""
    looked, pressed = site.browser().get(path), site.browser().post(path)
    assert "set-cookie" not in looked.headers
    assert "set-cookie" not in pressed.headers
    return looked.status_code == 410 and OVER in looked.text and pressed.status_code in (410, 422)


def test_a_partys_link_opens_its_page_until_forty_five_days_are_over(site: Site) -> None:
    path = path_to(asking(site), POLICE)
    assert site.browser().post(path).headers["location"] == "/party"
    site.later(days=45)
    expired = site.browser().get(path)
    assert "new" in expired.text
    assert "set-cookie" not in site.browser().post(path).headers


def test_whoever_has_an_old_link_fills_no_mailbox(site: Site) -> None:
    """Three an hour and ten a day, and the page says the same every time."""
    path, answers = path_to(asking(site), POLICE), set()

    def presses(times: int) -> int:
        for _ in range(times):
            site.later(minutes=3)
            answer = site.browser().post(f"{path}/new")
            answers.add((answer.status_code, answer.headers["location"], answer.headers.get("set-cookie")))
        return sum(each.kind == NEW_LINK for each in every(site, Message))

    assert presses(8) == 3
    assert [(site.later(hours=1), presses(4))[1] for _ in range(4)] == [6, 9, 10, 10]
    site.later(hours=24)
    assert presses(1) == 11
    assert answers == {(303, "/link-sent", None)}


def test_a_link_is_dead_once_the_address_is_corrected_and_the_wrong_reader_is_out(site: Site) -> None:
    path = path_to(asking(site), POLICE)
    browser = site.browser()
    assert browser.post(path).status_code == 303
    assert browser.get("/party").status_code == 200
    all_sent(site)  # what waits goes to the new address
    corrected(site, "new@b.example")
    assert opens_nothing(site, path)
    assert browser.get("/party").status_code == 403


def test_a_link_stays_dead_when_the_address_is_corrected_back(site: Site) -> None:
    path, first = path_to(asking(site), POLICE), contact_of(site, POLICE).address
    all_sent(site)
    for address in ("new@b.example", first):
        site.later(minutes=1)
        corrected(site, address)
        assert opens_nothing(site, path)
    told = every(site, Message, Message.contact_id == contact_of(site, POLICE).id)[-1]
    assert (told.kind, told.address) == ("duty_reminder", first)
    assert site.browser().post(urlsplit(own_page(told)).path).status_code == 303


def test_a_message_that_waited_opens_its_page_at_the_address_that_it_went_to(site: Site) -> None:
    asking(site)
    site.later(minutes=1)
    corrected(site, "new@b.example")
    site.later(minutes=1)
    all_sent(site)
    assert message_to(site, POLICE).address == "new@b.example"
    assert site.browser().post(path_to(site, POLICE)).status_code == 303


def test_a_message_that_is_found_to_have_arrived_does_not_open_what_was_closed(site: Site) -> None:
    path, first = path_to(asking(site), POLICE), contact_of(site, POLICE).address
    number = known_id(message_to(site, POLICE))
    all_sent(site)
    changed(site, Message, number, state=Delivery.IN_DOUBT, in_doubt_at=site.now)
    for address in ("new@b.example", first):
        site.later(minutes=1)
        corrected(site, address)
    site.later(minutes=1)
    site.acting(lambda session, now, _: resolve_in_doubt(session, now, number, "secretary", arrived=True))
    assert opens_nothing(site, path)


def all_sent(site: Site) -> None:
    with site.store.begin() as connection:
        connection.execute(sa.update(Message).values(state=Delivery.ACCEPTED, settled_at=site.now))


def corrected(site: Site, address: str) -> None:
    contact = known_id(contact_of(site, POLICE))
    site.acting(lambda session, now, _: correct_address(session, now, session.get_one(Contact, contact), address, "s"))


def test_a_link_is_dead_once_the_secretary_revokes_it(site: Site) -> None:
    path, contact = path_to(asking(site), POLICE), known_id(contact_of(site, POLICE))
    browser = site.browser()
    browser.post(path)
    assert browser.get("/party").status_code == 200
    all_sent(site)
    site.later(minutes=1)
    site.acting(lambda session, now, _: revoke_links(session, now, contact, "secretary", "forwarded"))
    assert opens_nothing(site, path)
    assert browser.get("/party").status_code == 403


def test_no_part_of_a_link_can_be_changed(site: Site) -> None:
    asking(site)
    mine, other = path_to(site, POLICE), path_to(site, COUNCIL)
    number, secret = mine.removeprefix("/p/").split("-")
    others_number, others_secret = other.removeprefix("/p/").split("-")
    sign_in_secret = sign_in_path(site).split("-", 2)[-1]
    for said in (
        f"{others_number}-{secret}", f"{number}-{others_secret}", f"{number}-{secret[:-1]}", f"{number}-{secret}a",
        f"{number}-", number, f"-{secret}", f"0{number}-{secret}x", f"{number}-{secret.upper()}",
        f"999999999-{secret}", f"99999999999999-{secret}", f"{number}-{sign_in_secret}", "é-é",
    ):  # fmt: skip
        assert opens_nothing(site, f"/p/{said}"), said
    for method in ("GET", "POST"):  # a slash belongs to no link: there is no such page
        answer = site.browser().request(method, "/p/..%2f..")
        assert answer.status_code == 404
        assert "set-cookie" not in answer.headers


def test_a_link_for_nobody_and_a_link_of_somebody_elses_say_the_same(site: Site) -> None:
    """Whether a message of that number was ever sent cannot be told."""
    asking(site)
    number = message_to(site, POLICE).id
    there, not_there = (site.browser().get(f"/p/{each}-{'a' * 26}") for each in (number, 99_999))
    assert there.status_code == not_there.status_code == 410
    assert there.text.replace(f"/p/{number}-", "/p/N-") == not_there.text.replace("/p/99999-", "/p/N-")


def test_a_scanner_that_opens_every_link_of_every_message_changes_nothing(site: Site) -> None:
    asking(site)
    site.browser().post("/sign-in", data={"address": SECRETARY})
    rows, browser = every(site, Message), site.browser()
    before = contents(site)
    for row in rows:
        for url in set(re.findall(r"https?://[^\s\"'<>)]+", filled(row, row.text) + filled(row, row.html))):
            if url.startswith(settings().pages_url):
                path = url.removeprefix(settings().pages_url)
                for method in ("GET", "HEAD", "OPTIONS"):
                    answer = browser.request(method, path)
                    assert answer.status_code < 500
                    assert not any(name in answer.headers.get("set-cookie", "") for name in ("console=", "party="))
    assert contents(site) == before
    assert browser.post(path_to(site, POLICE)).status_code == 303


def contents(site: Site) -> dict[str, list[Any]]:
    meta = sa.MetaData()
    with site.store.connect() as connection:
        meta.reflect(connection)
        return {name: [tuple(row) for row in connection.execute(table.select())] for name, table in meta.tables.items()}


def test_a_cookie_that_somebody_set_before_is_nobodys_after_signing_in(site: Site) -> None:
    """Session fixation: the secret is drawn anew, the one that was planted opens nothing."""
    planted = {"concordat-console": "planted", "concordat-party": "planted"}
    browser = site.browser(planted)
    assert browser.get("/console").status_code == 303
    answer = browser.post(sign_in_path(site))
    fresh = answer.cookies["concordat-console"]
    assert fresh != "planted"
    assert site.browser(planted).get("/console").status_code == 303
    assert site.browser({"concordat-console": fresh}).get("/console").status_code == 200
    with reading(site.store) as session:
        assert all(fresh not in row.sha256 for row in session.exec(select(WebSession)))


def test_a_party_cookie_is_none_of_the_console_and_the_other_way_round(site: Site) -> None:
    party, console = site.party(POLICE), site.console()
    of_party, of_console = party.cookies["concordat-party"], console.cookies["concordat-console"]
    assert site.browser({"concordat-console": of_party}).get("/console").status_code in (303, 403)
    assert site.browser({"concordat-party": of_console}).get("/party").status_code == 403


@pytest.mark.parametrize("secure", [True, False])
def test_cookies_are_for_this_host_and_no_script(site: Site, secure: bool) -> None:
    path = sign_in_path(site)
    app = create_app(site.store, clock=lambda: START, secure=secure)
    base = "https://concordat.example" if secure else "http://127.0.0.1:8400"
    browser = TestClient(app, base_url=base, headers=SAME_ORIGIN, follow_redirects=False)
    set_by = [
        *browser.get("/console/outbox").headers.get_list("set-cookie"),
        *browser.post(path).headers.get_list("set-cookie"),
    ]
    assert len(set_by) >= 3  # the way back, the notice, the session
    for cookie in set_by:
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
        assert ("Secure" in cookie) is secure
    assert any(cookie.startswith("__Host-concordat-console=") is secure for cookie in set_by if "console" in cookie)


def test_after_signing_in_a_secretary_is_where_they_wanted_to_go(site: Site) -> None:
    browser = site.browser()
    sent = browser.get("/console/obligations?state=overdue")
    assert sent.headers["location"] == "/sign-in"
    answer = browser.post(sign_in_path(site))
    assert answer.headers["location"] == "/console/obligations?state=overdue"
    again = browser.post(sign_in_path(site))
    assert again.headers["location"] == "/console"


def test_nobodys_link_can_send_them_elsewhere(site: Site) -> None:
    for query in ("next=//evil.example", "next=https://evil.example", "next=/console/outbox"):
        browser = site.browser()
        browser.get(f"/sign-in?{query}")
        assert browser.post(f"{sign_in_path(site)}?{query}").headers["location"] == "/console"
    browser = site.browser({"concordat-way-back": "0" * 32 + ".L2NvbnNvbGUvb3V0Ym94"})
    assert browser.post(sign_in_path(site)).headers["location"] == "/console"


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "https://evil.example", "/\\evil", "/console/\\evil", "/sign-in", "/console//", "/party",
     "/console/a\r\nset-cookie: x=y", "/console/" + "a" * 2000, "console/x", ""],
)  # fmt: skip
def test_the_way_back_is_a_page_of_the_console_or_none(path: str) -> None:
    assert is_safe(path) is (path == "/console//")


def test_a_hosts_name_in_the_request_is_in_no_link(site: Site) -> None:
    evil = {"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    browser = site.browser()
    browser.post("/sign-in", data={"address": SECRETARY}, headers=evil)
    [row] = [row for row in every(site, Message) if row.kind == "sign_in_link"]
    assert "evil" not in filled(row, row.text) + filled(row, row.html)
    assert settings().pages_url in filled(row, row.text)
    for path in ("/", "/sign-in", "/console", "/nothing", "/report"):
        answer = browser.get(path, headers=evil)
        assert "evil" not in answer.text + str(answer.headers)


def test_an_ended_link_that_signs_in_is_dead_for_good(site: Site) -> None:
    path = sign_in_path(site)
    assert site.browser().post(path).status_code == 303
    for _ in range(2):
        replayed = site.browser().post(path)
        assert replayed.status_code in (410, 422)
        assert "concordat-console" not in replayed.headers.get("set-cookie", "")
    with reading(site.store) as session:
        assert len([row for row in session.exec(select(SignIn)) if row.used_at]) == 1


def test_a_token_dies_with_its_owner_and_with_its_day(site: Site) -> None:
    program = site.program(Standing.AUDITOR)
    assert program.get("/api/outbox").status_code == 200
    secret = program.headers["authorization"]
    for wrong in (secret[:-1], secret + "a", secret.upper(), "Bearer ", "Basic " + secret.split()[1], "Bearer a b"):
        assert site.browser().get("/api/outbox", headers={"authorization": wrong}).status_code == 401, wrong
    site.now += timedelta(days=30)
    assert program.get("/api/outbox").status_code == 401
