"""The same pages and acts as JSON: what people do here, programs can do, with a token of their owner's."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, HTTPException, Path, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.background import BackgroundTask
from starlette.responses import Response

from models.access import Standing
from models.store import reading, transaction
from web.answering import require_address
from web.api_document import DoneSaid, answered, answers_of, filters_of, kind_of_case, name_of
from web.api_values import as_json
from web.callers import STRANGER, Caller, caller_of_token
from web.commands import PLACES
from web.declared import ACTS, PAGES
from web.declaring import Act, Answer, Asked, Done, Page, Who, api_path
from web.once import answered_before, keep_answer
from web.program_bodies import body_of, require_offered, takes_nothing

BEARER = HTTPBearer(auto_error=False, description="A personal access token, made in the console under “Access”.")


@cache
def programs() -> APIRouter:
    """Every console page that is not for people alone, every console act. Made once a process: it takes a second."""
    router = APIRouter()
    for page in PAGES:
        path = api_path(page.path)
        if page.api and path is not None:
            router.add_api_route(path, _reading(page), methods=["GET"], responses=answers_of(page),
                                 openapi_extra=filters_of(page), response_class=Response,
                                 **_said(page, path, "get"))  # fmt: skip
    for act in ACTS:
        path = api_path(act.path)
        if act.api and path is not None:
            router.add_api_route(path, _acting(act), methods=["POST"],
                                 responses={200: answered(DoneSaid, "Done")}, response_class=Response,
                                 description=act.words or act.title, **_said(act, path, "do"))  # fmt: skip
    return router


def _said(declared: Page | Act, path: str, verb: str) -> dict[str, Any]:
    return {
        "summary": declared.title, "tags": [kind_of_case(path)], "operation_id": verb + name_of(declared.path),
        "name": f"api{path}", "dependencies": [Depends(_let_in(declared.who))],
    }  # fmt: skip


def _reading(page: Page) -> Callable[..., Response]:
    def read(request: Request, credentials: Token) -> Response:
        with reading(request.app.state.engine) as session:
            asked = _asked(request, session, credentials)
            _require(asked.caller, page.who)
            view = page.read(asked)
            if isinstance(view, Answer):
                return Response(view.content, media_type=view.media_type)
            return as_json(view)

    return _with_places(read, page.path)


def _acting(act: Act) -> Callable[..., Response]:
    body = body_of(act)
    may_be_left_out = takes_nothing(body)

    def acted(request: Request, credentials: Token, given: Any, idempotency_key: Key = None) -> Response:
        given = given if given is not None else body()
        looked = _looked(act, request, credentials, given)
        with transaction(request.app.state.engine) as session:
            asked = replace(_asked(request, session, credentials), looked=looked)
            _require(asked.caller, act.who)
            values = given.model_dump(exclude_none=True)
            if idempotency_key and (before := answered_before(asked, act, idempotency_key, values)):
                return as_json({"done": before.sentence, **before.facts})
            require_offered(act, given, act.choices(asked) if act.choices else {})
            done = act.do(asked, given)
            if idempotency_key:
                keep_answer(asked, idempotency_key, done)
        if done.goes:
            done = _gone(request, asked, idempotency_key, done)
        wakes = BackgroundTask(done.wakes) if done.wakes else None
        return as_json({"done": done.sentence, **done.facts}, background=wakes)

    acted.__annotations__["given"] = Annotated[body | None, Body()] if may_be_left_out else Annotated[body, Body()]
    made = _with_places(acted, act.path, {"given": None} if may_be_left_out else {})
    made.fields = act.fields  # type: ignore[attr-defined]  # for what is said about a wrong answer
    return made


def _looked(act: Act, request: Request, credentials: HTTPAuthorizationCredentials | None, given: Any) -> Any:
    if act.look is None:
        return None
    with reading(request.app.state.engine) as session:
        return act.look(_asked(request, session, credentials), given)


def _gone(request: Request, asked: Asked, key: str | None, done: Done) -> Done:
    """Only after the commit is it known where it goes on; whoever asks again is told the same."""
    assert done.goes is not None
    done = replace(done, facts={**done.facts, "page": done.goes()})
    if key:
        with transaction(request.app.state.engine) as session:
            keep_answer(replace(asked, session=session), key, done)
    return done


Token = Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)]
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", max_length=100, description="Sent twice with the same key, it is done once."),
]


def _let_in(who: Who) -> Callable[..., None]:
    """Before anything else is looked at: a stranger does not learn what is asked."""

    def let_in(request: Request, credentials: Token) -> None:
        with reading(request.app.state.engine) as session:
            _require(_asked(request, session, credentials).caller, who)

    return let_in


def _with_places(
    endpoint: Callable[..., Response], path: str, defaults: dict[str, Any] | None = None
) -> Callable[..., Response]:
    """FastAPI documents what the signature says: the places in the address are added to it."""
    signature = inspect.signature(endpoint)
    known = [
        each.replace(
            annotation=endpoint.__annotations__.get(each.name, each.annotation), kind=inspect.Parameter.KEYWORD_ONLY,
            default=(defaults or {}).get(each.name, each.default),
        )
        for each in signature.parameters.values()
    ]  # fmt: skip
    places = [
        inspect.Parameter(match[1], inspect.Parameter.KEYWORD_ONLY, annotation=_kind_of_place(match[0]))
        for match in PLACES.finditer(path)
    ]  # fmt: skip

    def with_places(**given: Any) -> Response:
        names = {each.name for each in known}
        return endpoint(**{name: value for name, value in given.items() if name in names})

    with_places.__signature__ = inspect.Signature([*known, *places])  # type: ignore[attr-defined]
    return with_places


def _kind_of_place(place: str) -> Any:
    if ":int}" in place:
        return Annotated[int, Path(ge=1, le=2**31 - 1)]
    return Annotated[str, Path(min_length=1, max_length=200)]


def _asked(request: Request, session: Any, credentials: HTTPAuthorizationCredentials | None) -> Asked:
    now: datetime = request.app.state.clock()
    caller = caller_of_token(session, now, credentials.credentials) if credentials else STRANGER
    place, query = dict(request.path_params), dict(request.query_params)
    if caller is not STRANGER:
        require_address(place, query)
    return Asked(session, now, caller, place, query)


def _require(caller: Caller, who: Who) -> None:
    if caller.standing is Standing.ANYBODY:
        raise HTTPException(
            401, "Send a token: make one in the console, under “Access”.", {"www-authenticate": "Bearer"}
        )
    if caller.standing not in who:
        raise HTTPException(403, f"As {caller.standing.value} this token may not do this.")
