"""`concordat sign-in`: a link to the console for whoever may type commands here, as at the first start."""

import json
from typing import Annotated

import typer

from cli.opening import acting, the_clock
from cli.options import Json
from cli.printing import say

Address = Annotated[
    str | None, typer.Argument(metavar="[ADDRESS]", help="Who signs in; otherwise the secretary of the steering group.")
]


def sign_in_command(address: Address = None, as_json: Json = False) -> None:
    """Print a link that signs in to the console, once, within a day."""
    from actions.access.signing_in import FIRST_LASTS, make_sign_in, path_of
    from actions.access.users import a_secretary, make_secretaries_users, user_named

    with acting() as (session, now):
        make_secretaries_users(session, now)
        user = user_named(session, address) if address else a_secretary(session)
        link = _pages() + path_of(make_sign_in(session, now, user, FIRST_LASTS))
    say(as_json, f"Open this once, within a day: {link}", link=link, user=user.name)


def _pages() -> str:
    """Where the pages are: `concordat up` takes another port where its own is taken, and says so in its folder."""
    from settings import settings

    try:
        there = json.loads((settings().data / "up.json").read_text(encoding="utf-8"))["web"]
    except (OSError, ValueError, KeyError, TypeError):
        there = None
    return settings().web_url or (there if isinstance(there, str) and there else settings().pages_url)


def first_sign_in() -> str | None:
    """The path of a link for the first secretary; None when somebody has signed in before, or nothing is loaded."""
    from actions.access.signing_in import FIRST_LASTS, has_anybody_signed_in, make_sign_in, path_of
    from actions.access.users import a_secretary, make_secretaries_users
    from actions.cast import NotThere
    from models.store import transaction

    with transaction() as session:
        make_secretaries_users(session, the_clock())
        if has_anybody_signed_in(session):
            return None
        try:
            user = a_secretary(session)
        except NotThere:
            return None
        return path_of(make_sign_in(session, the_clock(), user, FIRST_LASTS))
