"""Links and codes in messages. The outbox keeps a sign in their place, and so does every page that shows a message:
only the bytes that travel hold them, so that nobody who may read the record can act as somebody else."""

import re
from collections.abc import Mapping
from functools import lru_cache

from models.secret_key import digits, token
from notifications.outgoing import Addressed
from settings import settings

PARTY_LINK = "party-link"
SIGN_IN_LINK = "sign-in"
SIGNING_CODE = "signing-code"

OWN_PAGE = "⟦own-page⟧"
CONSOLE_PAGE = "⟦console-page⟧"
SIGN_IN = "⟦sign-in⟧"
CODE = "⟦code⟧"

SIGN = re.compile("⟦[a-z-]+⟧")

IN_WORDS = {
    OWN_PAGE: "[the recipient’s own link, which is shown to nobody else]",
    SIGN_IN: "[a link that signs in, which is shown to nobody else]",
    CODE: "[a code, which is shown to nobody else]",
}
CONSOLE_FOLDERS = {"review": "reviews", "breach": "breaches", "complaint": "complaints", "gap": "gaps"}


def filled(row: Addressed, words: str) -> str:
    """A part of the message as its recipient reads it. A sign that somebody wrote into a text of theirs means nothing
    but in the message that is made for it."""
    return with_signs(words, signs_of(row)) if "⟦" in words else words


def hidden(row: Addressed, words: str) -> str:
    """The same as everybody else may read it."""
    return with_signs(words, IN_WORDS | {CONSOLE_PAGE: console_page(row)}) if "⟦" in words else words


def signs_of(row: Addressed) -> dict[str, str]:
    """What stands for each sign in this message."""
    match row.kind:
        case "sign_in_link":
            secrets = {SIGN_IN: _sign_in(row)}
        case "signing_code_sent":
            secrets = {CODE: _code(row), OWN_PAGE: own_page(row)}
        case _:
            secrets = {OWN_PAGE: own_page(row)}
    return secrets | {CONSOLE_PAGE: console_page(row)}


def with_signs(words: str, signs: Mapping[str, str]) -> str:
    return SIGN.sub(lambda found: signs.get(found[0], found[0]), words)


def own_page(row: Addressed) -> str:
    assert row.id is not None
    return f"{settings().pages_url}/p/{row.id}-{token(PARTY_LINK, row.id, whose(row))}"


def whose(row: Addressed) -> str:
    """Rewritten to another address, it is another link: a copy at the old address opens nothing."""
    return f"{row.contact_id}:{row.address}:{row.message_id}"


def console_page(row: Addressed) -> str:
    return f"{settings().pages_url}{page_of_case(row.case)}"


@lru_cache(maxsize=256)
def page_of_case(case: str) -> str:
    """Where the console shows a case such as `review:12`; its first page for any other."""
    kind, _, number = case.partition(":")
    folder = CONSOLE_FOLDERS.get(kind)
    return f"/console/{folder}/{number}" if folder and number.isdecimal() else "/console"


def _sign_in(row: Addressed) -> str:
    number, mark = _used_up(row)
    return f"{settings().pages_url}/sign-in/{number}-{token(SIGN_IN_LINK, number, mark)}"


def _code(row: Addressed) -> str:
    return digits(SIGNING_CODE, *_used_up(row))


def _used_up(row: Addressed) -> tuple[int, str]:
    """`sign-in:5:1f…`, `signing-code:7:9a…`: the row that is used up, and its mark."""
    _, number, mark = row.key.split(":")
    return int(number), mark
