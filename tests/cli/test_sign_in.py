"""`concordat sign-in`: whoever may type commands here can always come in."""

from actions.access.sessions import begin_session
from actions.access.signing_in import sign_in
from cli.signing_in import first_sign_in
from models.access import ConsoleUser
from tests.cli.conftest import Concordat


def test_the_link_signs_the_secretary_in_once(concordat: Concordat) -> None:
    said = concordat.does("sign-in")
    assert said["user"] == "secretary"
    link = said["link"].rpartition("/sign-in/")[2]
    concordat.act(lambda session: sign_in(session, concordat.clock.now, link))


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
