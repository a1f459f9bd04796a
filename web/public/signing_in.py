"""Signing in at the console: an address, a message, a link that works once."""

from datetime import datetime

import sqlalchemy as sa
from pydantic import BaseModel

from actions.access.sessions import end_session
from actions.access.signing_in import ask_for_link, sign_in, user_of_link
from actions.cast import known_id
from models.store import transaction
from web.declaring import ANYBODY, READS, Act, Asked, Done, Page
from web.fields import line
from web.limits import LIMITS
from web.openid import is_configured

ASKED_FOR_AN_ADDRESS = 10  # in ten minutes, for one e-mail address
ASKED_FROM_AN_ADDRESS = 60  # in ten minutes, from one place, for whatever e-mail addresses


class Address(BaseModel):
    address: str = line(
        "Your e-mail address", missing="Enter your e-mail address", hint="The one that is registered here.",
        autocomplete="email", input_type="email", longest=254,
    )  # fmt: skip


def _ask(asked: Asked, given: Address) -> Done:
    """The same answer, after the same time, whether or not the address is known: it must not say who signs in here."""
    LIMITS.take(
        (f"sign-in from:{asked.address}", ASKED_FROM_AN_ADDRESS),
        (f"sign-in:{given.address.casefold()}", ASKED_FOR_AN_ADDRESS),
    )
    on = asked.session.get_bind()
    return Done(sentence="", to="/sign-in/sent", wakes=lambda: _send_link(on, asked.now, given.address))


def _send_link(on: sa.Engine | sa.Connection, now: datetime, address: str) -> None:
    """After the answer: rendering a message takes longer than finding nobody."""
    with transaction(on.engine) as session:
        ask_for_link(session, now, address)


def _use(asked: Asked, _given: object) -> Done:
    said = asked.place["link"]
    user = user_of_link(asked.session, asked.now, said)
    return Done(sentence=f"You are signed in as {user.standing.value}.", to="/console",
                cookie=sign_in(asked.session, asked.now, said))  # fmt: skip


def _who(asked: Asked, _given: object) -> dict[str, object]:
    return {"user": user_of_link(asked.session, asked.now, asked.place["link"])}


def _out(asked: Asked, _given: object) -> Done:
    assert asked.caller.session is not None
    end_session(asked.session, asked.now, known_id(asked.caller.session))
    return Done(sentence="You are signed out.", to="/sign-in", cookie="")


PAGES = (
    Page(
        path="/sign-in/sent",
        title="Check your e-mail",
        who=ANYBODY,
        read=lambda _: {},
        template="public/sign_in_sent.html",
    ),
)
ACTS = (
    Act(path="/sign-in", title="Sign in", who=ANYBODY, fields=Address, do=_ask, button="Send me a link",
        template="public/sign_in.html", before=lambda *_: {"openid": is_configured()},
        words="For the secretary, assistants and auditors. Parties need no account: they open the link in their "
        "newest message."),
    Act(path="/sign-in/{link}", title="Sign in", who=ANYBODY, do=_use, button="Sign in", before=_who,
        template="public/sign_in_link.html"),
    Act(path="/console/sign-out", title="Sign out", who=READS, do=_out, button="Sign out", api=False,
        words="Your visit ends on this device."),
)  # fmt: skip
