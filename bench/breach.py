"""From a report kept to the first coordinator's message at the SMTP server, through a real `concordat up`.

Of that, what is ours: from the first line of our flow. The rest is Prefect: its worker asks every two seconds,
and starts a process that imports it. The slow tests take the same way, and hold it to 15 seconds.
"""

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

from bench import NotHere
from settings import HERE
from web.waking import NOT_WOKEN

CONCORDAT = [sys.executable, "-m", "cli"]
START_SECONDS = 240
REPORTS = 5
PATIENCE_SECONDS = 120
FACTS = ["--what", "A referral went to the wrong address.", "--party", "luton-borough-council", "--anonymous"]


class Way(NamedTuple):
    """Seconds: from the report kept to the message accepted, and of them from the first line of our flow."""

    total: float
    ours: float


def run(repeats: int = 5) -> list[dict[str, Any]]:
    """Medians in seconds: the whole way, Prefect's own part of it, and ours (flow's first line to accepted)."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "data") as environment:
        ways = [way(environment, number) for number in range(repeats)]
    total, ours = (statistics.median(values) for values in zip(*ways, strict=True))
    return [
        {"bench": "breach", "what": "report kept → coordinator's message accepted", "seconds": total, "ratio": 1.0},
        {"bench": "breach", "what": "of it ours: flow begins → accepted", "seconds": ours, "ratio": ours / total},
    ]


@contextmanager
def running(data: Path) -> Iterator[dict[str, str]]:
    """`concordat up` on that folder, of this checkout; answers the environment in which its commands are given."""
    environment = {n: v for n, v in os.environ.items() if not n.startswith(("CONCORDAT_", "PREFECT_"))}
    environment |= {
        "CONCORDAT_DATA": str(data), "CONCORDAT_PREFECT_PORT": str(_free_port()), "PYTHONPATH": str(HERE),
    }  # fmt: skip
    with tempfile.TemporaryFile("w+") as screen:
        up = subprocess.Popen([*CONCORDAT, "up"], env=environment, stdout=screen, stderr=screen)
        try:
            _wait(lambda: (data / "up.json").exists(), START_SECONDS, "concordat up")
            yield environment
        finally:
            up.send_signal(signal.SIGINT)
            up.wait(60)


def way(environment: dict[str, str], number: int) -> Way:
    """One more report, and how long it took to reach the party's first coordinator.

    Another report is made where Prefect's server did not answer in time to be woken, as the next sweep would tell the
    coordinator only within five minutes, and where a sweep had told before the flow that was woken began.
    """
    for again in range(REPORTS):
        taken = _taken(environment, f"bench-{number}-{again}")
        if taken is not None:
            return taken
    raise NotHere(f"of {REPORTS} reports none was told by the flow that it woke")


def _taken(environment: dict[str, str], key: str) -> Way | None:
    data = Path(environment["CONCORDAT_DATA"])
    known = set((data / "mail").glob("*.eml"))
    report = _said(environment, "breach", "report", *FACTS, "--key", key)
    if NOT_WOKEN in report["happens"]:
        print(f"report {key}: nobody was woken", file=sys.stderr)
        return None
    breach = int(report["breach"])
    accepted = _wait(lambda: _arrived(data, known, breach), PATIENCE_SECONDS, "the coordinator's message")
    kept = datetime.fromisoformat(_said(environment, "history", f"breach:{breach}")[0]["at"]).timestamp()
    began = _wait(lambda: _flow_began(data, breach), PATIENCE_SECONDS, "Prefect's run of the follow-up")
    return Way(accepted - kept, accepted - began) if began <= accepted else None


def _said(environment: dict[str, str], *command: str) -> Any:
    done = subprocess.run(
        [*CONCORDAT, *command, "--json"], env=environment, capture_output=True, text=True, check=True
    )  # fmt: skip
    return json.loads(done.stdout)


def _arrived(data: Path, known: set[Path], breach: int) -> float | None:
    for file in set((data / "mail").glob("*.eml")) - known:
        message = message_from_bytes(file.read_bytes())
        if f"[breach:{breach}]" in str(message["Subject"]).replace("\n", "") and "luton" in str(message["To"]):
            return file.stat().st_mtime
    return None


def _flow_began(data: Path, breach: int) -> float | None:
    address = json.loads((data / "up.json").read_text())["prefect"]
    wanted = {"flow_runs": {"name": {"any_": [f"breach-follow-up-{breach}"]}}}
    request = Request(
        f"{address}/api/flow_runs/filter", json.dumps(wanted).encode(), {"Content-Type": "application/json"}
    )
    with urlopen(request, timeout=10) as answer:
        runs = json.load(answer)
    if not runs or not runs[0]["start_time"]:
        return None
    return datetime.fromisoformat(runs[0]["start_time"]).astimezone(UTC).timestamp()


def _wait(seen: Any, seconds: float, what: str) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := seen()):
        if time.monotonic() > deadline:
            raise NotHere(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.05)
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
