"""Where Concordat's data lives and how it reaches the world. Read from the environment, once, and refused whole."""

import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from rules.errors import Refused

HERE = Path(__file__).resolve().parent
PREFIX = "CONCORDAT_"
SHORTEST_SECRET = 32  # characters
HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")

# Said to the processes of `concordat up`, to tests and benchmarks: no settings of Concordat's.
OTHER_NAMES = re.compile(PREFIX + r"(UP|TEST_\w+|BENCH_\w+|KILL\w+|SEED|YEARS|EXAMPLES|SCREENSHOTS)")

# The second and third are made into the first; another driver would be missed only at first use.
POSTGRES = ("postgresql+psycopg://", "postgresql://", "postgres://")

# Each is of no use without the others.
TOGETHER = (("oidc_issuer", "oidc_client_id", "oidc_client_secret"), ("smtp_username", "smtp_password"))
NEVER_SHOWN = ("secret_key", "smtp_password", "oidc_client_secret")
EXPECTED = {
    "bool_parsing": "give true or false",
    "int_parsing": "give a whole number",
    "int_from_float": "give a whole number",
    "float_parsing": "give a number",
    "finite_number": "give a number",
    "greater_than": "give more than {gt:g}",
    "greater_than_equal": "give {ge:g} or more",
    "less_than_equal": "give {le:g} or less",
}


class WrongSettings(Refused):
    """One sentence for each: the name, what was found, what was expected. Nothing has been started."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))


def _port_is_a_number(parts: SplitResult) -> bool:
    try:
        return parts.port is None or parts.port > 0
    except ValueError:
        return False


class Settings(BaseSettings):
    """Every setting is an environment variable `CONCORDAT_…`; the defaults run one machine without any."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    data: Path = Field(default=Path("concordat-data"), description="Folder of the databases, backups and caught mail.")
    database_url: str | None = Field(
        default=None, description="Another database than the SQLite file in the data folder."
    )

    smtp_host: str | None = Field(default=None, description="Mail server; without one, `up` starts a local catcher.")
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_starttls: bool = False
    smtp_username: str | None = None
    smtp_password: str | None = None
    smtp_connections: int = Field(default=4, ge=1, le=50)
    smtp_timeout_seconds: float = Field(default=60, gt=0, le=3600, allow_inf_nan=False)
    smtp_messages_per_minute: int = Field(default=0, ge=0, description="0: no limit.")
    mail_from: str = Field(default="concordat@demonstration.example", description="Address messages are sent from.")
    mail_bounces: str | None = Field(default=None, description="Envelope sender; delivery reports return to it.")

    prefect_port: int = Field(default=4200, ge=1, le=65535)

    web_port: int = Field(default=8400, ge=1, le=65535, description="Where the pages listen, on loopback.")
    web_url: str | None = Field(
        default=None, description="How people reach the pages, as links in e-mails begin: https://isp.council.gov.uk."
    )
    web_demonstration: bool = Field(
        default=False, description="Set by `up` with its own mail catcher: caught mail can be read, with its links."
    )
    web_behind_proxy: bool = Field(
        default=False, description="Take the caller's address from the proxy's X-Forwarded-For."
    )
    secret_key: SecretStr | None = Field(
        default=None, description="What links and codes in e-mails are made with; otherwise a file in the data folder."
    )

    oidc_issuer: str | None = Field(default=None, description="OpenID Connect: who signs console users in.")
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None

    @field_validator("mail_from", "mail_bounces")
    @classmethod
    def _can_be_written_to(cls, address: str | None) -> str | None:
        if address is None:
            return None
        if re.fullmatch(r"[^@\s]+@[^@\s]+|[^<>@]*<[^@\s<>]+@[^@\s<>]+>", address) is None:
            raise ValueError("give an address such as isp@council.gov.uk")
        # Each Message-ID ends with its domain, and every server on the way has to read it.
        if not parseaddr(address)[1].isascii():
            raise ValueError("give an address in ASCII such as isp@council.gov.uk; only a name before it may differ")
        return address

    @field_validator("smtp_host")
    @classmethod
    def _is_a_host(cls, host: str | None) -> str | None:
        if host is None or HOST.fullmatch(host):
            return host
        raise ValueError("give a name or an address such as smtp.council.gov.uk; its port is CONCORDAT_SMTP_PORT")

    @field_validator("database_url")
    @classmethod
    def _means_one_place(cls, url: str | None) -> str | None:
        """A relative path would be another file for every process that starts in another folder."""
        if url is None or url.startswith("sqlite:////"):
            return url
        if url.startswith(POSTGRES) and _port_is_a_number(urlsplit(url)):
            return url
        raise ValueError("give postgresql://user:password@host/name, or sqlite:/// with an absolute path")

    @field_validator("web_port")
    @classmethod
    def _is_not_prefects(cls, port: int, given: ValidationInfo) -> int:
        if port == given.data.get("prefect_port"):
            raise ValueError(f"give another port than {_name('prefect_port')}")
        return port

    @field_validator("web_url", "oidc_issuer")
    @classmethod
    def _begins_a_link(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and _port_is_a_number(parts) and not parts.query:
            return url.rstrip("/")
        raise ValueError("give an address such as https://isp.council.gov.uk")

    @field_validator("secret_key")
    @classmethod
    def _cannot_be_guessed(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is None or len(secret.get_secret_value()) >= SHORTEST_SECRET:
            return secret
        raise ValueError(f"give at least {SHORTEST_SECRET} characters, drawn at random")

    @property
    def pages_url(self) -> str:
        """How every link to a page begins, without a slash at its end."""
        return self.web_url or f"http://127.0.0.1:{self.web_port}"

    @property
    def store_url(self) -> str:
        """SQLAlchemy URL of the store; PostgreSQL always through psycopg 3."""
        if self.database_url is None:
            return f"sqlite:///{(self.data / 'concordat.db').resolve()}"
        url = self.database_url
        for beginning in POSTGRES:
            if url.startswith(beginning):
                return POSTGRES[0] + url.removeprefix(beginning)
        return url


@cache
def settings() -> Settings:
    """Raises WrongSettings with everything that is wrong, at once."""
    faults = [*_unknown(os.environ), *_left_alone(os.environ)]
    try:
        read = Settings()
    except ValidationError as error:
        raise WrongSettings([*map(_fault, error.errors()), *faults]) from None
    if faults:
        raise WrongSettings(faults)
    return read


def _fault(found: Mapping[str, Any]) -> str:
    field = str(found["loc"][0])
    expected = EXPECTED.get(found["type"], str(found["msg"]).removeprefix("Value error, "))
    value = str(found["input"])
    what = f"{len(value)} characters long" if field in NEVER_SHOWN else f"“{_without_password(value)}”"
    return f"{_name(field)} is {what}: {expected.format(**found.get('ctx', {}))}."


def _unknown(environment: Mapping[str, str]) -> Iterator[str]:
    """A name that nothing reads is a setting that somebody believes in."""
    known = [field.upper() for field in Settings.model_fields]
    for name in sorted(environment):
        rest = name.upper().removeprefix(PREFIX)
        if name.upper().startswith(PREFIX) and rest not in known and not OTHER_NAMES.fullmatch(name):
            near = get_close_matches(rest, known, n=1)
            meant = f"did you mean {_name(near[0])}?" if near else "docs/guide-operating.md lists those there are."
            yield f"{name} is no setting: {meant}"


def _left_alone(environment: Mapping[str, str]) -> Iterator[str]:
    given = {name.upper() for name in environment}
    for group in TOGETHER:
        there = [name for name in map(_name, group) if name in given]
        for missing in map(_name, group):
            if there and missing not in given:
                yield f"{missing} is not set: {there[0]} needs it."


def _name(field: str) -> str:
    return f"{PREFIX}{field}".upper()


def _without_password(value: str) -> str:
    return re.sub(r"(://[^:/@]*:)[^@]*@", r"\1…@", value)
