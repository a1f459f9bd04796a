"""Who is let in where, and where the others are sent."""

from starlette.requests import Request
from starlette.responses import Response

from models.access import Standing
from rules.errors import Refused
from web.callers import Caller
from web.declaring import Area, Who


class NotLetIn(Refused):
    """They are somebody else, or nobody yet. `sign_in`: where they may become the right one."""

    def __init__(self, sentence: str, sign_in: str | None = None) -> None:
        super().__init__(sentence)
        self.sign_in = sign_in


COOKIES = {Area.REPORT: "concordat-report", Area.PARTY: "concordat-party", Area.CONSOLE: "concordat-console"}


def cookie_name(area: Area, secure: bool) -> str:
    """`__Host-`: from this host alone, over TLS alone; where there is no TLS, as on loopback, browsers refuse it."""
    return f"__Host-{COOKIES[area]}" if secure else COOKIES[area]


def cookie_of(request: Request, area: Area) -> str | None:
    return request.cookies.get(cookie_name(area, request.app.state.secure)) if area in COOKIES else None


def set_cookie(response: Response, name: str, value: str, secure: bool, seconds: int | None = None) -> None:
    """For this visit; `Lax`, so that a link in a mail program still finds it. An empty value ends it."""
    if value:
        response.set_cookie(name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")
    else:
        response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")


def require(caller: Caller, who: Who, area: Area) -> None:
    """Raises NotLetIn."""
    if caller.standing in who:
        return
    if caller.standing is not Standing.ANYBODY:
        raise NotLetIn(f"This is not for you: as {caller.standing.value} you can read, but not do this."
                       if area is Area.CONSOLE else "This page is not for you.")  # fmt: skip
    match area:
        case Area.CONSOLE:
            raise NotLetIn("Sign in to use the console.", "/sign-in")
        case Area.REPORT:
            raise NotLetIn("Come back with the reference and the code of your report.", "/report/return")
        case _:
            raise NotLetIn(
                "Your visit has ended. Open the link in the newest message from Concordat again; if it has "
                "expired, its page sends you a new one."
            )
