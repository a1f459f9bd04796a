"""One line of JSON for every request: what was asked for, how it ended, how long it took; and the same as numbers.

The line names the route, not the address: addresses hold links. It holds no cookie, no token and nobody's address.
"""

import json
import logging
import time
from collections.abc import Mapping
from typing import Any

from prometheus_client import Counter, Histogram

from web.guarding import App, Receive, Scope, Send

log = logging.getLogger("concordat.access")

REQUESTS = Counter("concordat_web_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "concordat_web_seconds", "How long an answer took.", ["area"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
NOTHING = "(no such page)"


class AccessLog:
    """ASGI middleware."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def noted(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            _note(scope, status, time.perf_counter() - began)


def _note(scope: Scope, status: int, seconds: float) -> None:
    route = scope.get("declared") or getattr(scope.get("route"), "path", NOTHING)
    method = scope["method"] if scope["method"] in METHODS else "other"  # anybody may send any word
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(str(route).strip("/").partition("/")[0] or "public").observe(seconds)
    line = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
    log.info(json.dumps(line | _numbers(scope.get("path_params") or {})))


def _numbers(place: Mapping[str, Any]) -> dict[str, int]:
    """Which review, which breach: numbers only."""
    return {name: value for name, value in place.items() if isinstance(value, int)}
