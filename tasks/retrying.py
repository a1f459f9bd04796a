"""How a unit of the clock's work is tried again: every task is safe to repeat, so it may be."""

from typing import Any

from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task
from sqlalchemy.exc import DBAPIError

RETRIES = 3
DELAYS_SECONDS = [1.0, 10.0, 60.0]  # a locked database is free again in seconds, a restarted one in a minute


async def if_it_may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """A database that was away comes back. A rule that says no says no again, and a mistake stays one."""
    return isinstance(await state.aresult(raise_on_failure=False), DBAPIError | OSError)
