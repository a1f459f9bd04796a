"""From a report kept to the first coordinator's message at the SMTP server, through a real `concordat up`.

Of that, what is ours: from the first line of our flow. The rest is Prefect: its worker asks every two seconds,
and starts a process that imports it.
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
from typing import Any
from urllib.request import Request, urlopen

from bench import NotHere

CONCORDAT = [sys.executable, "-m", "cli"]
START_SECONDS = 240
PATIENCE_SECONDS = 120
FACTS = ["--what", "A referral went to the wrong address.", "--party", "luton-borough-council", "--anonymous"]


def run(repeats: int = 5) -> list[dict[str, Any]]:
    """Medians in seconds: the whole way, Prefect's own part of it, and ours (flow's first line to accepted)."""
    with tempfile.TemporaryDirectory() as folder, _up(Path(folder) / "data") as (data, environment):
        ways = [_one(data, environment, number) for number in range(repeats)]
    total, ours = (statistics.median(values) for values in zip(*ways, strict=True))
    return [
        {"bench": "breach", "what": "report kept → coordinator's message accepted", "seconds": total, "ratio": 1.0},
        {"bench": "breach", "what": "of it ours: flow begins → accepted", "seconds": ours, "ratio": ours / total},
    ]


@contextmanager
def _up(data: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    environment = {n: v for n, v in os.environ.items() if not n.startswith(("CONCORDAT_", "PREFECT_"))}
    environment |= {"CONCORDAT_DATA": str(data), "CONCORDAT_PREFECT_PORT": str(_free_port())}
    with tempfile.TemporaryFile("w+") as screen:
        up = subprocess.Popen([*CONCORDAT, "up"], env=environment, stdout=screen, stderr=screen)
        try:
            _wait(lambda: (data / "up.json").exists(), START_SECONDS, "concordat up")
            yield data, environment
        finally:
            up.send_signal(signal.SIGINT)
            up.wait(60)


def _one(data: Path, environment: dict[str, str], number: int) -> tuple[float, float]:
    known = set((data / "mail").glob("*.eml"))
    done = subprocess.run(
        [*CONCORDAT, "breach", "report", *FACTS, "--key", f"bench-{number}", "--json"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    breach = json.loads(done.stdout)["breach"]
    accepted = _wait(lambda: _arrived(data, known, breach), PATIENCE_SECONDS, "the coordinator's message")
    began = _flow_began(data, breach)
    return accepted - _kept_at(environment, breach), accepted - began


def _arrived(data: Path, known: set[Path], breach: int) -> float | None:
    for file in set((data / "mail").glob("*.eml")) - known:
        message = message_from_bytes(file.read_bytes())
        if f"[breach:{breach}]" in str(message["Subject"]).replace("\n", "") and "luton" in str(message["To"]):
            return file.stat().st_mtime
    return None


def _kept_at(environment: dict[str, str], breach: int) -> float:
    done = subprocess.run(
        [*CONCORDAT, "history", f"breach:{breach}", "--json"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return datetime.fromisoformat(json.loads(done.stdout)[0]["at"]).timestamp()


def _flow_began(data: Path, breach: int) -> float:
    address = json.loads((data / "up.json").read_text())["prefect"]
    wanted = {"flow_runs": {"name": {"any_": [f"breach-follow-up-{breach}"]}}}
    request = Request(
        f"{address}/api/flow_runs/filter", json.dumps(wanted).encode(), {"Content-Type": "application/json"}
    )
    with urlopen(request, timeout=10) as answer:
        runs = json.load(answer)
    if not runs or not runs[0]["start_time"]:
        raise NotHere("Prefect knows no run of the follow-up")
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
