"""Who may come in: users, open sessions, tokens for programs, links of contacts."""

from typing import Any

from pydantic import BaseModel

from actions.access.party_links import revoke_links
from actions.access.sessions import console_sessions, end_session
from actions.access.tokens import make_token, revoke_token, token_lines
from actions.access.users import add_user, end_user, user_lines
from actions.cast import NotThere, case_of
from models import history
from models.access import AccessToken, Standing
from models.protocol import Contact, Protocol
from web.declaring import DECIDES, READS, Act, Asked, Done, Page, Shown
from web.fields import choice, line, whole, words

MENU = "/console/access"
STANDINGS = (
    ("secretary", "Secretary", "Does everything"),
    ("assistant", "Assistant", "Prepares and records, decides nothing"),
    ("auditor", "Auditor", "Reads everything, changes nothing"),
)


class NewUser(BaseModel):
    name: str = line("Name", missing="Enter a name", longest=80, hint="As the list of who did what will say it.")
    address: str = line("E-mail address", missing="Enter an e-mail address", input_type="email", longest=254)
    standing: str = choice("What may they do?", STANDINGS, missing="Choose what they may do")


class NewToken(BaseModel):
    name: str = line(
        "What is it for?",
        missing="Enter what the token is for",
        longest=80,
        hint="Such as the program that will use it.",
    )
    standing: str = choice("What may it do?", STANDINGS, missing="Choose what it may do", hint="Never more than you.")
    days: int = whole(
        "For how many days?", missing="Enter for how many days it works", least=1, most=366, hint="At most 366."
    )


class Because(BaseModel):
    because: str = words("Why?", missing="Say why", rows=3, longest=2000)


def _read(asked: Asked) -> dict[str, object]:
    return {
        "users": user_lines(asked.session), "sessions": console_sessions(asked.session, asked.now),
        "tokens": token_lines(asked.session),
    }  # fmt: skip


def _add(asked: Asked, given: NewUser) -> Done:
    user = add_user(
        asked.session, asked.now, _own_protocol(asked), Standing(given.standing), given.name, given.address,
        asked.caller.by,
    )  # fmt: skip
    return Done(sentence=f"{given.name} can sign in now.", to=MENU, facts={"user": user.id})


def _end(asked: Asked, _given: object) -> Done:
    user = end_user(asked.session, asked.now, asked.place["number"], asked.caller.by)
    return Done(sentence=f"{user.name} cannot sign in any more.", to=MENU, facts={"user": user.id})


def _end_session(asked: Asked, _given: object) -> Done:
    if end_session(asked.session, asked.now, asked.place["number"]):
        note(asked, "visit ended", visit=asked.place["number"])
    return Done(sentence="That visit is over.", to=MENU)


def note(asked: Asked, what: str, **numbers: Any) -> None:
    """In the list of who did what."""
    history.write(asked.session, case_of(_own_protocol(asked)), asked.now, asked.caller.by, what, **numbers)


def _own_protocol(asked: Asked) -> Protocol:
    """Who may come in is of no protocol, but what was done about it is kept in one: that whose contact the doer is."""
    assert asked.caller.user is not None
    contact = asked.session.get_one(Contact, asked.caller.user.contact_id)
    return asked.session.get_one(Protocol, contact.protocol_id)


def _make_token(asked: Asked, given: NewToken) -> Done:
    assert asked.caller.user is not None
    row, secret = make_token(
        asked.session, asked.now, asked.caller.user, given.name, Standing(given.standing), given.days
    )
    note(asked, "token made", token=row.id, standing=given.standing)
    shown = {"title": "Your token", "token": row, "secret": secret, "in_menu": MENU}
    return Done(
        sentence="The token is made.", to=MENU, facts={"token": row.id},
        page=Shown(template="console/token_made.html", context=shown),
    )  # fmt: skip


def _revoke_token(asked: Asked, _given: object) -> Done:
    token = asked.session.get(AccessToken, asked.place["number"])
    if token is None or (not asked.caller.is_secretary and token.user_id != getattr(asked.caller.user, "id", None)):
        raise NotThere(f"You have no token {asked.place['number']}.")
    if revoke_token(asked.session, asked.now, asked.place["number"]):
        note(asked, "token revoked", token=asked.place["number"])
    return Done(sentence="The token does not work any more.", to=MENU)


def _revoke_links(asked: Asked, given: Because) -> Done:
    revoke_links(asked.session, asked.now, asked.place["contact"], asked.caller.by, given.because)
    return Done(
        sentence="The links that were sent open nothing any more. The next message has a new one.",
        to="/console/parties",
    )


PAGES = (
    Page(path=MENU, title="Who may come in", who=READS, read=_read, template="console/access.html", in_menu=MENU),
)  # fmt: skip
ACTS = (
    Act(path="/console/access/users/add", title="Add somebody", who=DECIDES, fields=NewUser, do=_add, button="Add",
        in_menu=MENU),
    Act(path="/console/access/users/{number:int}/end", title="End this account", who=DECIDES, do=_end, grave=True,
        button="End the account", words="They are signed out at once, and their tokens stop working.", in_menu=MENU),
    Act(path="/console/access/sessions/{number:int}/end", title="End this visit", who=DECIDES, do=_end_session,
        button="End it", words="Whoever it is has to sign in again.", in_menu=MENU),
    Act(path="/console/access/tokens/make", title="Make a token for a program", who=READS, fields=NewToken,
        do=_make_token, button="Make it", api=False, in_menu=MENU),
    Act(path="/console/access/tokens/{number:int}/revoke", title="Revoke this token", who=READS, do=_revoke_token,
        button="Revoke it", words="Programs that use it are refused from now on.", grave=True, api=False,
        in_menu=MENU),
    Act(path="/console/contacts/{contact:int}/revoke-links", title="Revoke the links of this contact", who=DECIDES,
        fields=Because, do=_revoke_links, button="Revoke them", grave=True, in_menu="/console/parties",
        words="Every link in messages to them opens nothing any more, and whoever came by one is out."),
)  # fmt: skip
