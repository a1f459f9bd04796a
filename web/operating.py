"""For whoever runs it: `/health` for a watcher outside, `/metrics` for Prometheus on the same machine."""

from dataclasses import asdict

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from web.health import health
from web.metrics import metrics

LOOPBACK = ("127.0.0.1", "::1", "testclient")
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def add_operating_routes(app: FastAPI) -> None:
    app.router.add_route("/health", _health, methods=["GET"], include_in_schema=False)
    app.router.add_route("/metrics", _metrics, methods=["GET"], include_in_schema=False)


async def _health(request: Request) -> Response:
    """200 when everything is well, else 503; nothing in it is anybody's secret."""
    request.scope["declared"] = "/health"
    state = request.app.state
    parts = await run_in_threadpool(health, state.engine, state.clock())
    well = all(part.ok for part in parts.values())
    said = {"ok": well} | {name: asdict(part) for name, part in parts.items()}
    return JSONResponse(said, 200 if well else 503)


async def _metrics(request: Request) -> Response:
    """To this machine alone: a proxy in front passes it on to nobody, unless it is told to."""
    request.scope["declared"] = "/metrics"
    if request.client is None or request.client.host not in LOOPBACK or "x-forwarded-for" in request.headers:
        raise HTTPException(404)
    state = request.app.state
    return Response(await run_in_threadpool(metrics, state.engine, state.clock()), media_type=PROMETHEUS)
