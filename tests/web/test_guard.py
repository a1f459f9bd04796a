"""What stands before every page: other sites' forms, too much, too slow, a database that is away."""

import contextlib
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
import uvicorn
from sqlmodel import select

from models.access import ConsoleUser
from models.store import engine, reading
from tests.web.site import Site
from web import __main__ as serving
from web import guarding
from web.application import create_app
from web.limits import WINDOW_SECONDS, Limits, TooOften

ADD = "/console/access/users/add"
ANN = {"name": "Ann", "address": "ann@isp-bedfordshire.example", "standing": "auditor"}
OTHERS_FILES = (
    "../application.py", "..%2f..%2fsettings.py", "%2e%2e/%2e%2e/pyproject.toml", "/etc/passwd",
    "govuk/../../__main__.py"
)  # fmt: skip
FOREIGN = (
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "", "origin": "https://elsewhere.example"},
    {"sec-fetch-site": "", "origin": "null"},
    {"sec-fetch-site": ""},
)


def users(site: Site) -> int:
    with reading(site.store) as session:
        return len(session.exec(select(ConsoleUser)).all())


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_form_on_another_site_does_nothing_here(site: Site, headers: dict[str, str]) -> None:
    browser = site.console()
    if not headers["sec-fetch-site"]:
        del browser.headers["sec-fetch-site"]
    sent = {name: value for name, value in headers.items() if value}
    before = users(site)
    assert browser.post(ADD, data=ANN, headers=sent).status_code == 403
    assert users(site) == before


def test_our_own_form_is_taken_from_a_browser_that_says_only_its_origin(site: Site) -> None:
    browser = site.console()
    del browser.headers["sec-fetch-site"]
    assert browser.post(ADD, data=ANN, headers={"origin": "http://127.0.0.1:8400"}).status_code == 303


def test_no_cookie_lets_a_browser_into_the_api(site: Site) -> None:
    """So that no other site's form can reach it: only a token does, which no browser sends by itself."""
    assert site.console().post("/api/access/users/add", json=ANN).status_code == 401


def test_every_answer_tells_the_browser_to_run_frame_and_keep_nothing_foreign(site: Site) -> None:
    for path in ("/", "/nothing", "/console", "/p/1-x", "/health", "/api/access"):
        headers = site.browser().get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_a_file_of_ours_is_kept_for_good_and_no_other_file_can_be_had(site: Site) -> None:
    browser = site.browser()
    style = browser.get("/static/anything/concordat.css")
    assert style.status_code == 200
    assert "immutable" in style.headers["cache-control"]
    for path in OTHERS_FILES:
        assert browser.get(f"/static/x/{path}").status_code == 404


def test_too_much_is_refused_before_it_is_read(site: Site) -> None:
    browser = site.console()
    large = "x" * (guarding.LARGEST_BODY + 1)
    assert browser.post(ADD, data={**ANN, "name": large}).status_code == 413

    def dripping() -> Iterator[bytes]:
        for _ in range(40):
            yield b"x" * 65_536

    form = {"content-type": "application/x-www-form-urlencoded"}
    assert browser.post(ADD, content=dripping(), headers=form).status_code == 413


def test_an_address_that_names_no_number_a_row_can_have_is_not_found(site: Site) -> None:
    for number in ("0", "99999999999999999999", "2147483648"):
        assert site.console().post(f"/console/access/users/{number}/end").status_code in (404, 422)


@contextmanager
def served(app: Any, **how: Any) -> Iterator[int]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_keep_alive=2, **how))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def test_clients_that_drip_hold_nobody_up_and_are_let_go(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "BODY_SECONDS", 0.5)
    with served(site.app) as port:
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(60)]
        head = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 1000\r\n"
        for each in slow:
            each.sendall(head + b"Content-Type: application/x-www-form-urlencoded\r\n\r\naddr")
        with socket.create_connection(("127.0.0.1", port), timeout=5) as quick:
            quick.sendall(b"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            assert quick.recv(64).startswith(b"HTTP/1.1 200")
        for each in slow:
            each.settimeout(5)
            assert b"408" in each.recv(64)
            each.close()


def test_a_database_that_is_away_is_a_page_that_says_so_and_loses_nothing(site: Site) -> None:
    browser = site.console()
    gone = sa.create_engine("sqlite:////nowhere/there/is/no.db")
    site.app.state.engine = gone
    for answer in (browser.get("/console"), browser.post(ADD, data=ANN), browser.get("/")):
        assert answer.status_code == 503
        assert "Nothing you sent has been kept" in answer.text
    assert browser.get("/health").status_code == 503
    site.app.state.engine = site.store
    before = users(site)
    assert browser.post(ADD, data=ANN).status_code == 303
    assert users(site) == before + 1


def test_a_database_that_somebody_else_holds_for_too_long_is_that_page_and_loses_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.store.LOCK_WAIT_SECONDS", 0.2)
    browser, before = site.console(), users(site)
    with closing(sqlite3.connect(str(site.store.url.database), isolation_level=None)) as held:
        held.execute("BEGIN IMMEDIATE")
        assert browser.get("/console/access").status_code == 200, "whoever reads waits for nobody"
        answer = browser.post(ADD, data=ANN)
        assert answer.status_code == 503
        assert "Nothing you sent has been kept" in answer.text
    assert users(site) == before
    assert browser.post(ADD, data=ANN).status_code == 303


def test_a_postgres_server_that_is_away_is_the_same_page() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    app = create_app(engine(f"postgresql+psycopg://concordat@127.0.0.1:{port}/concordat"), secure=True)
    from starlette.testclient import TestClient

    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/")
        assert answer.status_code == 503
        assert "cannot reach its records" in answer.text


def test_failures_are_counted_by_their_target_and_forgotten_after_the_window() -> None:
    now = [0.0]
    limits = Limits(lambda: now[0])
    for _ in range(3):
        limits.require("reference", 3)
        limits.count("reference")
    with pytest.raises(TooOften):
        limits.require("reference", 3)
    limits.require("another", 3)
    now[0] = WINDOW_SECONDS + 1
    limits.require("reference", 3)


def test_what_is_counted_does_not_fill_the_memory() -> None:
    limits = Limits()
    for number in range(12_000):
        limits.count(f"name-{number}")
    assert sum(len(each) for each in limits._seen.values()) == 10_000


def test_ten_thousand_names_of_one_kind_wash_out_no_count_of_another() -> None:
    limits = Limits()
    limits.count("code of:BR-2026-7K3Q9M")
    for number in range(10_001):
        limits.count(f"sign-in:{number}@example.org")
    with pytest.raises(TooOften):
        limits.require("code of:BR-2026-7K3Q9M", 1)


def test_of_many_at_once_no_more_pass_than_may() -> None:
    limits, passed = Limits(), list[int]()

    def tries(number: int) -> None:
        with contextlib.suppress(TooOften):
            limits.take(("one:x", 5), ("all:x", 100))
            passed.append(number)

    threads = [threading.Thread(target=tries, args=(number,)) for number in range(40)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(passed) == 5
    limits.give_back("one:x")
    limits.take(("one:x", 5))


def test_the_same_form_sent_twice_is_done_once(site: Site) -> None:
    browser, before = site.console(), users(site)
    answers = [browser.post(ADD, data={**ANN, "once": "a-key-of-this-form"}) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    assert users(site) == before + 1
    assert browser.post(ADD, data={**ANN, "name": "Bob", "once": "a-key-of-this-form"}).status_code == 422


def test_a_connection_that_says_nothing_is_let_go(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEAD_SECONDS", 0.3)
    with served(site.app, http=serving.Impatient) as port:
        silent = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(20)]
        dripping = socket.create_connection(("127.0.0.1", port), timeout=5)
        dripping.sendall(b"GET /sign-in HTTP/1.1\r\nHost: ")
        assert [each.recv(8) for each in (*silent, dripping)] == [b""] * 21


@pytest.mark.parametrize(
    ("first", "more"),
    [
        ("GET /cookies HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "G"),
        ("POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9000000\r\n\r\n", "a"),  # 413 before its body
    ],
)
def test_a_connection_that_begins_again_and_never_ends_is_let_go(
    site: Site, monkeypatch: pytest.MonkeyPatch, first: str, more: str
) -> None:
    monkeypatch.setattr(serving, "HEAD_SECONDS", 0.3)
    with served(site.app, http=serving.Impatient) as port:
        slow = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(5)]
        for each in slow:
            each.sendall(first.encode())
            answered(each)
            each.sendall(more.encode())
        assert [each.recv(8) for each in slow] == [b""] * 5


def test_a_connection_that_goes_on_asking_is_kept(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEAD_SECONDS", 0.5)
    with (
        served(site.app, http=serving.Impatient) as port,
        socket.create_connection(("127.0.0.1", port), timeout=5) as busy,
    ):
        for _ in range(5):
            busy.sendall(b"GET /cookies HTTP/1.1\r\n")
            time.sleep(0.2)
            busy.sendall(b"Host: 127.0.0.1\r\n\r\n")
            assert answered(busy).startswith(b"HTTP/1.1 200")


def answered(connection: socket.socket) -> bytes:
    """The whole answer."""
    said = b""
    while b"\r\n\r\n" not in said:
        said += connection.recv(65536)
    head, _, body = said.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head
