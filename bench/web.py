"""The pages under load: a million obligations, ten thousand parties, a sweep running beside them.

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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import sqlalchemy as sa
from sqlmodel import Session, select

from actions.access.sessions import begin_session
from actions.access.users import make_secretaries_users
from actions.loading import load_protocol
from models.obligation import Obligation, ObligationKind
from models.protocol import Contact, Party, Protocol, Role
from models.protocol_file import read_protocol
from models.store import engine, transaction
from models.upgrading import upgrade
from rules.instants import LONDON, end_of_day, local_day
from rules.working_days import Nation
from settings import HERE

OBLIGATIONS, PARTIES = 1_000_000, 10_000
REPORTS_A_SECOND, SECONDS, WARMING = 50, 20, 5
PAGES_A_SECOND = 2
CHUNK = 20_000
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
SWEEPS = """
import time
from datetime import UTC, datetime
from cli.clockwork import run_clock
from models.store import engine, giving_way
while True:
    with giving_way():
        swept = run_clock(engine(), datetime.now(UTC))
    print(swept.steps, "steps", flush=True)
    time.sleep(1)
"""


def run(repeats: int = 3) -> list[dict[str, Any]]:
    """Milliseconds: median and p99 of a server that has been asked for some seconds; `ratio` of a report to the
    peer's."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        cookie = _filled(data)
        with _served([sys.executable, "-m", "web"], data) as address:
            alone = [_console_alone(address, cookie) for _ in range(repeats)]
            with _sweeping(data):
                both = [asyncio.run(_together(address, cookie)) for _ in range(repeats)]
            size = len(httpx.get(f"{address}/console", cookies=cookie).content)
        with _served([sys.executable, "-c", PEER], data, str(data / "peer.db")) as peer:
            plain = [asyncio.run(_reports(peer, "/report")) for _ in range(repeats)]
    return [
        _row("console's first page, asked one after another", alone, size_kb=size / 1024),
        _row("console's first page, 2/s beside the reports and a sweep", [pages for pages, _ in both]),
        _row("a report sent, 50/s beside a sweep", [reports for _, reports in both], against=plain),
        _row("peer: one row, one commit, 50/s", plain),
    ]


def _row(what: str, runs: list[list[float]], against: list[list[float]] | None = None, **more: float) -> dict[str, Any]:
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
def _sweeping(data: Path) -> Iterator[None]:
    """One sweep after another with a second between, without Prefect: what the reports ask for is begun meanwhile."""
    with (
        (data / "sweep.log").open("ab") as log,
        subprocess.Popen(
            [sys.executable, "-c", SWEEPS],
            env=_environment(data),
            cwd=HERE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def _environment(data: Path) -> dict[str, str]:
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("CONCORDAT_", "PREFECT_"))}
    return kept | {"CONCORDAT_DATA": str(data), "CONCORDAT_WEB_BEHIND_PROXY": "true", "PYTHONPATH": str(HERE)}


def _filled(data: Path) -> dict[str, str]:
    """The cookie of a secretary who is signed in."""
    store = engine(f"sqlite:///{(data / 'concordat.db').resolve()}")
    upgrade(store)
    now = datetime.now(UTC)
    with transaction(store) as session:
        load_protocol(session, now, read_protocol(HERE / "protocols" / "bedfordshire"), "bench")
        protocol = session.exec(select(Protocol)).one()
        leads = _parties(session, protocol)
        [user] = make_secretaries_users(session, now)
        secret = begin_session(session, now, user=user)
    for first in range(0, OBLIGATIONS, CHUNK):
        with store.begin() as connection:
            connection.execute(
                sa.insert(Obligation), [_owed(n, protocol, leads, now) for n in range(first, first + CHUNK)]
            )
    store.dispose()
    return {"concordat-console": secret}


def _parties(session: Session, protocol: Protocol) -> list[tuple[int, int]]:
    session.execute(sa.insert(Party), [
        {"protocol_id": protocol.id, "slug": f"body-{n}", "name": f"Body {n}", "aliases": [], "kind": "council",
         "nation": Nation.ENGLAND_AND_WALES} for n in range(PARTIES)
    ])  # fmt: skip
    numbers = [n for n in session.exec(select(Party.id).where(Party.kind == "council", Party.slug.like("body-%"))) if n]  # type: ignore[attr-defined]
    session.execute(sa.insert(Contact), [
        {"protocol_id": protocol.id, "party_id": n, "role": Role.LEAD_MEMBER, "address": f"lead@body-{n}.example"}
        for n in numbers
    ])  # fmt: skip
    leads = select(Contact.party_id, Contact.id).where(Contact.role == Role.LEAD_MEMBER)
    return [(party, contact) for party, contact in session.exec(leads) if party and contact]


def _owed(number: int, protocol: Protocol, leads: list[tuple[int, int]], now: datetime) -> dict[str, Any]:
    """Spread over four years around now, one in fifty still to be reminded."""
    party, contact = leads[number % len(leads)]
    due_on = local_day(now, LONDON) + timedelta(days=number % 1400 - 30)
    case = f"review:{100_000 + number // len(leads)}"
    return {
        "key": f"{case}:feedback:{number}", "protocol_id": protocol.id, "case": case, "kind": ObligationKind.FEEDBACK,
        "party_id": party, "contact_id": contact, "nation": Nation.ENGLAND_AND_WALES, "zone": "Europe/London",
        "ladder": "feedback", "opened_at": now, "due_on": due_on, "due_at": end_of_day(due_on, LONDON),
        "next_at": now + timedelta(days=300 + number % 300),
    }  # fmt: skip
