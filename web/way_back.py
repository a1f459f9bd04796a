"""Where somebody wanted to go before they had to sign in. It is in a signed cookie and in no address: nobody's link
can send a secretary who signs in somewhere else."""

import base64
import hmac
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from models.secret_key import signed
from web.declaring import Area, area_of
from web.standing import set_cookie

COOKIE = "concordat-way-back"
LASTS = timedelta(hours=1)  # the message has to arrive
LONGEST = 1000  # characters


def cookie_name(secure: bool) -> str:
    return f"__Host-{COOKIE}" if secure else COOKIE


def with_way_back(response: Response, request: Request) -> Response:
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if is_safe(path):
        words = base64.urlsafe_b64encode(path.encode()).decode()
        secure = request.app.state.secure
        value = f"{signed(COOKIE, words)}.{words}"
        set_cookie(response, cookie_name(secure), value, secure, int(LASTS.total_seconds()))
    return response


def go_back(response: Response, request: Request) -> None:
    """After signing in, once; without such a cookie, or with a forged one, to the first page."""
    secure = request.app.state.secure
    signature, _, words = request.cookies.get(cookie_name(secure), "").partition(".")
    if not words:
        return
    set_cookie(response, cookie_name(secure), "", secure)
    if not hmac.compare_digest(signature.encode(), signed(COOKIE, words).encode()):
        return
    path = base64.urlsafe_b64decode(words).decode()
    if is_safe(path):
        response.headers["location"] = path


def is_safe(path: str) -> bool:
    """A page of our own console: no other host, by whatever trick of slashes, and no other header."""
    plain = path.isascii() and path.isprintable() and len(path) <= LONGEST
    return plain and area_of(path) is Area.CONSOLE and path.startswith("/console/") and not set(path) & set("\\<>\"' ")
