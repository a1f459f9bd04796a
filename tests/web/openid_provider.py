"""An OpenID Connect provider as small as one can be: it signs what a test wants signed, over real HTTP."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.web.test_guard import served

CLIENT = "concordat"


@dataclass
class Provider:
    """`claims` change what it says; `header` and `key` how it is signed."""

    issuer: str = ""
    ends_in: str = ""  # “/”, as the names of some providers end
    nonce: str = ""
    challenge: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "first"})
    key: Any = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}))
    signing_key: Any = None
    codes: set[str] = field(default_factory=set)
    verifiers: list[str] = field(default_factory=list)

    def authorized(self, asked: Mapping[str, str]) -> str:
        """Somebody has signed in there: the code that the browser brings back."""
        self.nonce, self.challenge = asked["nonce"], asked["code_challenge"]
        code = secrets.token_hex(8)
        self.codes.add(code)
        return code

    async def discovery(self, _request: Request) -> JSONResponse:
        return JSONResponse({
            "issuer": f"{self.issuer}{self.ends_in}", "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
        })  # fmt: skip

    async def keys(self, _request: Request) -> JSONResponse:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    async def token(self, request: Request) -> JSONResponse:
        sent = await request.form()
        if sent.get("code") not in self.codes:
            return JSONResponse({"error": "invalid_grant"}, 400)
        self.codes.discard(str(sent["code"]))
        self.verifiers.append(str(sent.get("code_verifier")))
        claims = {
            "iss": f"{self.issuer}{self.ends_in}",
            "aud": CLIENT,
            "sub": "1",
            "nonce": self.nonce,
            "email_verified": True,
        }
        key = self.signing_key or self.key
        signed = jwt.encode(self.header, claims | self.claims, key, algorithms=["RS256", "HS256"])
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": signed})


@contextmanager
def provider() -> Iterator[Provider]:
    made = Provider()
    routes = [
        Route("/.well-known/openid-configuration", made.discovery), Route("/keys", made.keys),
        Route("/token", made.token, methods=["POST"]),
    ]  # fmt: skip
    with served(Starlette(routes=routes)) as port:
        made.issuer = f"http://127.0.0.1:{port}"
        yield made


def shared_secret(secret: str) -> OctKey:
    return OctKey.import_key(secret)
