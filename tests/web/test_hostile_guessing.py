"""Whoever tries references, codes, addresses and links learns nothing from how they are refused."""

import re
import threading
import time
from typing import Any

import pytest
from sqlmodel import select

from actions.breaches import reporters
from actions.contacts import NotAnAddress, set_contact
from models.access import SignIn
from models.outbox import Message
from models.protocol import Role
from models.store import reading, transaction
from notifications.mime import mime
from rules.errors import Refused
from tests.web.asking import POLICE, every
from tests.web.site import Site
from web.callers import STRANGER
from web.declaring import Asked
from web.limits import LIMITS
from web.public.signing_in import Address, _ask

SECRETARY = "secretary@isp-bedfordshire.example"
WRONG_CODE = "1111 1111 1111 1111"
REFERENCES = ("BR-2026-7K3Q9N", "br 2026 7k3q9n", "nothing", "'; DROP TABLE breachreport; --", "é" * 40)


class Counting:
    """In the hasher's place: what is slow is counted, not timed."""

    def __init__(self) -> None:
        self.hasher, self.verified = reporters.HASHER, 0

    def verify(self, *said: Any) -> bool:
        self.verified += 1
        return bool(self.hasher.verify(*said))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.hasher, name)


def shown_without(page: str, *said: str) -> str:
    """The page, but for the answers it keeps and the key of its form."""
    for each in said:
        page = page.replace(each.replace("&", "&amp;").replace("'", "&#39;"), "…")
    return re.sub(r'name="once" value="[^"]*"', "", page)


@pytest.mark.parametrize("reference", REFERENCES)
def test_a_reference_that_is_there_is_refused_like_one_that_is_not(
    site: Site, monkeypatch: pytest.MonkeyPatch, reference: str
) -> None:
    """The same page, the same status, and one Argon2 each."""
    there = site.report()
    counted = Counting()
    monkeypatch.setattr(reporters, "HASHER", counted)
    pages, work = [], []
    for each in (there, reference):
        before = counted.verified
        answer = site.browser().post("/report/return", data={"reference": each, "code": WRONG_CODE})
        assert answer.status_code == 422
        assert "set-cookie" not in answer.headers
        pages.append(shown_without(answer.text, each))
        work.append(counted.verified - before)
    assert pages[0] == pages[1]
    assert work == [1, 1]


def test_too_many_guesses_wait_alike_whether_or_not_the_reference_is_there(site: Site) -> None:
    there, statuses = site.report(), []
    for reference in (there, "BR-2026-7K3Q9M"):
        LIMITS.forget()
        answers = [site.browser().post("/report/return", data={"reference": reference, "code": WRONG_CODE})
                   for _ in range(12)]  # fmt: skip
        statuses.append([each.status_code for each in answers])
    assert statuses[0] == statuses[1]
    assert statuses[0][-1] == 429


def test_many_codes_at_once_are_verified_two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes memory of its own."""
    running, most, lock = 0, 0, threading.Lock()

    class Slow:
        def hash(self, _code: str) -> str:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.005)
            with lock:
                running -= 1
            return "sealed"

    monkeypatch.setattr(reporters, "HASHER", Slow())
    threads = [threading.Thread(target=reporters.sealed, args=("code",)) for _ in range(12)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert most == 2


def test_one_place_asks_for_links_of_so_many_addresses_and_no_more(site: Site) -> None:
    browser = site.browser()
    statuses = [browser.post("/sign-in", data={"address": f"a{n}@b.example"}).status_code for n in range(61)]
    assert statuses == [303] * 60 + [429]


def test_asking_for_a_link_does_nothing_before_the_answer_that_tells_who_signs_in(site: Site) -> None:
    for address, links in (("nobody@b.example", 0), (SECRETARY, 1)):
        with transaction(site.store) as session:
            done = _ask(Asked(session, site.now, STRANGER), Address(address=address))
        assert every(site, SignIn) == []
        assert done.wakes is not None
        done.wakes()
        assert len(every(site, SignIn)) == links


def test_an_address_that_signs_in_and_one_that_does_not_get_the_same(site: Site) -> None:
    said = []
    for address in (SECRETARY, "nobody@b.example", "a" * 240 + "@b.example"):
        browser = site.browser()
        sent = browser.post("/sign-in", data={"address": address})
        said.append((sent.status_code, sent.headers.get("location"), sent.headers.get("set-cookie"), sent.text))
    assert len(set(said)) == 1
    for _ in range(12):
        last = [site.browser().post("/sign-in", data={"address": each}).status_code
                for each in (SECRETARY, "nobody@b.example")]  # fmt: skip
        assert last[0] == last[1]


def test_another_breach_and_one_that_never_was_are_the_same_to_a_party(site: Site) -> None:
    site.report()
    party = site.party(POLICE)
    there, never = party.get("/party/breaches/1"), party.get("/party/breaches/9999")
    assert there.status_code == never.status_code == 404
    assert there.text.replace("/breaches/1", "/breaches/N") == never.text.replace("/breaches/9999", "/breaches/N")


INJECTED = (
    "a@b.example\r\nBcc: all@evil.example", "a@b.example\nBcc: all@evil.example", "a@b.example,all@evil.example",
    "a@b.example;all@evil.example", "<a@b.example> all@evil.example", "a@b.example\0", "a b@c.example", "@", "",
)  # fmt: skip


@pytest.mark.parametrize("address", INJECTED)
def test_an_address_with_another_header_in_it_is_none(site: Site, address: str) -> None:
    with pytest.raises((NotAnAddress, Refused)):
        site.acting(lambda session, now, protocol: set_contact(
            session, now, protocol, None, Role.ADVISER, address, "secretary"))  # fmt: skip
    browser = site.console()
    answer = browser.post("/console/access/users/add",
                          data={"name": "Ann", "address": address, "standing": "auditor"})  # fmt: skip
    program = site.program().post("/api/access/users/add",
                                  json={"name": "Ann", "address": address, "standing": "auditor"})  # fmt: skip
    assert answer.status_code == 422
    assert program.status_code in (409, 422)


SUBJECTS = (
    "Hello\r\nBcc: all@evil.example", "Hello\nBcc: all@evil.example\n\nbody", "Hé\r\nBcc: x@evil.example",
    "\u2028Bcc: x", "\r\n\r\n<script>",
)  # fmt: skip
HEADERS = {"From", "To", "Reply-To", "Subject", "Message-ID", "Date", "Auto-Submitted", "MIME-Version", "Content-Type"}


def test_a_word_with_line_ends_in_a_subject_begins_no_header(site: Site) -> None:
    site.browser().post("/sign-in", data={"address": SECRETARY})
    [row] = every(site, Message)
    for subject in SUBJECTS:
        row.subject, row.reply_to = subject, "x@y.example\r\nBcc: all@evil.example"
        head = mime(row, site.now, "concordat@example.org").decode().partition("\r\n\r\n")[0]
        names = {line.partition(":")[0] for line in head.split("\r\n") if not line.startswith((" ", "\t"))}
        assert names == HEADERS, subject
        assert "\n" not in head.replace("\r\n", "")


def test_a_name_with_line_ends_reaches_no_header_and_no_log_line(site: Site) -> None:
    answer = site.console().post(
        "/console/access/users/add",
        data={"name": "Ann\r\nBcc: x@evil.example", "address": "ann@b.example", "standing": "auditor"},
    )
    assert answer.status_code == 422
    with reading(site.store) as session:
        assert session.exec(select(Message).where(Message.subject.contains("Bcc"))).all() == []
