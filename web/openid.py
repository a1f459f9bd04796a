"""Signing in at the console through the body's own OpenID Connect provider, where one is configured.

The provider says who it is; who may come in is still the list of console users. Coming back is a GET, because the
protocol has it so: it changes nothing, the button on its page does.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import quote, unquote, urlencode

import httpx
from authlib.common.errors import AuthlibBaseError
from fastapi import FastAPI
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from actions.access.sessions import begin_session
from actions.access.signing_in import note_signed_in
from actions.access.users import user_at
from models.secret_key import signed
from models.store import reading, transaction
from rules.errors import Refused
from settings import settings
from web.answering import asked_by, html
from web.declaring import Area
from web.standing import cookie_name, set_cookie
from web.way_back import go_back

START, BACK = "/sign-in/openid", "/sign-in/openid/back"
COOKIE = "concordat-openid"
LASTS_SECONDS = 600
PATIENCE_SECONDS = 10
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]  # never "none", never one with a shared secret
SKEW_SECONDS = 60


class SignInFailed(Refused):
    def __init__(self, why: str) -> None:
        super().__init__(f"Signing in with your organisation did not work: {why} Try again, or ask for a link.")


@dataclass(frozen=True)
class Provider:
    """What its discovery document says."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


def is_configured() -> bool:
    return settings().oidc_issuer is not None and settings().oidc_client_id is not None


def add_openid_routes(app: FastAPI) -> None:
    if is_configured():
        app.router.add_route(START, _start, methods=["GET"], include_in_schema=False)
        app.router.add_route(BACK, _back, methods=["GET"], include_in_schema=False)
        app.router.add_route(BACK, _sign_in, methods=["POST"], include_in_schema=False)


@cache
def provider(issuer: str) -> Provider:
    """Under the name that it gives itself, to the final slash: settings have none. Raises SignInFailed, also while the
    provider cannot be reached."""
    found = _fetched(f"{issuer}/.well-known/openid-configuration")
    named = str(found.get("issuer", ""))
    if named.removesuffix("/") != issuer:
        raise SignInFailed("the provider says it is another.")
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    return Provider(named, *(str(found.get(name, "")) for name in names))


def _fetched(url: str) -> Mapping[str, Any]:
    try:
        answer = httpx.get(url, timeout=PATIENCE_SECONDS)
        answer.raise_for_status()
        found: Mapping[str, Any] = answer.json()
        return found
    except (httpx.HTTPError, ValueError):
        raise SignInFailed("the provider cannot be reached.") from None


async def _start(request: Request) -> Response:
    """Off to the provider, with what must come back kept in a signed cookie."""
    request.scope["declared"] = START
    at = await run_in_threadpool(provider, str(settings().oidc_issuer))
    kept = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    kept["at"] = request.app.state.clock().isoformat()
    challenge = base64.urlsafe_b64encode(hashlib.sha256(kept["verifier"].encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code", "client_id": settings().oidc_client_id, "redirect_uri": _redirect_uri(),
        "scope": "openid email", "state": kept["state"], "nonce": kept["nonce"], "code_challenge": challenge,
        "code_challenge_method": "S256",
    }  # fmt: skip
    response = RedirectResponse(f"{at.authorization_endpoint}?{urlencode(asked)}", status_code=303)
    words, secure = quote(json.dumps(kept)), request.app.state.secure
    set_cookie(response, _cookie_name(secure), f"{signed(COOKIE, words)}.{words}", secure, LASTS_SECONDS)
    return response


def _cookie_name(secure: bool) -> str:
    return f"__Host-{COOKIE}" if secure else COOKIE


def _redirect_uri() -> str:
    return f"{settings().pages_url}{BACK}"


async def _back(request: Request) -> Response:
    request.scope["declared"] = BACK
    return await run_in_threadpool(_page, request)


def _page(request: Request) -> Response:
    """What came is carried in the form: pressing the button uses it."""
    if "error" in request.query_params:
        raise SignInFailed("the provider refused.")
    with reading(request.app.state.engine) as session:
        asked = asked_by(session, request, Area.PUBLIC)
        sent = {name: request.query_params.get(name, "")[:2000] for name in ("code", "state")}
        return html(request, "public/openid_back.html", asked, {"title": "Sign in", "in_menu": None, **sent})


async def _sign_in(request: Request) -> Response:
    request.scope["declared"] = BACK
    sent = await request.form()
    return await run_in_threadpool(_signed_in, request, str(sent.get("code", "")), str(sent.get("state", "")))


def _signed_in(request: Request, code: str, state: str) -> Response:
    kept = _kept(request)
    if not hmac.compare_digest(kept["state"].encode(), state.encode()):
        raise SignInFailed("the answer does not belong to this browser.")
    claims = _claims(code, kept, request.app.state.clock())
    with transaction(request.app.state.engine) as session:
        user = user_at(session, str(claims.get("email", ""))) if claims.get("email_verified") is True else None
        if user is None:
            raise SignInFailed("the address it gives is not registered here.")
        now = request.app.state.clock()
        note_signed_in(session, now, user)
        secret = begin_session(session, now, user=user)
    response = RedirectResponse("/console", status_code=303)
    secure = request.app.state.secure
    set_cookie(response, cookie_name(Area.CONSOLE, secure), secret, secure)
    set_cookie(response, _cookie_name(secure), "", secure)
    go_back(response, request)
    return response


def _kept(request: Request) -> dict[str, str]:
    """A browser may keep a cookie for as long as it likes: when it was made is signed too."""
    signature, _, words = request.cookies.get(_cookie_name(request.app.state.secure), "").partition(".")
    if not words or not hmac.compare_digest(signature.encode(), signed(COOKIE, words).encode()):
        raise SignInFailed("it took too long, or cookies are off.")
    found: dict[str, str] = json.loads(unquote(words))
    age = request.app.state.clock() - datetime.fromisoformat(found["at"])
    if not timedelta() <= age < timedelta(seconds=LASTS_SECONDS):
        raise SignInFailed("it took too long, or cookies are off.")
    return found


def _claims(code: str, kept: Mapping[str, str], now: datetime) -> Mapping[str, Any]:
    """What the provider has signed, for us, for this visit, and what is not over. Raises SignInFailed."""
    from authlib.integrations.httpx_client import OAuth2Client  # slow, and not of every day

    at = provider(str(settings().oidc_issuer))
    secret = settings().oidc_client_secret
    try:
        with OAuth2Client(
            settings().oidc_client_id, secret.get_secret_value() if secret else None, timeout=PATIENCE_SECONDS,
            redirect_uri=_redirect_uri(), code_challenge_method="S256",
        ) as client:  # fmt: skip
            token = client.fetch_token(at.token_endpoint, code=code, code_verifier=kept["verifier"])
        keys = KeySet.import_key_set(dict(_fetched(at.jwks_uri)))  # type: ignore[arg-type]
        found = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS).claims
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()), leeway=SKEW_SECONDS, iss={"essential": True, "value": at.issuer},
            aud={"essential": True, "value": str(settings().oidc_client_id)}, exp={"essential": True},
            nonce={"essential": True, "value": kept["nonce"]},
        ).validate(found)  # fmt: skip
    except AuthlibBaseError as error:
        raise SignInFailed("the provider refused.") from error
    except (JoseError, httpx.HTTPError, KeyError, ValueError, TypeError) as error:
        raise SignInFailed("its answer is not valid.") from error
    return found
