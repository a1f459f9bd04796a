"""Signing in through a body's own provider: only what it has signed for us, for this visit, for somebody registered."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from models.history import History
from settings import settings
from tests.web.asking import every
from tests.web.openid_provider import Provider, provider, shared_secret
from tests.web.site import SAME_ORIGIN, Site, loaded_site
from web import openid
from web.application import create_app
from web.openid import LASTS_SECONDS

SECRETARY = "secretary@isp-bedfordshire.example"
CLIENT_SECRET = "a client secret that the provider knows too"


@pytest.fixture
def visited(sqlite_store: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Site, Provider]]:
    with provider() as there:
        monkeypatch.setenv("CONCORDAT_OIDC_ISSUER", there.issuer)
        monkeypatch.setenv("CONCORDAT_OIDC_CLIENT_ID", "concordat")
        monkeypatch.setenv("CONCORDAT_OIDC_CLIENT_SECRET", CLIENT_SECRET)
        settings.cache_clear()
        openid.provider.cache_clear()
        site = loaded_site(sqlite_store)
        there.claims = {"email": SECRETARY, "exp": int(site.now.timestamp()) + 300}
        yield site, there
    monkeypatch.undo()
    settings.cache_clear()


def begun(site: Site, there: Provider) -> tuple[TestClient, dict[str, str]]:
    browser = site.browser()
    answer = browser.get("/sign-in/openid")
    assert answer.status_code == 303
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    return browser, {"code": there.authorized(asked), "state": asked["state"]}


def test_somebody_registered_comes_in_by_the_button_and_not_by_the_address(visited: tuple[Site, Provider]) -> None:
    site, there = visited
    browser, back = begun(site, there)
    assert browser.get("/sign-in/openid/back", params=back).status_code == 200
    assert browser.get("/console").status_code == 303
    assert browser.post("/sign-in/openid/back", data=back).headers["location"] == "/console"
    assert browser.get("/console").status_code == 200
    made = base64.urlsafe_b64encode(hashlib.sha256(there.verifiers[0].encode()).digest()).rstrip(b"=").decode()
    assert made == there.challenge


def test_whoever_comes_in_by_it_is_on_the_list_of_who_did_what(visited: tuple[Site, Provider]) -> None:
    site, there = visited
    browser, back = begun(site, there)
    browser.post("/sign-in/openid/back", data=back)
    assert [each.who for each in every(site, History, History.what == "signed in")] == ["secretary (user 1)"]


@pytest.mark.parametrize("given", ["", "/"])
def test_a_provider_whose_name_ends_in_a_slash_lets_people_in(
    visited: tuple[Site, Provider], monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    """Written with it or without."""
    site, there = visited
    there.ends_in = "/"
    monkeypatch.setenv("CONCORDAT_OIDC_ISSUER", f"{there.issuer}{given}")
    settings.cache_clear()
    browser, back = begun(site, there)
    assert browser.post("/sign-in/openid/back", data=back).headers["location"] == "/console"
    there.claims["iss"] = there.issuer  # the provider is another than it says
    refused(site, there)


def refused(site: Site, there: Provider, **changed: Any) -> None:
    browser, back = begun(site, there)
    answer = browser.post("/sign-in/openid/back", data=back | changed)
    assert answer.status_code == 409
    assert "did not work" in answer.text
    assert browser.get("/console").status_code == 303


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another visit"}, {"aud": "another application"}, {"iss": "https://elsewhere.example"},
        {"exp": 1_700_000_000}, {"email": "nobody@example.org"}, {"email_verified": False}, {"email_verified": "true"},
        {"email": None},
    ],
)  # fmt: skip
def test_what_is_signed_for_another_or_is_over_lets_nobody_in(
    visited: tuple[Site, Provider], claims: dict[str, Any]
) -> None:
    site, there = visited
    there.claims |= claims
    refused(site, there)


def test_what_is_signed_with_another_key_or_with_none_lets_nobody_in(visited: tuple[Site, Provider]) -> None:
    site, there = visited
    there.signing_key = type(there.key).generate_key(2048, {"kid": "first"})
    refused(site, there)
    there.header, there.signing_key = {"alg": "HS256"}, shared_secret(CLIENT_SECRET)
    refused(site, there)


def test_an_answer_of_another_browser_and_one_sent_twice_let_nobody_in(visited: tuple[Site, Provider]) -> None:
    site, there = visited
    refused(site, there, state="another")
    browser, back = begun(site, there)
    assert site.browser().post("/sign-in/openid/back", data=back).status_code == 409
    assert browser.post("/sign-in/openid/back", data=back).status_code == 303
    assert browser.post("/sign-in/openid/back", data=back).status_code == 409


def test_a_browser_that_keeps_its_cookie_longer_than_told_comes_too_late(visited: tuple[Site, Provider]) -> None:
    site, there = visited
    there.claims["exp"] += 3600
    for seconds, status in ((LASTS_SECONDS - 1, 303), (LASTS_SECONDS, 409)):
        browser, back = begun(site, there)
        for cookie in browser.cookies.jar:
            cookie.expires = None
        site.later(seconds=seconds)
        assert browser.post("/sign-in/openid/back", data=back).status_code == status


def test_over_tls_the_cookie_is_of_this_host_alone(visited: tuple[Site, Provider]) -> None:
    site, there = visited
    app = create_app(site.store, clock=lambda: site.now, secure=True)
    browser = TestClient(app, base_url="https://127.0.0.1", headers=SAME_ORIGIN, follow_redirects=False)
    answer = browser.get("/sign-in/openid")
    assert answer.headers["set-cookie"].startswith(f"__Host-{openid.COOKIE}=")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    back = {"code": there.authorized(asked), "state": asked["state"]}
    assert browser.post("/sign-in/openid/back", data=back).headers["location"] == "/console"


def test_a_provider_that_is_away_is_a_sentence(visited: tuple[Site, Provider], monkeypatch: pytest.MonkeyPatch) -> None:
    site, _ = visited
    monkeypatch.setattr(openid, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setenv("CONCORDAT_OIDC_ISSUER", "http://127.0.0.1:9")
    settings.cache_clear()
    answer = site.browser().get("/sign-in/openid")
    assert answer.status_code == 409
    assert "cannot be reached" in answer.text


def test_without_a_provider_there_is_no_such_door(site: Site) -> None:
    assert site.browser().get("/sign-in/openid").status_code in (404, 410)
    assert "organisation’s account" not in site.browser().get("/sign-in").text
