"""From a request to a page and back: the one way for all of them."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from sqlmodel import Session
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from actions.cast import NotThere
from actions.policy import zone_of
from models.fitting import DoesNotFit
from models.secret_key import signed
from models.store import reading, transaction
from rules.errors import Refused
from rules.instants import LONDON
from rules.texts import is_text
from web.callers import STRANGER, Caller, caller_of_cookie
from web.declaring import Act, Answer, Area, Asked, Done, Page, area_of
from web.fields import Kind, kind_of
from web.forms import Given, form_fields, read_form, uploads_read
from web.limits import TooOften
from web.once import Again, SentOtherwise, answered_before, keep_answer, known_answer, new_key
from web.places import WhichProtocol, as_query, carried_on
from web.rendering import rendered
from web.standing import NotLetIn, cookie_name, cookie_of, require, set_cookie
from web.way_back import go_back
from web.wording import without_links
from web.written_back import note_written

NOTICE = "concordat-notice"
LARGEST_ID = 2**31 - 1
ONCE = "once"
PREVIEW = "preview"


async def show(page: Page, request: Request) -> Response:
    return await run_in_threadpool(_show, page, request)


def _show(page: Page, request: Request) -> Response:
    area = area_of(page.path)
    with reading(request.app.state.engine) as session:
        asked = asked_by(session, request, area)
        require(asked.caller, page.who, area)
        view = page.read(asked)
        if isinstance(view, Answer):
            return _bytes(view)
        context = {"title": page.title, "in_menu": page.in_menu} | _as_context(view)
        return html(request, page.template, asked, context)


def _as_context(view: Any) -> dict[str, Any]:
    return dict(view) if isinstance(view, Mapping) else {"view": view}


def _bytes(answer: Answer) -> Response:
    headers = dict(answer.headers)
    if answer.filename:
        headers["content-disposition"] = f"attachment; filename*=UTF-8''{quote(answer.filename)}"
    return Response(answer.content, media_type=answer.media_type, headers=headers)


async def show_act(act: Act, request: Request) -> Response:
    return await run_in_threadpool(_show_act, act, request)


def _show_act(act: Act, request: Request) -> Response:
    area = area_of(act.path)
    with reading(request.app.state.engine) as session:
        asked = asked_by(session, request, area)
        require(asked.caller, act.who, area)
        return _form(act, request, asked, Given())


async def do(act: Act, request: Request) -> Response:
    sent = await uploads_read(await request.form(max_files=20, max_fields=500, max_part_size=2 * 1024 * 1024))
    note_written(request, act, sent)
    return await run_in_threadpool(_do, act, request, sent)


def _do(act: Act, request: Request, sent: Mapping[str, list[Any]]) -> Response:
    """Bad answers and refusals show the page again, with every answer kept."""
    other = _aside(act, request, sent)
    if other is not None:
        return _with_sent(other, request, sent)
    try:
        given, looked = _read(act, request, sent)
    except Unready as unready:
        return _again(act, request, sent, unready.given, unready.refused)
    if given.errors and (before := _answered(act, request, sent)) is not None:
        return _after(act, request, before, None)  # done already, so that what was chosen is no choice any more
    if given.errors or PREVIEW in sent:
        return _again(act, request, sent, given, None)
    try:
        done, shown = _acted(act, request, sent, given, looked)
    except Refused as refused:
        if isinstance(refused, NotLetIn | WhichProtocol):
            raise
        return _again(act, request, sent, given, refused)
    if done.form is not None:
        return _with_sent(done.form, request, sent)
    return _after(act, request, done, shown)


def _aside(act: Act, request: Request, sent: Mapping[str, list[Any]]) -> Act | None:
    if act.aside is None:
        return None
    with reading(request.app.state.engine) as session:
        asked = asked_by(session, request, area_of(act.path), sent)
        require(asked.caller, act.who, area_of(act.path))
        return act.aside(asked)


def _with_sent(act: Act, request: Request, sent: Mapping[str, list[Any]]) -> Response:
    """The form of an act, holding what of `sent` it asks; whether it is right is said when it is sent."""
    area = area_of(act.path)
    with reading(request.app.state.engine) as session:
        asked = asked_by(session, request, area, sent)
        require(asked.caller, act.who, area)
        options = act.choices(asked) if act.choices else {}
        return _form(act, request, asked, Given(read_form(act.fields, sent, options, _zone(asked)).raw))


class Unready(Exception):
    """Refused before anything was begun; with what was given, which the page shows again."""

    def __init__(self, given: Given, refused: Refused) -> None:
        self.given, self.refused = given, refused


def _read(act: Act, request: Request, sent: Mapping[str, list[Any]]) -> tuple[Given, Any]:
    """And what the act looks up or draws before anybody has to wait for the store. Who may not act learns nothing
    about what they sent. Raises NotLetIn, Unready."""
    area = area_of(act.path)
    with reading(request.app.state.engine) as session:
        asked = asked_by(session, request, area, sent)
        require(asked.caller, act.who, area)
        options = act.choices(asked) if act.choices else {}
        given = read_form(act.fields, sent, options, _zone(asked))
        if act.look is None or given.errors or PREVIEW in sent:
            return given, None
        try:
            return given, act.look(asked, act.fields.model_validate(given.values))
        except Refused as refused:
            raise Unready(given, refused) from refused


def _answered(act: Act, request: Request, sent: Mapping[str, list[Any]]) -> Done | None:
    """What the same form was answered, where it has been sent before."""
    key = _key(sent)
    if not key or PREVIEW in sent:
        return None
    with reading(request.app.state.engine) as session:
        asked = asked_by(session, request, area_of(act.path), sent)
        return known_answer(asked, act, key, _without_key(sent)) if asked.caller is not STRANGER else None


def _key(sent: Mapping[str, list[Any]]) -> str:
    return str((sent.get(ONCE) or [""])[0])[:100]


def _without_key(sent: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """All that was sent: what a field makes of it may depend on what is known by then."""
    return {name: said for name, said in sent.items() if name != ONCE}


def _acted(
    act: Act, request: Request, sent: Mapping[str, list[Any]], given: Given, looked: Any
) -> tuple[Done, Response | None]:
    """One transaction. Sent twice, it is done once: the second answer is the first's. What is shown one time only is
    made before the commit: if it cannot be shown, it was not done."""
    area, values = area_of(act.path), act.fields.model_validate(given.values)
    with (transaction if act.keeps else reading)(request.app.state.engine) as session:
        asked = replace(asked_by(session, request, area, sent), looked=looked)
        require(asked.caller, act.who, area)
        key = _key(sent) if act.keeps and asked.caller is not STRANGER else ""
        if key and (before := _before(asked, act, key, sent)):
            return before, None
        done = act.do(asked, values)
        shown = _shown(request, asked, done)
        if key:
            keep_answer(asked, key, done)
    return done, shown


def _before(asked: Asked, act: Act, key: str, sent: Mapping[str, list[Any]]) -> Done | None:
    """Raises SentOtherwise."""
    try:
        return answered_before(asked, act, key, _without_key(sent))
    except Again:
        raise SentOtherwise from None


def _shown(request: Request, asked: Asked, done: Done) -> Response | None:
    page = done.page
    return html(request, page.template, asked, dict(page.context), page.status) if page is not None else None


def _again(
    act: Act, request: Request, sent: Mapping[str, list[Any]], given: Given, refused: Refused | None
) -> Response:
    with reading(request.app.state.engine) as session:
        asked = asked_by(session, request, area_of(act.path), sent)
        require(asked.caller, act.who, area_of(act.path))
        if refused is not None:
            given = _with_refusal(act, given, refused)
        wrong = 429 if isinstance(refused, TooOften) else 422
        return _form(act, request, asked, given, status=wrong if given.errors else 200)


def _with_refusal(act: Act, given: Given, refused: Refused) -> Given:
    """At its field where the refusal names one, else on top of the page."""
    name = getattr(refused, "field", None) or (refused.column if isinstance(refused, DoesNotFit) else "")
    return Given(
        given.raw, given.values, {name if name in act.fields.model_fields else "": without_links(str(refused))}
    )


def _form(act: Act, request: Request, asked: Asked, given: Given, status: int = 200) -> Response:
    options = act.choices(asked) if act.choices else {}
    start = act.start(asked) if act.start and not given.raw else {}
    fields = form_fields(act.fields, given, start, options, _zone(asked))
    before = act.before(asked, given if given.raw else None) if act.before else {}
    title = act.title_of(asked) if act.title_of else act.title
    context = {
        "title": title, "act": act, "fields": fields, "errors": _errors(act, given), "once": new_key(),
        "in_menu": act.in_menu, "refused_on_top": given.errors.get("", ""),
        "has_upload": any(kind_of(info) is Kind.UPLOAD for info in act.fields.model_fields.values()),
    }  # fmt: skip
    return html(request, act.template, asked, context | dict(before), status)


def _errors(act: Act, given: Given) -> list[dict[str, str]]:
    """In the order of the page; one that belongs to no field leads to the first."""
    names = list(act.fields.model_fields)
    first = next((name for name, info in act.fields.model_fields.items() if kind_of(info) is not Kind.CARRIED), None)
    listed = sorted(given.errors, key=lambda name: names.index(name) if name in names else -1)
    return [{"text": given.errors[name], "href": f"#{_input(act, name or first)}"} for name in listed]


def _input(act: Act, name: str | None) -> str:
    if name is None or name not in act.fields.model_fields:
        return "act"
    kind = kind_of(act.fields.model_fields[name])
    return f"{name}-day" if kind in (Kind.DAY, Kind.INSTANT) else name


def _after(act: Act, request: Request, done: Done, shown: Response | None) -> Response:
    area, secure = area_of(act.path), request.app.state.secure
    response = shown
    if response is None:
        to = done.goes() if done.goes else done.to
        response = RedirectResponse(carried_on(to, request.query_params.get("protocol")), status_code=303)
        if done.sentence:
            _leave_notice(response, done.sentence, secure)
    if done.wakes is not None:
        response.background = BackgroundTask(done.wakes)  # nobody waits for Prefect
    if done.cookie is not None:
        into = area_of(done.to) if area is Area.PUBLIC else area
        set_cookie(response, cookie_name(into, secure), done.cookie, secure)
        if into is Area.CONSOLE and done.cookie:
            go_back(response, request)
    return response


def _leave_notice(response: Response, sentence: str, secure: bool) -> None:
    """What was done, for the page that is shown next. Signed: nobody else writes on our pages."""
    words = quote(json.dumps(sentence[:700]))
    set_cookie(response, NOTICE, f"{signed(NOTICE, words)}.{words}", secure, seconds=60)


def _notice(request: Request) -> str:
    signature, _, words = request.cookies.get(NOTICE, "").partition(".")
    if not words or not hmac.compare_digest(signature.encode(), signed(NOTICE, words).encode()):
        return ""
    return str(json.loads(unquote(words)))


def html(request: Request, template: str, asked: Asked, context: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    notice = _notice(request)
    about = {
        "visitor": asked.caller, "now": asked.now, "notice": notice, "path": request.url.path,
        "area": area_of(request.url.path).value, "query": asked.query, "site": request.app.state.site(asked.session),
        "of": as_query(asked),
    }  # fmt: skip
    response = HTMLResponse(rendered(template, {"errors": [], **about, **context}), status)
    if NOTICE in request.cookies:
        set_cookie(response, NOTICE, "", request.app.state.secure)
    return response


def asked_by(session: Session, request: Request, area: Area, sent: Mapping[str, list[Any]] | None = None) -> Asked:
    now: datetime = request.app.state.clock()
    caller: Caller = caller_of_cookie(session, now, cookie_of(request, area))
    require_address(request.path_params, request.query_params)
    address = request.client.host if request.client else ""
    declared = request.scope.get("declared", "")
    query = dict(request.query_params)
    return Asked(session, now, caller, request.path_params, query, sent or {}, address, declared=declared)


def _zone(asked: Asked) -> Any:
    try:
        return zone_of(asked.protocol)
    except Refused:
        return LONDON


def require_address(place: Mapping[str, Any], query: Mapping[str, str]) -> None:
    """A number that no row can have is of nothing, and so is what is no text. Raises NotThere."""
    if any(isinstance(value, int) and value > LARGEST_ID for value in place.values()):
        raise NotThere("There is nothing of that number.")
    if not all(is_text(value) for value in (*place.values(), *query.values()) if isinstance(value, str)):
        raise NotThere("This address holds a character that no text has.")
