"""How a unit of the clock's work is tried again: every task is safe to repeat, so it may be."""

from typing import Any

from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from rules.errors import Refused

RETRIES = 3
DELAYS_SECONDS = [1.0, 10.0, 60.0]  # a locked database is free again in seconds, a restarted one in a minute


async def unless_refused(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """A rule that says no says no again; a database that was away comes back."""
    return not isinstance(await state.aresult(raise_on_failure=False), Refused)
