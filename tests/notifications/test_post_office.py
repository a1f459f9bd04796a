"""Where the mail server is comes from the environment, and a mistake there is a sentence."""

from collections.abc import Iterator

import pytest

from notifications.post_office import NoPostOffice, NotAnAddress, mail_settings
from settings import settings


@pytest.fixture(autouse=True)
def fresh_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CONCORDAT_SMTP_HOST", "mail.example")
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_without_a_host_there_is_no_post_office(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONCORDAT_SMTP_HOST")
    with pytest.raises(NoPostOffice, match="CONCORDAT_SMTP_HOST"):
        mail_settings()


def test_reports_return_to_the_sender_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCORDAT_MAIL_FROM", "Sharing group <group@isp.example>")
    assert mail_settings().sender == "Sharing group <group@isp.example>"
    assert mail_settings().bounces_to == "group@isp.example"
    settings.cache_clear()
    monkeypatch.setenv("CONCORDAT_MAIL_BOUNCES", "bounces@isp.example")
    assert mail_settings().bounces_to == "bounces@isp.example"


@pytest.mark.parametrize("name", ["CONCORDAT_MAIL_FROM", "CONCORDAT_MAIL_BOUNCES"])
def test_an_address_nobody_can_write_from_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "isp@example!gov.uk")
    with pytest.raises(NotAnAddress, match=name):
        mail_settings()


def test_the_message_id_has_the_sender_s_domain_also_beside_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from models.protocol import Protocol
    from notifications.outbox import message_id_of
    from rules.working_days import Nation
    from tests.notifications.outbox_world import NOW

    monkeypatch.setenv("CONCORDAT_MAIL_FROM", "Sharing group <group@ISP.example>")
    protocol = Protocol(
        slug="p", name="P", short_name="P", zone="Europe/London", nation=Nation.SCOTLAND, policies={}, operating={},
        loaded_at=NOW,
    )  # fmt: skip
    assert message_id_of("k", protocol).endswith("@isp.example>")
