"""The worker of `concordat up`, once it has seen to what an earlier one left.

`python -m cli.working`, where nobody else works for the server that `PREFECT_API_URL` names: there, a run that
is still marked as running when a worker starts is dead.
"""

import asyncio
import os
import sys
from typing import TYPE_CHECKING

from rules.errors import Refused
from settings import settings

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

POOL = "concordat"
WORKER = "concordat"
RUNS_AT_ONCE = 5  # each is a process of 100 MB


async def bury_the_dead(client: "PrefectClient") -> int:
    """A killed run stays "Running" for ever and keeps its place, so every later sweep would be cancelled."""
    from prefect.client.schemas.filters import FlowRunFilter
    from prefect.states import Crashed

    unfinished = FlowRunFilter.model_validate({"state": {"type": {"any_": ["PENDING", "RUNNING", "CANCELLING"]}}})
    runs = await client.read_flow_runs(flow_run_filter=unfinished)
    for run in runs:
        message = "Its worker has died; the next run goes on from the database."
        await client.set_flow_run_state(run.id, Crashed(message=message), force=True)
    return len(runs)


async def _bury() -> None:
    from prefect.client.orchestration import get_client

    async with get_client() as client:
        buried = await bury_the_dead(client)
    if buried:
        print(f"{buried} runs that an earlier worker left are marked as crashed.", flush=True)


def main() -> None:
    try:
        settings()  # a worker whose every run would fail at it is not started
    except Refused as refusal:
        sys.exit(str(refusal))
    asyncio.run(_bury())
    worker = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process"]
    limits = ["--name", WORKER, "--limit", str(RUNS_AT_ONCE)]
    os.execv(sys.executable, [*worker, *limits])  # noqa: S606 - the supervisor's child becomes the worker


if __name__ == "__main__":
    main()
