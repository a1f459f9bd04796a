"""What Prefect says of our deployments: whether a worker is there, what ran, what runs. Asked plainly, over HTTP."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from web.waking import ask, prefect_api

POOL = "concordat"
ONLINE_FOR = timedelta(seconds=90)
IN_WORDS = {
    "SCHEDULED": "waits for its time", "PENDING": "about to begin", "RUNNING": "running", "COMPLETED": "done",
    "FAILED": "failed", "CRASHED": "ended by a crash; the next run goes on",
    "CANCELLED": "left out, another was running",
    "CANCELLING": "being left out", "PAUSED": "paused",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Run:
    """`state` is Prefect's own word, `said` ours; `page` is Prefect's page of the run."""

    id: str
    deployment: str
    name: str
    state: str
    said: str
    expected_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    page: str


def worker_is_online() -> bool | None:
    """None where no Prefect server is known."""
    api = prefect_api()
    if api is None:
        return None
    try:
        workers = ask(f"{api}/work_pools/{POOL}/workers/filter", {})
    except (OSError, ValueError):
        return False
    beats = [datetime.fromisoformat(each["last_heartbeat_time"]) for each in workers if each["last_heartbeat_time"]]
    return any(datetime.now(UTC) - beat < ONLINE_FOR for beat in beats)


def latest_runs(limit: int = 20) -> list[Run] | None:
    """Those that have begun or are about to, the newest first. None while Prefect cannot be asked."""
    begun = {"flow_runs": {"state": {"type": {"not_any_": ["SCHEDULED"]}}}}
    return _runs({**begun, "sort": "START_TIME_DESC", "limit": limit})


def run_of(number: str) -> Run | None:
    """None for one that Prefect does not know, or while it cannot be asked."""
    found = _runs({"flow_runs": {"id": {"any_": [number]}}, "limit": 1})
    return found[0] if found else None


def _runs(asked: dict[str, Any]) -> list[Run] | None:
    api = prefect_api()
    if api is None:
        return None
    try:
        names = {each["id"]: each["name"] for each in ask(f"{api}/deployments/filter", {"limit": 50})}
        found = ask(f"{api}/flow_runs/filter", asked)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return [_run(api, each, names) for each in found if each.get("deployment_id") in names]


def _run(api: str, found: dict[str, Any], names: dict[str, str]) -> Run:
    state = found.get("state_type") or "PENDING"
    return Run(
        id=found["id"], deployment=names[found["deployment_id"]], name=found["name"], state=state,
        said=IN_WORDS.get(state, state.lower()), expected_at=_instant(found.get("expected_start_time")),
        started_at=_instant(found.get("start_time")), ended_at=_instant(found.get("end_time")),
        page=f"{api.removesuffix('/api')}/runs/flow-run/{found['id']}",
    )  # fmt: skip


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
