"""The pages under load: a million obligations, ten thousand parties, a sweep and a deliverer running beside them.

When the times begin to count, 10,000 reminders fall due: the sweep takes up these, and what the reports ask for;
meanwhile a deliverer sends what is queued into `smtp-sink`. Both need the one writer that reports need, and the cores.

One `python -m web` process on SQLite, asked over loopback. Requests are sent at their time whether or not earlier ones
have been answered (open loop), so that a stall is seen in every answer that waited for it. The peer is the smallest
thing that could keep a report: the same server, one route, one row, one commit.
"""

import asyncio
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from bench._smtp_sink import smtp_sink
from bench._web_store import done_so_far, fall_due, filled, store_in
from settings import HERE

REPORTS_A_SECOND, SECONDS, WARMING = 50, 20, 5
PAGES_A_SECOND = 2
PEER = """
import sqlite3, sys
from fastapi import FastAPI, Request
import uvicorn
app = FastAPI()
store = sqlite3.connect(sys.argv[2], check_same_thread=False)
store.execute("PRAGMA journal_mode=WAL"); store.execute("PRAGMA synchronous=FULL")
store.execute("CREATE TABLE report (words TEXT)")
@app.post("/report")
async def report(request: Request):
    words = (await request.form())["what"]
    store.execute("INSERT INTO report VALUES (?)", (words,)); store.commit()
    return {"kept": True}
uvicorn.run(app, port=int(sys.argv[1]), log_level="error")
"""


def run(repeats: int = 3) -> list[dict[str, Any]]:
    """Milliseconds: median and p99 of a server that has been asked for some seconds; `ratio` of a report to the
    peer's. `reminders` and `delivered` are how many were queued and accepted beside it, a run."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        cookie = filled(store_in(data))
        with _served([sys.executable, "-m", "web"], data) as address:
            alone = [_console_alone(address, cookie) for _ in range(repeats)]
            with smtp_sink() as port, _beside(data, "sweep"), _beside(data, "deliver", str(port)):
                both = [_while_due(data, turn, address, cookie) for turn in range(repeats)]
            size = len(httpx.get(f"{address}/console", cookies=cookie).content)
        with _served([sys.executable, "-c", PEER], data, str(data / "peer.db")) as peer:
            plain = [asyncio.run(_reports(peer, "/report")) for _ in range(repeats)]
    pages, reports, queued, accepted = zip(*both, strict=True)
    beside = {"reminders": statistics.median(queued), "delivered": statistics.median(accepted)}
    return [
        _row("console's first page, asked one after another", alone, size_kb=size / 1024),
        _row("console's first page, 2/s beside reports, a sweep and a deliverer", pages, **beside),
        _row("a report sent, 50/s beside a sweep and a deliverer", reports, against=plain, **beside),
        _row("peer: one row, one commit, 50/s", plain),
    ]


def _row(
    what: str, runs: Sequence[list[float]], against: list[list[float]] | None = None, **more: float
) -> dict[str, Any]:
    """Of the runs, the one in the middle by its p99."""
    middle = sorted(runs, key=_p99)[len(runs) // 2]
    seconds = statistics.median(middle)
    ratio = seconds / statistics.median(sorted(against, key=_p99)[len(against) // 2]) if against else 1.0
    return {"bench": "web", "what": what, "seconds": seconds, "p99_ms": _p99(middle) * 1000, "ratio": ratio, **more}


def _p99(times: list[float]) -> float:
    return sorted(times)[max(0, round(len(times) * 0.99) - 1)]


def _console_alone(address: str, cookie: dict[str, str]) -> list[float]:
    with httpx.Client(base_url=address, cookies=cookie) as client:
        times = [_timed(lambda: client.get("/console").raise_for_status()) for _ in range(105)]
        return times[5:]


def _timed(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _while_due(
    data: Path, turn: int, address: str, cookie: dict[str, str]
) -> tuple[list[float], list[float], int, int]:
    """What came due is for the sweep to take up just when the times begin to count."""
    store, warming = store_in(data), timedelta(seconds=WARMING)
    at = datetime.now(UTC) + 2 * warming  # to choose them among a million takes a moment
    fall_due(store, turn, at)
    time.sleep(max(0.0, (at - warming - datetime.now(UTC)).total_seconds()))
    before = done_so_far(store)
    pages, reports = asyncio.run(_together(address, cookie))
    queued, accepted = (after - had for had, after in zip(before, done_so_far(store), strict=True))
    return pages, reports, queued, accepted


async def _together(address: str, cookie: dict[str, str]) -> tuple[list[float], list[float]]:
    pages, reports = await asyncio.gather(_consoles(address, cookie), _reports(address, "/report/check"))
    return pages, reports


async def _consoles(address: str, cookie: dict[str, str]) -> list[float]:
    cookies = "; ".join(f"{name}={value}" for name, value in cookie.items())
    return await _open_loop(address, PAGES_A_SECOND, lambda _: _request("GET", "/console", {"cookie": cookies}))


async def _reports(address: str, path: str) -> list[float]:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return await _open_loop(
        address, REPORTS_A_SECOND,
        lambda number: _request("POST", path, kind | _from(number), urlencode(_answers()).encode()),
    )  # fmt: skip


def _request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", f"content-length: {len(body)}"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode() + body


class Connections:
    """Kept open and taken in turn. A client of the usual kind costs the machine half of what an answer does."""

    def __init__(self, address: str) -> None:
        self._host, self._port = urlsplit(address).hostname, urlsplit(address).port
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, request: bytes) -> int:
        """The status, once the whole answer is there."""
        connection = self._free.pop() if self._free else await asyncio.open_connection(self._host, self._port)
        reader, writer = connection
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))
        self._free.append(connection)
        return int(head.split()[1])


async def _open_loop(address: str, a_second: int, request: Callable[[int], bytes]) -> list[float]:
    began, times, connections = time.perf_counter(), list[float](), Connections(address)

    async def one(number: int) -> None:
        due = began + number / a_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        if (status := await connections.ask(request(number))) != 200:
            raise RuntimeError(f"answered {status}")
        if number >= a_second * WARMING:
            times.append(time.perf_counter() - due)

    await asyncio.gather(*(one(number) for number in range(a_second * (WARMING + SECONDS))))
    return times


def _answers() -> dict[str, str]:
    return {
        "what": "A letter about a housing case went to the wrong address.",
        "key": f"bench-{random.random():.16f}",
    }


def _from(number: int) -> dict[str, str]:
    """Each from a desk of its own: what is limited is a flood from one."""
    return {
        "sec-fetch-site": "same-origin",
        "x-forwarded-for": f"10.{number % 200}.{number // 200 % 200}.{number % 250}",
    }


@contextmanager
def _served(command: list[str], data: Path, *more: str) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    where = [str(port), *more] if more else ["--port", str(port)]
    with (
        (data / "web.log").open("ab") as log,
        subprocess.Popen([*command, *where], env=_environment(data), cwd=HERE, stdout=log, stderr=log) as process,
    ):
        try:
            _answers_at(f"http://127.0.0.1:{port}/")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)


def _answers_at(address: str) -> None:
    for _ in range(300):
        try:
            httpx.get(address)
            return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise RuntimeError(f"nothing answers at {address}")


@contextmanager
def _beside(data: Path, what: str, *more: str) -> Iterator[None]:
    """Once it has gone round for the first time: to start takes some seconds."""
    said = data / f"{what}.log"
    with (
        said.open("ab") as log,
        subprocess.Popen(
            [sys.executable, "-m", "bench._beside", what, *more],
            env=_environment(data),
            cwd=HERE,
            stdout=log,
            stderr=log,
        ) as process,
    ):
        try:
            while not said.stat().st_size and process.poll() is None:
                time.sleep(0.1)
            yield
            assert process.poll() is None, said.read_text()
        finally:
            process.kill()


def _environment(data: Path) -> dict[str, str]:
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("CONCORDAT_", "PREFECT_"))}
    return kept | {"CONCORDAT_DATA": str(data), "CONCORDAT_WEB_BEHIND_PROXY": "true", "PYTHONPATH": str(HERE)}
