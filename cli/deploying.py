"""Bring a Prefect server to what `prefect.yaml` says, and no more than that.

`python -m cli.deploying`, against the server that `PREFECT_API_URL` names; with `--wake`, as `concordat up` runs
it, the work is this machine's, and the clock's flows then run at once.
"""

import argparse
import asyncio
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from cli.opening import the_clock
from cli.working import POOL
from settings import HERE

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.responses import DeploymentResponse

PLANNING_SECONDS = 60
WOKEN_AT_START = ("sweep", "delivery")


async def make_work_pool(client: "PrefectClient", *, here: bool = True) -> None:
    """With `here`, flow runs start with this very interpreter; otherwise each worker takes its own.

    Said outright, it also saves the process that Prefect starts only to find out: 2.4 s instead of 4.2 s from
    waking a deployment to its running (2 cores).
    """
    from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
    from prefect.exceptions import ObjectAlreadyExists
    from prefect.utilities.processutils import command_to_string
    from prefect.workers.process import ProcessWorker

    template = ProcessWorker.get_default_base_job_template()
    command = command_to_string([sys.executable, "-m", "prefect.engine"])
    template["variables"]["properties"]["command"]["default"] = command if here else None
    try:
        await client.create_work_pool(WorkPoolCreate(name=POOL, type="process", base_job_template=template))
    except ObjectAlreadyExists:
        await client.update_work_pool(POOL, WorkPoolUpdate(base_job_template=template))


def deploy() -> None:
    """Prefect's own command, from the folder of `prefect.yaml`: the file means what its documentation says."""
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    done = subprocess.run(command, cwd=HERE, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{done.stdout}{done.stderr}\nPrefect could not deploy {HERE / 'prefect.yaml'}.")


def wanted_schedules() -> dict[str, set[str]]:
    """The slugs in `prefect.yaml`, by deployment."""
    from ruamel.yaml import YAML

    file: dict[str, Any] = YAML(typ="safe", pure=True).load(HERE / "prefect.yaml")
    return {
        deployment["name"]: {schedule["slug"] for schedule in deployment.get("schedules", [])}
        for deployment in file["deployments"]
    }


async def remove_other_schedules(client: "PrefectClient", wanted: dict[str, set[str]]) -> list[str]:
    """What is no longer in the file would go on running: deploying adds and changes, it never removes."""
    removed = []
    for deployment in await _deployments(client):
        for schedule in deployment.schedules:
            if schedule.slug not in wanted.get(deployment.name, set()):
                await client.delete_deployment_schedule(deployment.id, schedule.id)
                removed.append(f"{deployment.name}/{schedule.slug or schedule.id}")
    return removed


async def _deployments(client: "PrefectClient") -> "list[DeploymentResponse]":
    from prefect.client.schemas.filters import WorkPoolFilter

    ours = WorkPoolFilter.model_validate({"name": {"any_": [POOL]}})
    return await client.read_deployments(work_pool_filter=ours)


async def wait_until_planned(client: "PrefectClient", wanted: dict[str, set[str]]) -> None:
    """Prefect's scheduler has failed silently before: deployed is not yet going to run."""
    from prefect.client.schemas.filters import DeploymentFilter, FlowRunFilter

    ahead = FlowRunFilter.model_validate({"expected_start_time": {"after_": the_clock()}})
    deadline = time.monotonic() + PLANNING_SECONDS
    for deployment in await _deployments(client):
        this = DeploymentFilter.model_validate({"id": {"any_": [deployment.id]}})
        while wanted.get(deployment.name) and not await client.read_flow_runs(
            deployment_filter=this, flow_run_filter=ahead, limit=1
        ):
            if time.monotonic() > deadline:
                raise SystemExit(f"Prefect plans no runs of {deployment.name}: its scheduler does not work.")
            await asyncio.sleep(0.5)


async def wake(client: "PrefectClient") -> None:
    """Catch up at once instead of at the next full minute: a run on an idle database costs nothing."""
    for deployment in await _deployments(client):
        if deployment.name in WOKEN_AT_START:
            await client.create_flow_run_from_deployment(deployment.id, tags=["start"])


async def bring_up_to_date(and_wake: bool) -> None:
    from prefect.client.orchestration import get_client

    wanted = wanted_schedules()
    async with get_client() as client:
        await make_work_pool(client, here=and_wake)
        await asyncio.to_thread(deploy)
        print(f"Schedules removed: {await remove_other_schedules(client, wanted)}")
        await wait_until_planned(client, wanted)
        if and_wake:
            await wake(client)


def main() -> None:
    parser = argparse.ArgumentParser(description="Bring a Prefect server to what prefect.yaml says.")
    parser.add_argument("--wake", action="store_true", help="As `concordat up`: work is done here, and begins at once.")
    asyncio.run(bring_up_to_date(parser.parse_args().wake))


if __name__ == "__main__":
    main()
