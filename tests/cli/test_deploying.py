"""What a Prefect server holds after deploying, against a real one."""

import asyncio
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.schedules import SCHEDULE_TYPES, CronSchedule
from prefect.states import Late, Pending, Running
from sqlmodel import func, select

from actions.cast import protocol_named
from actions.loading import load_protocol
from actions.review_scheduling import set_review_date
from actions.verifying import verify
from actions.verifying_quiet import left_over
from cli.deploying import wanted_schedules
from cli.machine import Machine, this_machine
from cli.working import bury_the_dead
from models.outbox import Message
from models.protocol_file import read_protocol
from models.store import engine, reading, transaction
from models.upgrading import upgrade
from settings import HERE, Settings
from tests.migrated_prefect import put_into

pytestmark = pytest.mark.slow
PATIENCE_SECONDS = 120

Deploy = Callable[..., None]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, migrated_prefect: Path) -> Iterator[Machine]:
    """The Prefect server of a `concordat up`, without its worker: nothing that is planned runs."""
    data = tmp_path_factory.mktemp("deploying")
    (data / "logs").mkdir()
    put_into(data / "prefect", migrated_prefect)
    machine = this_machine(Settings(), data)
    server = machine.server()
    server.start()
    deadline = time.monotonic() + 120
    while not machine.is_healthy():
        assert time.monotonic() < deadline, server.log.read_text()
        time.sleep(0.2)
    yield machine
    server.ask_to_stop()
    server.end()


@pytest.fixture(scope="module")
def deploy(machine: Machine) -> Deploy:
    def deploy(*arguments: str) -> None:
        command = [sys.executable, "-m", "cli.deploying", *arguments]
        subprocess.run(command, env=machine.environment(), check=True, capture_output=True, timeout=180)

    deploy()
    return deploy


@pytest.fixture
def client(machine: Machine, deploy: Deploy) -> PrefectClient:
    return PrefectClient(f"{machine.address}/api")


async def schedules(client: PrefectClient) -> dict[str, set[str]]:
    return {d.name: {str(s.slug) for s in d.schedules} for d in await client.read_deployments()}


async def deployment_named(client: PrefectClient, name: str) -> Any:
    return next(d for d in await client.read_deployments() if d.name == name)


async def state_of(client: PrefectClient, run: Any) -> Any:
    return (await client.read_flow_run(run.id)).state


async def test_every_schedule_of_the_file_is_there_and_no_other(client: PrefectClient) -> None:
    async with client:
        assert await schedules(client) == wanted_schedules()


async def test_every_process_has_its_deployment_and_those_of_one_case_take_its_number(client: PrefectClient) -> None:
    of_a_case = {"annual-review": "review_id", "breach-follow-up": "breach_id", "complaint-analysis": "complaint_id"}
    async with client:
        found = {each.name: each for each in await client.read_deployments()}
    assert set(found) == {"sweep", "delivery", "nightly", "complaint-paper", *of_a_case}
    for name, number in of_a_case.items():
        asked = found[name].parameter_openapi_schema or {}
        assert (found[name].enforce_parameter_schema, asked["required"]) == (True, [number])


async def test_deploying_twice_plans_nothing_twice(client: PrefectClient, deploy: Deploy) -> None:
    deploy()
    async with client:
        runs = await client.read_flow_runs()
    planned = [(run.deployment_id, run.expected_start_time) for run in runs]
    assert len(planned) == len(set(planned)) > 3


async def test_a_schedule_that_left_the_file_leaves_the_server(client: PrefectClient, deploy: Deploy) -> None:
    async with client:
        for name in ("sweep", "annual-review"):
            of_old: SCHEDULE_TYPES = CronSchedule(cron="0 9 * * *", timezone="Europe/London")
            await client.create_deployment_schedules((await deployment_named(client, name)).id, [(of_old, True)])
        assert await schedules(client) != wanted_schedules()
        deploy()
        assert await schedules(client) == wanted_schedules()


async def test_a_run_whose_process_died_gives_its_place_back(client: PrefectClient) -> None:
    async with client:
        sweep = await deployment_named(client, "sweep")
        dead, refused, following = [await client.create_flow_run_from_deployment(sweep.id) for _ in range(3)]
        await client.set_flow_run_state(dead.id, Pending())
        await client.set_flow_run_state(dead.id, Running())
        await client.set_flow_run_state(refused.id, Pending())
        assert (await state_of(client, refused)).is_cancelled()
        assert await bury_the_dead(client, "a worker that has run nothing") == 0
        assert await bury_the_dead(client) == 1
        assert (await state_of(client, dead)).is_crashed()
        await client.set_flow_run_state(following.id, Pending())
        assert (await state_of(client, following)).is_pending()
        assert await bury_the_dead(client) == 1


async def test_deploying_touches_no_run_that_is_going_on(client: PrefectClient, deploy: Deploy) -> None:
    async with client:
        running = await client.create_flow_run_from_deployment((await deployment_named(client, "nightly")).id)
        await client.set_flow_run_state(running.id, Pending())
        await client.set_flow_run_state(running.id, Running())
        deploy("--wake")
        assert (await state_of(client, running)).is_running()


def a_review_that_has_been_due_for_days(machine: Machine) -> sa.Engine:
    """Feedback is asked for a month before; nobody has swept since."""
    store = engine(f"sqlite:///{machine.data / 'concordat.db'}")
    upgrade(store)
    loaded = datetime.now(UTC) - timedelta(days=60)
    with transaction(store) as session:
        load_protocol(session, loaded, read_protocol(HERE / "protocols" / "bedfordshire"), "secretary")
        soon = (loaded + timedelta(days=80)).date()
        set_review_date(session, loaded, protocol_named(session, "bedfordshire"), soon, "secretary")
    return store


async def begun(client: PrefectClient, deployment: Any) -> list[Any]:
    runs = await client.read_flow_runs()
    return [run for run in runs if run.deployment_id == deployment.id and run.state and not run.state.is_scheduled()]


async def have_ended(client: PrefectClient, runs: list[Any]) -> list[str]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        states = [await state_of(client, run) for run in runs]
        if all(state.is_final() for state in states):
            return [state.name for state in states]
        assert time.monotonic() < deadline, states
        await asyncio.sleep(0.2)


async def test_deployed_while_runs_are_late_they_work_for_the_present_and_once(
    client: PrefectClient, machine: Machine, deploy: Deploy
) -> None:
    """Prefect was gone for a week; before its worker is back, somebody deploys. Late are three sweeps and a review that
    somebody has woken."""
    store = a_review_that_has_been_due_for_days(machine)
    a_week_ago = Late(scheduled_time=datetime.now(UTC) - timedelta(days=7))
    async with client:
        for left in await client.read_flow_runs():
            await client.delete_flow_run(left.id)
        sweep, review = [await deployment_named(client, name) for name in ("sweep", "annual-review")]
        late = [await client.create_flow_run_from_deployment(sweep.id, state=a_week_ago) for _ in range(3)]
        late.append(
            await client.create_flow_run_from_deployment(review.id, parameters={"review_id": 1}, state=a_week_ago)
        )
        deploy()
        assert {(await state_of(client, run)).name for run in late} == {"Late"}
        worker = machine.worker()
        worker.start()
        try:
            ended = await have_ended(client, late)
            swept = await have_ended(client, await begun(client, sweep))
        finally:
            worker.ask_to_stop()
            worker.end()
    assert set(ended) <= {"Completed", "Cancelled"}
    assert ended[-1] == "Completed"
    assert "Completed" in swept  # a late one, or the first that was planned: they run one at a time
    now = datetime.now(UTC)
    with reading(store) as session:
        asked = session.exec(select(Message.address, func.count()).where(Message.kind == "feedback_invited")
                             .group_by(Message.address)).all()  # fmt: skip
        assert len(asked) == 17
        assert Counter(times for _, times in asked) == {1: 17}
        assert verify(session, now).broken == []
        assert list(left_over(session, now)) == []
    store.dispose()
