"""One machine's share of `concordat up`: which processes, on which ports, with what in their environment."""

import json
import os
import secrets
import socket
import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from cli.guardian import MARK_VARIABLE
from cli.processes import Child
from cli.working import POOL, WORKER
from settings import Settings

WORKER_POLLS_SECONDS = 2  # a woken deployment waits at most this long for the worker to see it
RUNS_KEPT_SECONDS = 7 * 24 * 60 * 60  # as long as Prefect keeps its events; nothing of ours asks for older runs

QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    "PREFECT_CLI_COLORS": "false",
    "PREFECT_CLI_PROMPT": "false",
}


@dataclass(frozen=True)
class Machine:
    data: Path
    prefect_port: int
    catcher_port: int | None  # None: a mail server is configured
    web_port: int
    token: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def mark(self) -> str:
        """The folder, then what tells this start from an earlier one that was killed."""
        return f"{mark_of(self.data)}{self.token}"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.prefect_port}"

    @property
    def mail(self) -> Path:
        return self.data / "mail"

    def server(self) -> Child:
        arguments = ["-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(self.prefect_port)]
        return self._child("Prefect server", arguments, "server", patience_seconds=4)

    def worker(self) -> Child:
        return self._child("worker", ["-m", "cli.working"], "worker", patience_seconds=4)

    def catcher(self) -> Child:
        arguments = ["-m", "cli.mailcatcher", "--port", str(self.catcher_port), "--folder", str(self.mail)]
        return self._child("mail catcher", arguments, "mail", patience_seconds=2)

    def delivering(self) -> Child:
        """One delivery without Prefect: when the clock is silent, nobody else sends the alarm."""
        return self._child("delivery", ["-m", "cli", "deliver"], "delivering", patience_seconds=120)

    def web(self) -> Child:
        return self._child("web", ["-m", "web", "--port", str(self.web_port)], "web", patience_seconds=6)

    def deploying(self) -> Child:
        return self._child(
            "deployment of prefect.yaml", ["-m", "cli.deploying", "--wake"], "deploying", patience_seconds=0
        )

    def _child(self, name: str, arguments: list[str], log: str, patience_seconds: float) -> Child:
        path = self.data / "logs" / f"{log}.log"
        return Child(name, [sys.executable, *arguments], self.environment(), path, patience_seconds)

    def environment(self) -> dict[str, str]:
        """Concordat's own Prefect and no other: a server that the operator's profile names gets nothing of ours."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_API_")}
        own = {
            MARK_VARIABLE: self.mark,
            "CONCORDAT_DATA": str(self.data),  # flow runs start in folders of their own
            "CONCORDAT_WEB_PORT": str(self.web_port),  # links in messages lead there
            "PYTHONUTF8": "1",
            "NO_PROXY": ",".join([*filter(None, [os.environ.get("NO_PROXY")]), "127.0.0.1"]),
        }
        return inherited | own | QUIET | self._prefect() | self._mail()

    def _prefect(self) -> dict[str, str]:
        home = self.data / "prefect"
        return {
            "PREFECT_HOME": str(home),
            "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
            "PREFECT_API_URL": f"{self.address}/api",
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / 'prefect.db'}",
            # the default is in memory: a server that died forgets who holds a deployment's one place
            "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
            # the default removes events only: 1,700 runs a day would stay for ever
            "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
            "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(RUNS_KEPT_SECONDS),
            "PREFECT_WORKER_QUERY_SECONDS": str(WORKER_POLLS_SECONDS),
        }

    def _mail(self) -> dict[str, str]:
        if self.catcher_port is None:
            return {}
        return {
            "CONCORDAT_SMTP_HOST": "127.0.0.1", "CONCORDAT_SMTP_PORT": str(self.catcher_port),
            "CONCORDAT_WEB_DEMONSTRATION": "true",
        }  # fmt: skip

    @property
    def pages(self) -> str:
        """Where the pages are on this machine, whatever their address is to others."""
        return f"http://127.0.0.1:{self.web_port}"

    def pages_answer(self) -> bool:
        request = Request(f"{self.pages}/sign-in")  # noqa: S310 - our own server's address
        try:
            with build_opener(ProxyHandler({})).open(request, timeout=2):
                return True
        except OSError:
            return False

    def is_healthy(self) -> bool:
        return self._ask("/health") is True

    def worker_is_online(self, since: datetime) -> bool:
        """An earlier worker of the same name counts as online for a minute and a half after its death."""
        workers = self._ask(f"/work_pools/{POOL}/workers/filter", body={}) or []
        beats = [worker["last_heartbeat_time"] for worker in workers if worker["name"] == WORKER]
        return any(datetime.fromisoformat(beat) >= since for beat in beats if beat)

    def _ask(self, path: str, body: Any = None) -> Any:
        """None while nobody answers: asking again is all there is to do."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.address}/api{path}", data, {"Content-Type": "application/json"})  # noqa: S310
        try:
            with build_opener(ProxyHandler({})).open(request, timeout=2) as answer:
                return json.load(answer)
        except OSError:
            return None


def mark_of(data: Path) -> str:
    """What every process of any `concordat up` on this folder carries."""
    return f"{data}|"


def this_machine(settings: Settings, data: Path) -> Machine:
    catcher_port = _free_port(0) if settings.smtp_host is None else None
    return Machine(data, _free_port(settings.prefect_port), catcher_port, _free_port(settings.web_port))


def _free_port(wanted: int) -> int:
    """The one that is wanted, or any other when it is taken. Loopback only, as everything here."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise OSError("No port is free on 127.0.0.1.")
