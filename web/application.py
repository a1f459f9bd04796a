"""The web application: what is declared, behind the guard, with pages of its own for everything that fails."""

import functools
import mimetypes
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlmodel import Session, select
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models.protocol import Protocol
from models.store import engine as the_engine
from rules.errors import Refused
from settings import settings
from web.access_log import AccessLog
from web.answering import do, show, show_act
from web.api_document import DESCRIPTION, TAGS
from web.api_shaping import add_document
from web.declared import ACTS, PAGES
from web.failing import failure
from web.guarding import Guard, Scope
from web.openid import add_openid_routes
from web.operating import add_operating_routes
from web.programs import programs
from web.rendering import STATIC


@dataclass(frozen=True)
class Site:
    """What stands on every page: whose pages these are."""

    name: str
    demonstration: bool


NAMELESS = Site("Concordat", False)


def the_clock() -> datetime:
    """The one place where the web reads the time."""
    return datetime.now(UTC)


def create_app(
    engine: sa.Engine | None = None, clock: Callable[[], datetime] = the_clock, secure: bool | None = None
) -> FastAPI:
    """`secure`: cookies over TLS alone; by default where the pages' address begins with https."""
    app = FastAPI(
        title="Concordat", version="1", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json",
        description=DESCRIPTION, openapi_tags=TAGS, redirect_slashes=False,
    )  # fmt: skip
    app.state.engine = engine or the_engine()
    app.state.clock = clock
    app.state.secure = settings().pages_url.startswith("https://") if secure is None else secure
    app.state.last_site = NAMELESS
    app.state.site = functools.partial(_site, app)
    _add_failures(app)
    add_operating_routes(app)
    add_openid_routes(app)
    app.router.routes.extend(programs().routes)  # `include_router` would analyse each of them anew
    app.router.routes.extend(_declared_routes())
    add_document(app)
    app.add_api_route("/static/{mark}/{path:path}", _static, methods=["GET"], include_in_schema=False)
    app.add_middleware(Guard, unforeseen=_unforeseen, secure=app.state.secure)
    app.add_middleware(AccessLog)
    return app


class Number(IntegerConvertor):
    """Of a row: Python itself refuses to read thousands of digits."""

    regex = "[0-9]{1,10}"


register_url_convertor("int", Number())


@functools.cache
def _declared_routes() -> Sequence[Route]:
    """Of every page and act; they know nothing of the application they stand in, so one process makes them once."""
    pages = (_route(page.path, functools.partial(show, page), "GET") for page in PAGES)
    asked = (_route(act.path, functools.partial(show_act, act), "GET") for act in ACTS)
    done = (_route(act.path, functools.partial(do, act), "POST") for act in ACTS)
    return (*pages, *asked, *done)


def _route(path: str, handler: Callable[[Request], Awaitable[Response]], method: str) -> Route:
    async def endpoint(request: Request) -> Response:
        request.scope["declared"] = path
        return await handler(request)

    return Route(path, endpoint, methods=[method], include_in_schema=False)


def _site(app: FastAPI, session: Session) -> Site:
    """Asked by every page, and so for no more than it shows."""
    loaded = session.exec(select(Protocol.short_name, Protocol.demonstration).order_by(Protocol.slug)).all()
    if loaded:
        app.state.last_site = Site(loaded[0][0], any(demonstration for _, demonstration in loaded))
    site: Site = app.state.last_site
    return site


def _add_failures(app: FastAPI) -> None:
    async def failed(request: Request, error: Exception) -> Response:
        return failure(request, error)

    for kind in (Refused, HTTPException, RequestValidationError, sa.exc.DBAPIError, sa.exc.TimeoutError, OSError):
        app.add_exception_handler(kind, failed)


def _unforeseen(scope: Scope, error: Exception) -> Response:
    return failure(Request(scope), error)


async def _static(path: str) -> Response:
    """A file of `web/static`, and nothing else."""
    try:
        file = (STATIC / path).resolve()
    except ValueError:  # a zero in it
        raise HTTPException(404) from None
    if not file.is_relative_to(STATIC.resolve()) or not file.is_file():
        raise HTTPException(404)
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return Response(file.read_bytes(), media_type=kind)
