"""`concordat sign-in`: whoever may type commands here can always come in."""

import pytest

from actions.access.sessions import begin_session
from actions.access.signing_in import sign_in
from cli.signing_in import first_sign_in
from models.access import ConsoleUser
from settings import settings
from tests.cli.conftest import Concordat


def test_the_link_signs_the_secretary_in_once(concordat: Concordat) -> None:
    said = concordat.does("sign-in")
    assert said["user"] == "secretary"
    link = said["link"].rpartition("/sign-in/")[2]
    concordat.act(lambda session: sign_in(session, concordat.clock.now, link))


def test_the_link_leads_to_where_the_pages_are(concordat: Concordat, monkeypatch: pytest.MonkeyPatch) -> None:
    up = settings().data / "up.json"
    up.parent.mkdir(parents=True, exist_ok=True)
    for said, address in (
        ('{"web": "http://127.0.0.1:8417"}', "http://127.0.0.1:8417"), ("{", settings().pages_url),
        ('{"web": null}', settings().pages_url), ("[]", settings().pages_url),
    ):  # fmt: skip
        up.write_text(said)
        assert concordat.does("sign-in")["link"].startswith(f"{address}/sign-in/")
    up.write_text('{"web": "http://127.0.0.1:8417"}')
    monkeypatch.setenv("CONCORDAT_WEB_URL", "https://concordat.example")
    settings.cache_clear()
    assert concordat.does("sign-in")["link"].startswith("https://concordat.example/sign-in/")


def test_nobody_signs_in_by_an_address_that_is_not_registered(concordat: Concordat) -> None:
    assert "Nobody signs in by that address" in concordat("sign-in", "nobody@example.org").refusal


def test_a_start_prints_a_link_until_somebody_has_signed_in(concordat: Concordat) -> None:
    path = first_sign_in()
    assert path is not None
    assert path.startswith("/sign-in/")
    concordat.act(lambda s: begin_session(s, concordat.clock.now, user=s.get_one(ConsoleUser, 1)))
    assert first_sign_in() is None


def test_a_start_without_a_protocol_prints_none(fresh: Concordat) -> None:
    fresh("upgrade")
    assert first_sign_in() is None
