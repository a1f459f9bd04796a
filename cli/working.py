"""A worker, once it has seen to what an earlier one left.

`python -m cli.working`, as `concordat up` starts it, where nobody else works for the server that `PREFECT_API_URL`
names: there, a run that is still marked as running when a worker starts is dead. `python -m cli.working --name NAME`
is one of several: dead is what a worker of that name has left without its process.
"""

import argparse
import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rules.errors import Refused
from settings import settings

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.objects import FlowRun

POOL = "concordat"
WORKER = "concordat"
RUNS_AT_ONCE = 5  # each is a process of 100 MB


async def bury_the_dead(client: "PrefectClient", worker: str | None = None) -> int:
    """A killed run stays "Running" for ever and keeps its place, so every later sweep would be cancelled: for the five
    minutes that Prefect's own lease lasts. With `worker`, only those that a worker of that name has left."""
    from prefect.client.schemas.filters import FlowRunFilter
    from prefect.states import Crashed

    unfinished = FlowRunFilter.model_validate({"state": {"type": {"any_": ["PENDING", "RUNNING", "CANCELLING"]}}})
    runs = await client.read_flow_runs(flow_run_filter=unfinished)
    dead = [run for run in runs if worker is None or _was_left_by(worker, run)]
    for run in dead:
        message = "Its worker has died; the next run goes on from the database."
        await client.set_flow_run_state(run.id, Crashed(message=message), force=True)
    return len(dead)


def _was_left_by(worker: str, run: "FlowRun") -> bool:
    """A run outlives its worker where only that was killed: then it is let be."""
    return run.labels.get("prefect.worker.name") == worker and not _runs_here(run.infrastructure_pid or "")


def _runs_here(pid: str) -> bool:
    command = Path("/proc") / (pid or "none") / "cmdline"
    return command.exists() and b"prefect" in command.read_bytes()


async def _bury(worker: str | None) -> None:
    from prefect.client.orchestration import get_client

    async with get_client() as client:
        buried = await bury_the_dead(client, worker)
    if buried:
        print(f"{buried} runs that an earlier worker left are marked as crashed.", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Work for the Prefect server that PREFECT_API_URL names.")
    parser.add_argument("--name", help="Where there are several workers: this one's own name, always the same.")
    name = parser.parse_args().name
    try:
        settings()  # a worker whose every run would fail at it is not started
    except Refused as refusal:
        sys.exit(str(refusal))
    asyncio.run(_bury(name))
    worker = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process"]
    limits = ["--name", name or WORKER, "--limit", str(RUNS_AT_ONCE)]
    os.execv(sys.executable, [*worker, *limits])  # noqa: S606 - the supervisor's child becomes the worker


if __name__ == "__main__":
    main()
