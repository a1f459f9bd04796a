"""When something cannot be shown or done: a page of our own with a sentence, never a traceback."""

import logging
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolIsEmpty
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from actions.access.party_links import LinkOpensNothing
from actions.access.signing_in import LinkIsOver
from actions.cast import NotThere
from models.upgrading import StoreIsNewer, StoreIsOld
from rules.errors import Refused
from web.declaring import area_of
from web.form_sentences import sentences_of_faults
from web.limits import TooOften
from web.places import WhichProtocol
from web.refusing import sentence_for
from web.rendering import rendered
from web.standing import NotLetIn
from web.way_back import with_way_back
from web.wording import without_links
from web.written_back import written_by

WRONG = "An answer is missing or wrong."
NOT_JSON = "The body must be JSON in UTF-8, sent as application/json."
log = logging.getLogger("concordat.web")

TITLES = {
    403: "You cannot see this page",
    404: "Page not found",
    405: "This cannot be done here",
    409: "This cannot be done now",
    410: "This link has ended",
    413: "What you sent is too large",
    422: "Something in this address is wrong",
    429: "Too many attempts",
    500: "Something went wrong here",
    503: "Concordat cannot reach its records",
}
UNREACHABLE = "Nothing you sent has been kept. Wait a few minutes, then try again."


def answer(request: Request, status: int, sentence: str, **more: Any) -> Response:
    if _is_api(request):
        said = {"detail": sentence} | ({"fields": more["fields"]} if more.get("fields") else {})
        return JSONResponse(said, status)
    context = {
        "title": TITLES.get(status, TITLES[500]), "sentence": sentence, "status": status, "errors": [],
        "area": area_of(request.url.path).value, "path": request.url.path, "notice": "", "visitor": None,
        "site": request.app.state.last_site, "in_menu": None,
        "written": written_by(request), **more,
    }  # fmt: skip
    return _html(context, status)


def _html(context: dict[str, Any], status: int) -> Response:
    return Response(rendered("failure.html", context), status, media_type="text/html; charset=utf-8")


def failure(request: Request, error: Exception) -> Response:
    """From any error to its page."""
    match error:
        case NotLetIn() if error.sign_in is not None and not _is_api(request):
            return with_way_back(_to_sign_in(request, error, error.sign_in), request)
        case NotLetIn():
            return answer(request, 403, str(error))
        case LinkIsOver() | LinkOpensNothing():
            return answer(request, 410, str(error), sign_in="/sign-in" if isinstance(error, LinkIsOver) else None)
        case TooOften():
            return answer(request, 429, str(error))
        case WhichProtocol():
            return answer(
                request, 422, _which(request, error), title="Which protocol?", choosing=_choices(request, error)
            )
        case NotThere():
            return answer(request, 404, without_links(str(error)))
        case StoreIsOld() | StoreIsNewer():
            return answer(request, 503, str(error))
        case Refused():
            return answer(request, 409, without_links(str(error)))
        case RequestValidationError():
            return answer(request, 422, WRONG, fields=faults_of(request, error))
        case HTTPException() if error.status_code == 400 and _is_api(request):  # FastAPI's, of a body it cannot read
            return answer(request, 422, WRONG, fields={"": NOT_JSON})
        case HTTPException():
            response = answer(request, error.status_code, _of_http(error), fields=getattr(error, "fields", None))
            response.headers.update(error.headers or {})
            return response
        case PoolIsEmpty() | OperationalError() | DBAPIError() if _is_trouble(error):
            log.error("the database cannot be used: %s", type(error).__name__)
            return answer(request, 503, UNREACHABLE)
        case OSError():
            log.error("the system refused: %s", type(error).__name__)
            return answer(request, 503, UNREACHABLE)
        case _:
            log.exception("an error nobody foresaw", exc_info=error)
            return answer(
                request, 500, "It has been written down for whoever looks after Concordat. Nothing was changed."
            )


def _to_sign_in(request: Request, error: NotLetIn, sign_in: str) -> Response:
    """At once, but for whoever has sent a form: what they wrote is shown first."""
    if request.method == "GET":
        return RedirectResponse(sign_in, status_code=303)
    return answer(request, 403, str(error), sign_in=sign_in)


def _which(request: Request, error: WhichProtocol) -> str:
    return str(error) if _is_api(request) else "Several protocols are kept here. Choose the one that it is about:"


def _choices(request: Request, error: WhichProtocol) -> list[tuple[str, str]]:
    """The same address for each of them: what is asked for is not said again."""
    return [
        (str(request.url.include_query_params(protocol=slug).replace(scheme="", netloc="")), name)
        for slug, name in error.choosing
    ]


def faults_of(request: Request, error: RequestValidationError) -> dict[str, str]:
    """By field of the act, in the form's own words; by name where it is the address or a header that is wrong."""
    model = getattr(request.scope.get("endpoint"), "fields", BaseModel)
    faults = [{**each, "loc": each["loc"][1:]} for each in error.errors()]
    if any(each["type"] == "json_invalid" for each in faults):
        return {"": NOT_JSON}
    return sentences_of_faults(model, faults)


def _is_trouble(error: Exception) -> bool:
    """Of the database itself; a broken constraint is a mistake of ours."""
    return isinstance(error, PoolIsEmpty) or sentence_for(error) is not None


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")


def _of_http(error: HTTPException) -> str:
    match error.status_code:
        case 404:
            return "If you typed the address, check it. If you followed a link, what it led to is not here any more."
        case 405:
            return "Go back, and use the buttons of the page."
        case _:
            return str(error.detail)
