"""The same pages and acts as JSON: what people do here, programs can do, with a token of their owner's."""

import inspect
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, HTTPException, Path, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, Response

from actions.cast import NotThere
from actions.plain_values import plain
from models.access import Standing
from models.store import reading, transaction
from rules.errors import Refused
from web.callers import STRANGER, Caller, caller_of_token
from web.commands import PLACES
from web.declared import ACTS, PAGES
from web.declaring import Act, Answer, Asked, Page, Who, api_path
from web.fields import Kind
from web.forms import Options, kind_of, said_of
from web.once import Again, answered_before, keep_answer

BEARER = HTTPBearer(auto_error=False, description="A personal access token, made in the console under “Tokens”.")
ANSWERS: dict[int | str, dict[str, Any]] = {
    401: {"description": "No token, or one that is over"},
    403: {"description": "The token’s owner may not do this"},
    404: {"description": "There is no such thing"},
    409: {"description": "A rule says no: the sentence says which and what to do"},
    422: {"description": "An answer is missing or wrong"},
}


def programs() -> APIRouter:
    """Every console page that is not for people alone, every console act."""
    router = APIRouter()
    for page in PAGES:
        path = api_path(page.path)
        if page.api and path is not None:
            router.add_api_route(path, _reading(page), methods=["GET"], summary=page.title, responses=ANSWERS,
                                 dependencies=[Depends(_let_in(page.who))],
                                 operation_id=f"get{_name(path)}", name=f"api{path}")  # fmt: skip
    for act in ACTS:
        path = api_path(act.path)
        if act.api and path is not None:
            router.add_api_route(path, _acting(act), methods=["POST"], summary=act.title, responses=ANSWERS,
                                 dependencies=[Depends(_let_in(act.who))],
                                 description=act.words, operation_id=f"do{_name(path)}", name=f"api{path}")  # fmt: skip
    return router


def _name(path: str) -> str:
    return "".join(part.capitalize() for part in path.replace("{", "").replace("}", "").replace("-", "/").split("/"))


def _reading(page: Page) -> Callable[..., Response]:
    def read(request: Request, credentials: Token) -> Response:
        with reading(request.app.state.engine) as session:
            asked = _asked(request, session, credentials)
            _require(asked.caller, page.who)
            view = _sentences(lambda: page.read(asked))
            if isinstance(view, Answer):
                return Response(view.content, media_type=view.media_type)
            return JSONResponse(plain(view))

    return _with_places(read, page.path)


def _acting(act: Act) -> Callable[..., Response]:
    def acted(request: Request, credentials: Token, given: Any, idempotency_key: Key = None) -> Response:
        with transaction(request.app.state.engine) as session:
            asked = _asked(request, session, credentials)
            _require(asked.caller, act.who)
            _require_offered(act, given, act.choices(asked) if act.choices else {})
            values = given.model_dump(exclude_none=True)
            if idempotency_key and (before := _sentences(lambda: answered_before(asked, act, idempotency_key, values))):
                return JSONResponse({"done": before.sentence, **plain(dict(before.facts))})
            done = _sentences(lambda: act.do(asked, given))
            if idempotency_key:
                keep_answer(asked, idempotency_key, done)
        facts = dict(done.facts) | ({"page": done.goes()} if done.goes else {})
        wakes = BackgroundTask(done.wakes) if done.wakes else None
        return JSONResponse({"done": done.sentence, **plain(facts)}, background=wakes)

    acted.__annotations__["given"] = Annotated[act.fields, Body()]
    return _with_places(acted, act.path)


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


def _with_places(endpoint: Callable[..., Response], path: str) -> Callable[..., Response]:
    """FastAPI documents what the signature says: the places in the address are added to it."""
    signature = inspect.signature(endpoint)
    known = [each.replace(annotation=endpoint.__annotations__.get(each.name, each.annotation))
             for each in signature.parameters.values()]  # fmt: skip
    kinds = {"int": Annotated[int, Path(ge=1, le=2**31 - 1)]}
    places = [
        inspect.Parameter(match[1], inspect.Parameter.KEYWORD_ONLY,
                          annotation=kinds["int"] if ":int}" in match[0] else Annotated[str, Path(max_length=200)])
        for match in PLACES.finditer(path)
    ]  # fmt: skip

    def with_places(**given: Any) -> Response:
        names = {each.name for each in known}
        return endpoint(**{name: value for name, value in given.items() if name in names})

    keyword = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in known]
    with_places.__signature__ = inspect.Signature([*keyword, *places])  # type: ignore[attr-defined]
    return with_places


def _asked(request: Request, session: Any, credentials: HTTPAuthorizationCredentials | None) -> Asked:
    now: datetime = request.app.state.clock()
    caller = caller_of_token(session, now, credentials.credentials) if credentials else STRANGER
    return Asked(session, now, caller, dict(request.path_params), dict(request.query_params))


def _require(caller: Caller, who: Who) -> None:
    if caller.standing is Standing.ANYBODY:
        raise HTTPException(
            401, "Send a token: make one in the console, under “Tokens”.", {"www-authenticate": "Bearer"}
        )
    if caller.standing not in who:
        raise HTTPException(403, f"As {caller.standing.value} this token may not do this.")


def _require_offered(act: Act, given: Any, options: Options) -> None:
    """What a form offers is what a program may choose."""
    for name, info in act.fields.model_fields.items():
        offered = options.get(name) or said_of(info).get("options")
        if kind_of(info) not in (Kind.CHOICE, Kind.PICK, Kind.TICKS) or not offered:
            continue
        value, known = getattr(given, name), {str(each[0]) for each in offered}
        chosen = value if isinstance(value, list | tuple) else [] if value is None else [value]
        if not {str(each) for each in chosen} <= known:
            among = ", ".join(sorted(known)) or "nothing: there is no choice now"
            raise HTTPException(422, f"{name}: choose among {among}.")


def _sentences(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except NotThere as nothing:
        raise HTTPException(404, str(nothing)) from None
    except Again as again:
        raise HTTPException(409, str(again)) from None
    except Refused as refused:
        raise HTTPException(409, str(refused)) from None
