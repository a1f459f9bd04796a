"""Breaches from report to close, by a procedure of six steps, beside DBOS.

Ours is the whole work (`_case`): one commit an act, as people do it; and a hundred breaches an act and commit, as the
clock could. DBOS is given a workflow of six steps that each write one row, which is far less, by its step and by the
transaction of its datasource; and the same acts, each a step of its workflow, which is the same work.
"""

import json
import os
import statistics
import subprocess
import sys
from typing import Any

from bench import NotHere
from bench._case import STEPS
from bench._peers_python import run_by_peers
from bench._stores import DATABASES, store_on
from settings import HERE

CASES = int(os.environ.get("CONCORDAT_BENCH_CASES", "200"))  # fewer than a hundred, or whole hundreds
BATCH = min(100, CASES)
PEERS = {
    "rows": f"{STEPS} steps of one row",
    "once": f"{STEPS} steps of one row, by its datasource",
    "acts": "the same acts, each a step",
}


def run(repeats: int = 3) -> list[dict[str, Any]]:
    """`per_second` counts the procedure's six steps of each case; `of_rows`, `of_once` and `of_acts` are ratios to
    DBOS, with the one work and with the others, on the same database."""
    rows: list[dict[str, Any]] = []
    for database in DATABASES:
        try:
            rows += _on(database, repeats)
        except NotHere as missing:
            rows.append({"bench": "cases", "what": f"not measured on {database}: {missing}"})
    return rows


def _on(database: str, repeats: int) -> list[dict[str, Any]]:
    one, many = ([_ours(database, at_once) for _ in range(repeats)] for at_once in (1, BATCH))
    peers = {work: _peer(database, work, repeats) for work in PEERS}
    return [
        _row(f"{database}: ours, a commit an act", one, peers),
        _row(f"{database}: ours, {BATCH} breaches a commit", many, peers),
        *(_row(f"{database}: DBOS, {what}", peers[work], peers) for work, what in PEERS.items()),
    ]


def _row(what: str, measured: list[dict[str, float]] | str, peers: dict[str, Any]) -> dict[str, Any]:
    if isinstance(measured, str):
        return {"bench": "cases", "what": f"{what}: not measured: {measured}"}
    seconds = _seconds(measured)
    ratios = {f"of_{work}": _seconds(peer) / seconds for work, peer in peers.items() if not isinstance(peer, str)}
    memory: dict[str, float] = {
        key: max(each[key] for each in measured) for key in ("half_mb", "peak_mb") if key in measured[0]
    }
    per_second = CASES * STEPS / seconds
    return {"bench": "cases", "what": what, "seconds": seconds, "per_second": per_second, **ratios, **memory}


def _seconds(measured: list[dict[str, float]]) -> float:
    return statistics.median(each["seconds"] for each in measured)


def _ours(database: str, at_once: int) -> dict[str, float]:
    with store_on(database) as store:
        url = store.url.render_as_string(hide_password=False)
        store.dispose()
        about = os.environ | {"PYTHONPATH": str(HERE), "CONCORDAT_DATABASE_URL": url}
        command = [sys.executable, "-m", "bench._cases_once", str(CASES), str(at_once)]
        done = subprocess.run(command, cwd=HERE, env=about, stdout=subprocess.PIPE, check=True)
    said: dict[str, float] = json.loads(done.stdout)
    if said["closed"] != CASES:
        raise RuntimeError(f"{said['closed']} of {CASES} breaches were closed")
    return said


def _peer(database: str, work: str, repeats: int) -> list[dict[str, float]] | str:
    """Or why it was not measured."""
    measured = []
    for _ in range(repeats):
        with store_on(database) as store:
            url = store.url.render_as_string(hide_password=False)
            store.dispose()
            try:
                [seconds] = run_by_peers("DBOS", "_dbos_cases.py", url, str(CASES), work)
            except NotHere as missing:
                return str(missing)
        measured.append({"seconds": seconds})
    return measured
