"""What stands before every page: who sent this form, how much of it, how slowly; and what browsers are told."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_BODY = 2 * 1024 * 1024  # bytes; the largest thing that is sent here is a protocol's text
BODY_SECONDS = 30  # for the whole body: a client that drips holds nobody up
TOO_LARGE = "What you sent is too large: at most 2 MB are taken."
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

POLICY = "; ".join((
    "default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
))  # fmt: skip
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # `no-referrer` makes browsers send `Origin: null` with forms
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
KEPT_SECONDS = 31_536_000


class Guard:
    """ASGI middleware. A refusal is a short plain answer: whoever meets it is no ordinary reader of pages."""

    def __init__(self, app: App, unforeseen: Callable[[Scope, Exception], Response], secure: bool = False) -> None:
        self.app, self.unforeseen, self.secure = app, unforeseen, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        told = self._told(scope, send)
        refused = None if scope["method"] in SAFE_METHODS else _refusal(scope, Headers(scope=scope))
        if refused is not None:
            await refused(scope, receive, told)
            return
        try:
            await self.app(scope, _limited(receive), told)
        except TooLarge:
            await _plain(413, TOO_LARGE)(scope, receive, told)
        except TooSlow:
            await _plain(408, "What you sent took too long to arrive.")(scope, receive, told)
        except Exception as error:  # what nobody foresaw has these headers, too
            if scope.get("answered"):
                raise  # half of an answer has left already
            await self.unforeseen(scope, error)(scope, receive, told)

    def _told(self, scope: Scope, send: Send) -> Send:
        async def told(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                scope["answered"] = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                is_asset = scope["path"].startswith("/static/") and message["status"] == 200
                kept = f"public, max-age={KEPT_SECONDS}, immutable" if is_asset else "no-store"
                headers.setdefault("cache-control", kept)
                if self.secure:
                    headers.setdefault("strict-transport-security", f"max-age={KEPT_SECONDS}")
            await send(message)

        return told


class TooLarge(Exception):
    """More than LARGEST_BODY came."""


class TooSlow(Exception):
    """The body took longer than BODY_SECONDS."""


def _refusal(scope: Scope, headers: Headers) -> Response | None:
    if not _is_same_origin(scope, headers):
        return _plain(403, "This form was sent from another site. Nothing has been done: open the page itself.")
    said = headers.get("content-length")
    if said is not None and (not said.isdecimal() or int(said) > LARGEST_BODY):
        return _plain(413, TOO_LARGE)
    return None


def _is_same_origin(scope: Scope, headers: Headers) -> bool:
    """By what browsers say of themselves. A program with a token sends neither header, and no browser sends a token."""
    if scope["path"].startswith("/api/"):
        return True  # no cookie lets in there
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return "cookie" not in headers or headers.get("referer", "").startswith(_own(scope, headers))
    try:
        return urlsplit(origin).netloc == headers.get("host")
    except ValueError:
        return False


def _own(scope: Scope, headers: Headers) -> str:
    return f"{scope.get('scheme', 'http')}://{headers.get('host', '')}/"


def _limited(receive: Receive) -> Receive:
    """Raises TooLarge, TooSlow."""
    taken, ends = 0, None

    async def limited() -> MutableMapping[str, Any]:
        nonlocal taken, ends
        loop = asyncio.get_running_loop()
        ends = ends or loop.time() + BODY_SECONDS
        if taken < 0:
            return await receive()  # waiting for the end of the connection, which may be long
        try:
            message = await asyncio.wait_for(receive(), ends - loop.time())
        except TimeoutError:
            raise TooSlow from None
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise TooLarge
        if not message.get("more_body", False):
            taken = -1
        return message

    return limited


def _plain(status: int, sentence: str) -> Response:
    return Response(sentence + "\n", status, media_type="text/plain; charset=utf-8")
