"""Every wrong setting is refused at start: its name, what was found, what was expected; all at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from models.store import engine
from settings import HERE, Settings, settings
from tests.cli.conftest import Concordat, in_a_process, whole_environment

WRONG = {
    "DATABASE_URL=mysql://u:hunter2@host/name": "give postgresql://user:password@host/name, or sqlite:/// with an",
    "SMTP_HOST=smtp://mail": "give a name or an address such as smtp.council.gov.uk; its port is CONCORDAT_SMTP_PORT",
    "SMTP_HOST=": "give a name or an address",
    "SMTP_PORT=smtp": "give a whole number",
    "SMTP_PORT=-25": "give 1 or more",
    "SMTP_PORT=70000": "give 65535 or less",
    "SMTP_PORT=2.5": "give a whole number",
    "SMTP_STARTTLS=perhaps": "give true or false",
    "SMTP_CONNECTIONS=0": "give 1 or more",
    "SMTP_CONNECTIONS=51": "give 50 or less",
    "SMTP_TIMEOUT_SECONDS=0": "give more than 0",
    "SMTP_TIMEOUT_SECONDS=-1": "give more than 0",
    "SMTP_TIMEOUT_SECONDS=inf": "give ",
    "SMTP_TIMEOUT_SECONDS=a minute": "give a number",
    "SMTP_MESSAGES_PER_MINUTE=-1": "give 0 or more",
    "MAIL_FROM=nobody": "give an address such as isp@council.gov.uk",
    "MAIL_FROM=isp@bücher.example": "give an address in ASCII",
    "MAIL_BOUNCES=Büro <isp@bücher.example>": "give an address in ASCII",
    "MAIL_BOUNCES=no body@council.example": "give an address such as",
    "PREFECT_PORT=0": "give 1 or more",
    "WEB_PORT=http": "give a whole number",
    "WEB_PORT=4200": "give another port than CONCORDAT_PREFECT_PORT",
    "WEB_URL=isp.council.example": "give an address such as https://isp.council.gov.uk",
    "WEB_BEHIND_PROXY=2": "give true or false",
    "WEB_DEMONSTRATION=maybe": "give true or false",
    "OIDC_ISSUER=accounts": "give an address such as",
}


def wrong(fresh: Concordat, monkeypatch: pytest.MonkeyPatch, *given: str) -> list[str]:
    """What a command says, line by line, that is started with these settings."""
    for each in given:
        name, _, value = each.partition("=")
        monkeypatch.setenv(f"CONCORDAT_{name}", value)
    settings.cache_clear()
    said = fresh("status")
    assert (said.code, said.out) == (1, "")
    assert "Traceback" not in said.err
    assert not list(fresh.data.glob("*")), "nothing has been started"
    return said.err.splitlines()


@pytest.mark.parametrize("given", WRONG)
def test_a_wrong_value_is_one_sentence_with_its_name(
    fresh: Concordat, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    name, _, value = given.partition("=")
    said = wrong(fresh, monkeypatch, given)
    [sentence] = [line for line in said if " is “" in line]
    shown = value.replace("hunter2", "…")
    assert sentence.startswith(f"CONCORDAT_{name} is “{shown}”: {WRONG[given]}")
    assert sentence.endswith(".")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"], ids=["short", "long", "whole"])
def test_a_database_server_is_reached_through_the_driver_that_is_installed(scheme: str) -> None:
    made = engine(Settings(database_url=f"{scheme}://host/isp").store_url)
    assert (made.dialect.driver, made.url.host, made.url.database) == ("psycopg", "host", "isp")


@pytest.mark.parametrize(
    "scheme",
    ["postgresql+asyncpg", "postgresql+psycopg2", "postgres+psycopg", "POSTGRESQL"],
    ids=["asynchronous", "old", "no dialect", "capitals"],
)
def test_a_driver_that_would_fail_at_first_use_is_refused_at_once(
    fresh: Concordat, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    [said] = wrong(fresh, monkeypatch, f"DATABASE_URL={scheme}://u:hunter2@host/name")
    assert said == (
        f"CONCORDAT_DATABASE_URL is “{scheme}://u:…@host/name”: give postgresql://user:password@host/name, "
        "or sqlite:/// with an absolute path."
    )


def test_prefect_may_not_have_the_port_of_the_pages(fresh: Concordat, monkeypatch: pytest.MonkeyPatch) -> None:
    [said] = wrong(fresh, monkeypatch, "PREFECT_PORT=8400")
    assert said == "CONCORDAT_WEB_PORT is “8400”: give another port than CONCORDAT_PREFECT_PORT."


def test_every_setting_that_can_be_wrong_is_tried() -> None:
    free = {"data", "smtp_username", "smtp_password", "oidc_client_id", "oidc_client_secret", "secret_key"}
    assert {given.partition("=")[0].lower() for given in WRONG} == set(Settings.model_fields) - free


def test_everything_that_is_wrong_is_said_at_once(fresh: Concordat, monkeypatch: pytest.MonkeyPatch) -> None:
    said = wrong(
        fresh, monkeypatch, "SMTP_PORT=smtp", "MAIL_FROM=nobody", "SMPT_HOST=mail.council.example", "SMTP_PASSWORD=hush"
    )
    assert [line.split()[0] for line in said] == [
        "CONCORDAT_SMTP_PORT", "CONCORDAT_MAIL_FROM", "CONCORDAT_SMPT_HOST", "CONCORDAT_SMTP_USERNAME",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("CONCORDAT_SMPT_HOST", "did you mean CONCORDAT_SMTP_HOST?"),
        ("CONCORDAT_DATABASEURL", "did you mean CONCORDAT_DATABASE_URL?"),
        ("CONCORDAT_DATABASE", "did you mean CONCORDAT_DATABASE_URL?"),
        ("concordat_mail_form", "did you mean CONCORDAT_MAIL_FROM?"),
        ("CONCORDAT_QQQQ", "docs/guide-operating.md lists those there are."),
    ],
)
def test_a_name_that_nothing_reads_is_refused(
    fresh: Concordat, monkeypatch: pytest.MonkeyPatch, name: str, meant: str
) -> None:
    monkeypatch.setenv(name, "anything")
    settings.cache_clear()
    assert fresh("status").refusal == f"{name} is no setting: {meant}"


def test_what_is_told_to_processes_and_tests_is_no_setting(fresh: Concordat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCORDAT_UP", "the guardian's mark")
    monkeypatch.setenv("CONCORDAT_TEST_POSTGRES_URL", "postgresql://host/postgres")
    monkeypatch.setenv("CONCORDAT_EXAMPLES", "40")
    settings.cache_clear()
    assert fresh("status").code == 0


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("SMTP_USERNAME=isp", "CONCORDAT_SMTP_PASSWORD is not set: CONCORDAT_SMTP_USERNAME needs it."),
        ("OIDC_CLIENT_ID=isp", "CONCORDAT_OIDC_ISSUER is not set: CONCORDAT_OIDC_CLIENT_ID needs it."),
    ],
)
def test_what_is_of_no_use_alone_is_refused(
    fresh: Concordat, monkeypatch: pytest.MonkeyPatch, given: str, sentence: str
) -> None:
    assert sentence in wrong(fresh, monkeypatch, given)


def test_a_secret_is_not_shown(fresh: Concordat, monkeypatch: pytest.MonkeyPatch) -> None:
    [sentence] = wrong(fresh, monkeypatch, "SECRET_KEY=hunter2")
    assert sentence == "CONCORDAT_SECRET_KEY is 7 characters long: give at least 32 characters, drawn at random."


@pytest.mark.parametrize("module", ["web", "cli.working"])
def test_every_process_refuses_them_before_it_begins(module: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    environment = whole_environment(data, CONCORDAT_SMTP_PORT="smtp", PREFECT_API_URL="http://127.0.0.1:1/api")
    command = [sys.executable, "-m", module]
    done = subprocess.run(command, env=environment, cwd=HERE, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "CONCORDAT_SMTP_PORT is “smtp”: give a whole number.\n"
    assert not data.exists()


def test_up_starts_nothing_with_a_wrong_setting(tmp_path: Path) -> None:
    done = in_a_process("up", data=tmp_path / "data", CONCORDAT_WEB_PORT="0", CONCORDAT_SMTP_PROT="25")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "CONCORDAT_WEB_PORT is “0”: give 1 or more.",
        "CONCORDAT_SMTP_PROT is no setting: did you mean CONCORDAT_SMTP_PORT?",
    ]
    assert not (tmp_path / "data").exists()


def test_the_guide_lists_every_setting() -> None:
    guide = (HERE / "docs" / "guide-operating.md").read_text()
    listed = guide.replace("`…_", "`CONCORDAT_OIDC_")
    missing = {name for name in Settings.model_fields if f"`CONCORDAT_{name.upper()}`" not in listed}
    assert missing == {"web_demonstration"}, "`up` sets that one by itself"
