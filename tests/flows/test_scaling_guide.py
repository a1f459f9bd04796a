"""The guide to several machines, command by command: PostgreSQL, a Prefect server, two workers, the pages.

Then one worker is killed with the messages in its hands, and the machine it ran on comes back. Through all of it go
the details of one person; afterwards they are in no log, and not in Prefect's database.
"""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import pytest
import sqlalchemy as sa

from models.store import engine
from settings import HERE
from tests.conftest import psycopg_url
from tests.flows.test_a_year_for_real import free_port, wait_for
from tests.notifications.smtp_server import PostOffice, serving
from tests.postgres import drop_database, postgres_server

pytestmark = pytest.mark.slow

GUIDE = (HERE / "docs" / "guide-scaling.md").read_text()
BLOCKS = re.compile(r"^<!-- (run|stays|file): (\S+) -->\n```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
INVITED = 17
PERSON, ADDRESS, WORDS = "Zebedee Marker", "zebedee.marker@police.example", "His letter lay open on platform nine."
OPEN = ["concordat", "review", "open", "bedfordshire", "--extraordinary", "--because", f"{PERSON} asks for it."]
REPORT = [
    "concordat", "breach", "report", "--what", WORDS, "--party", "luton-borough-council",
    "--reporter", PERSON, "--reach", "zebedee@home.example",
]  # fmt: skip
CONTACT = ["concordat", "contact", "set", "bedfordshire-police", "lead-member", ADDRESS]


@dataclass
class Machines:
    """All of them on this one: the guide's blocks, with our addresses for the council's."""

    folder: Path
    ours: dict[str, str]
    blocks: dict[str, str] = field(default_factory=lambda: {name: block for _, name, block in BLOCKS.findall(GUIDE)})
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def block(self, name: str, **other: str) -> str:
        text = self.blocks[name]
        for theirs, ours in (self.ours | other).items():
            text = text.replace(theirs, ours)
        return text

    def environment(self) -> dict[str, str]:
        mine = {n: v for n, v in os.environ.items() if not n.startswith(("CONCORDAT_", "PREFECT_"))}
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        home = {"HOME": str(self.folder), "PREFECT_HOME": str(self.folder / "prefect"), "NO_PROXY": "127.0.0.1"}
        quick = {"PREFECT_WORKER_QUERY_SECONDS": "2", "CONCORDAT_DATA": str(self.folder / "data")}
        return mine | home | quick | {"PATH": path, "PYTHONPATH": str(HERE), "PYTHONUTF8": "1"}

    def run(self, name: str) -> str:
        command = ["bash", "-ec", self.block(name)]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment(), capture_output=True, text=True, timeout=180
        )
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
        return done.stdout

    def act(self, name: str, command: list[str]) -> None:
        """What people do, and no part of the guide."""
        self.blocks[name] = f". ./concordat.env\n{shlex.join(command)}\n"
        self.run(name)

    def start(self, name: str, block: str, **other: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                ["bash", "-ec", self.block(block, **other)],
                cwd=self.folder, env=self.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def kill(self, name: str) -> None:
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes.pop(name).wait()

    def prefect(self, path: str, body: Any = None) -> Any:
        """None while nobody answers."""
        data = None if body is None else json.dumps(body).encode()
        url = f"http://{self.ours['prefect.council.example:4200']}/api{path}"
        try:
            with urlopen(Request(url, data, {"Content-Type": "application/json"}), timeout=10) as answer:
                return json.load(answer)
        except OSError:
            return None

    def running(self, deployment: str) -> list[Any]:
        return self.prefect(
            "/flow_runs/filter",
            {"flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}}, "deployments": {"name": {"any_": [deployment]}}},
        ) or []  # fmt: skip


@pytest.fixture
def office() -> PostOffice:
    return PostOffice()


@pytest.fixture
def machines(tmp_path: Path, office: PostOffice) -> Iterator[Machines]:
    server = postgres_server()
    if server is None:
        pytest.skip("PostgreSQL is not installed here")
    address = server.removeprefix("postgresql://").removesuffix("/postgres")
    stores = {"isp_prefect": f"guide_prefect_{os.getpid()}", "/isp\n": f"/guide_isp_{os.getpid()}\n"}
    with serving(office) as smtp:
        made = Machines(
            tmp_path,
            stores | {
                "DATABASE isp\"": f"DATABASE guide_isp_{os.getpid()}\"",
                "postgres:secret@db.council.example:5432": address,
                "smtp.council.example": "127.0.0.1", "SMTP_PORT=25": f"SMTP_PORT={smtp}",
                "prefect.council.example:4200": f"127.0.0.1:{(prefect := free_port())}",
                "--host 0.0.0.0 --port 4200": f"--host 127.0.0.1 --port {prefect}",
                "8400": str(free_port()), "load protocols": f"load {HERE}/protocols",
            },
        )  # fmt: skip
        (tmp_path / "concordat.env").write_text(made.block("concordat.env"))
        yield made
        for name in [*made.processes]:
            made.kill(name)
        for run in (made.ours,):
            for name in (run["isp_prefect"], run["/isp\n"].strip("/\n")):
                drop_database(server, name)


@pytest.fixture
def store(machines: Machines) -> Iterator[sa.Engine]:
    url = re.search(r"DATABASE_URL=(\S+)", (machines.folder / "concordat.env").read_text())
    assert url is not None
    made = engine(psycopg_url(url[1]))
    yield made
    made.dispose()


def test_every_block_of_the_guide_has_its_place() -> None:
    """A command that nobody runs would not be known to work."""
    assert GUIDE.count("```sh") == len(BLOCKS.findall(GUIDE)) == 9


def states(store: sa.Engine) -> Counter[str]:
    with store.connect() as connection:
        return Counter(connection.exec_driver_sql("SELECT state FROM message").scalars())


def test_the_guide_works_and_a_killed_worker_costs_only_time(
    machines: Machines, store: sa.Engine, office: PostOffice
) -> None:
    machines.run("databases")
    machines.run("store")
    machines.start("server", "server")
    machines.start("web", "web")
    wait_for("Prefect", lambda: machines.prefect("/health") is True)
    machines.run("deploy")
    for name in ("work-1", "work-2"):
        machines.start(name, "worker", **{"work-1": name})
    wait_for("both workers", lambda: all("started!" in machines.log(name) for name in ("work-1", "work-2")))

    stopped = Event()
    office.answers["CONTENT"] = lambda _, __: "stall" if stalls(office, stopped) else None
    office.answers["RCPT"] = lambda to, _: f"550 5.1.1 {to}: {PERSON} is unknown here" if ADDRESS in to else None
    machines.act("contact", CONTACT)
    machines.act("open", OPEN)
    machines.run("wake")
    wait_for("a delivery in the middle of its work", lambda: stopped.is_set() and held_by(machines))
    run = machines.running("delivery")[0]
    dead = run["labels"]["prefect.worker.name"]
    machines.kill(dead)
    os.kill(int(run["infrastructure_pid"]), signal.SIGKILL)
    del office.answers["CONTENT"]
    assert states(store)["sending"] > 0
    swept = beat(store)

    machines.start(dead, "worker", **{"work-1": dead})
    wait_for("the dead run is seen", lambda: "left are marked as crashed" in machines.log(dead))
    ten_minutes_pass(store)
    machines.run("wake")
    wait_for("the rest of the mail", lambda: on_its_way(store) == 0)
    wait_for("another sweep", lambda: beat(store) != swept)
    copies = Counter(office.ids)
    listed = set(asked(store, "SELECT message_id FROM message WHERE in_doubt_at IS NOT NULL"))
    assert set(copies) == set(asked(store, "SELECT message_id FROM message WHERE state = 'accepted'"))
    assert len(copies) >= INVITED
    assert {number for number, count in copies.items() if count > 1} <= listed
    assert states(store).keys() == {"accepted", "failed"}
    assert asked(store, "SELECT address FROM message WHERE state = 'failed'")[0] == ADDRESS
    machines.act("report", REPORT)  # its flow is woken by it, and sends what it has to say
    wait_for("what a breach brings", lambda: len(office.ids) > len(copies) and on_its_way(store) == 0)
    said = machines.run("look")
    assert "none is broken" in said
    assert '"worker"' in said
    everything_fails(machines, store)
    assert not [name for name, process in machines.processes.items() if process.poll() is not None]
    nothing_personal_is_written_down(machines)


def everything_fails(machines: Machines, store: sa.Engine) -> None:
    """Two tables are away for a while: flows end with tracebacks, pages with failures, and somebody tries doors."""
    with store.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE obligation RENAME TO obligation_away")
        connection.exec_driver_sql("ALTER TABLE contact RENAME TO contact_away")
    machines.run("wake")
    web = f"http://127.0.0.1:{machines.ours['8400']}"
    for path in ("/", f"/link/{PERSON}", f"/report?name={PERSON}", "/console", "/health", "/metrics"):
        ask(web + quote(path, safe="/?="), None)
    for path in ("/sign-in", "/report/what", "/report/another-code", "/api/breaches", f"/link/{ADDRESS}"):
        ask(web + quote(path), urlencode({"address": ADDRESS, "what": WORDS, "name": PERSON, "code": WORDS}).encode())
    failed = {"flow_runs": {"state": {"type": {"any_": ["FAILED", "CRASHED"]}, "name": {"any_": ["Failed"]}}}}
    wait_for("a flow that has failed", lambda: machines.prefect("/flow_runs/filter", failed))
    with store.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE obligation_away RENAME TO obligation")
        connection.exec_driver_sql("ALTER TABLE contact_away RENAME TO contact")


def ask(url: str, data: bytes | None) -> None:
    with suppress(OSError), urlopen(Request(url, data), timeout=20) as answer:
        answer.read()


def nothing_personal_is_written_down(machines: Machines) -> None:
    """Nobody's name, address or words: in the logs of all processes, and in all that Prefect keeps."""
    url = re.search(r"CONNECTION_URL=postgresql\+asyncpg(\S+)", machines.block("server"))
    assert url is not None
    dump = subprocess.run(["pg_dump", f"postgresql{url[1]}"], capture_output=True, text=True, check=True).stdout
    written = {file.name: file.read_text() for file in machines.folder.glob("*.log")} | {"Prefect's database": dump}
    assert {"server.log", "web.log", "work-1.log", "work-2.log"} < written.keys()
    marks = ("zebedee", "marker", "platform nine", "lay open", ".example>", "@bedford", "@luton")
    found = [(mark, name) for mark in marks for name, text in written.items() if mark in text.lower()]
    assert found == []
    assert "breach-follow-up-1" in dump, "a case is named by its number"
    assert "UndefinedTable" in dump, "the failures have been written down"
    assert "UndefinedTable" in written["web.log"]


def on_its_way(store: sa.Engine) -> int:
    return sum(count for state, count in states(store).items() if state in ("queued", "claimed", "sending"))


def stalls(office: PostOffice, stopped: Event) -> bool:
    """The server takes five messages, and then does not answer any more."""
    if len(office.taken) >= 5:
        stopped.set()
    return stopped.is_set()


def held_by(machines: Machines) -> bool:
    return any(run["infrastructure_pid"] for run in machines.running("delivery"))


def ten_minutes_pass(store: sa.Engine) -> None:
    """For the lease of the messages that the dead worker was sending."""
    with store.begin() as connection:
        connection.exec_driver_sql("UPDATE message SET lease_until = lease_until - interval '10 minutes'")


def asked(store: sa.Engine, question: str) -> list[Any]:
    with store.connect() as connection:
        return list(connection.exec_driver_sql(question).scalars())


def beat(store: sa.Engine) -> Any:
    with store.connect() as connection:
        return connection.exec_driver_sql("SELECT ended_at FROM heartbeat WHERE name = 'sweep'").scalar()
