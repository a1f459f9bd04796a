"""After the commit: let the flow of a new case begin now. The sweep finds it anyway; this only saves minutes.

Prefect's API is asked plainly: its client takes seconds to import, and somebody is waiting.
"""

import json
import os
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from settings import settings

BREACH_FOLLOW_UP = "breach-follow-up/breach-follow-up"
ANNUAL_REVIEW = "annual-review/annual-review"
COMPLAINT_ANALYSIS = "complaint-analysis/complaint-analysis"
PATIENCE_SECONDS = 3

NOT_WOKEN = "Nothing runs here that could begin at once: the next sweep does, within minutes of `concordat up`."


def wake_breach(breach_id: int) -> str | None:
    """None when the follow-up has been started; otherwise a sentence, and nothing is lost."""
    return _wake(BREACH_FOLLOW_UP, {"breach_id": breach_id})


def wake_complaint(complaint_id: int) -> str | None:
    """None when the analysis has been started; otherwise a sentence, and nothing is lost."""
    return _wake(COMPLAINT_ANALYSIS, {"complaint_id": complaint_id})


def wake_review(review_id: int) -> str | None:
    """None when the review's flow has been started; otherwise a sentence, and nothing is lost."""
    return _wake(ANNUAL_REVIEW, {"review_id": review_id})


def start(deployment: str, **parameters: int) -> str | None:
    """Run one of the deployments now. The flow run's id; None where nothing runs here that could."""
    return _started(f"{deployment}/{deployment}", parameters)


def _wake(name: str, parameters: dict[str, int]) -> str | None:
    return None if _started(name, parameters) is not None else NOT_WOKEN


def _started(name: str, parameters: dict[str, int]) -> str | None:
    address = prefect_api()
    if address is None:
        return None
    try:
        deployment = ask(f"{address}/deployments/name/{name}")
        run = ask(f"{address}/deployments/{deployment['id']}/create_flow_run", {"parameters": parameters})
        return str(run["id"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def prefect_api() -> str | None:
    """The server of `concordat up` on this data folder, else the one that the environment names."""
    try:
        state = json.loads((Path(settings().data) / "up.json").read_text(encoding="utf-8"))
        return f"{state['prefect']}/api"
    except (OSError, ValueError, KeyError, TypeError):
        return os.environ.get("PREFECT_API_URL")


def ask(address: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = Request(address, data, {"Content-Type": "application/json"})  # noqa: S310 - our own server's address
    opener = build_opener(ProxyHandler({})) if address.startswith("http://127.") else build_opener()
    with opener.open(request, timeout=PATIENCE_SECONDS) as answer:
        return json.load(answer)
