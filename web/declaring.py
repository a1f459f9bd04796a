"""What these pages are, as data: a page shows something, an act does something. Both say who may.

From one declaration follow the address, the HTML page, the form, the place in the API and in its document, who is let
in, and what every test walks. Areas (`web.public`, `web.reporting`, `web.parties`, `web.console`) hold nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session

from models.access import CONSOLE, Standing
from models.protocol import Protocol
from web.callers import Caller

Who = frozenset[Standing]

ANYBODY: Who = frozenset(Standing)
REPORTERS: Who = frozenset({Standing.REPORTER})
PARTIES: Who = frozenset({Standing.PARTY})
PARTIES_AND_ADVISER: Who = frozenset({Standing.PARTY, Standing.ADVISER})
ADVISERS: Who = frozenset({Standing.ADVISER})
READS: Who = frozenset(CONSOLE)  # the whole console reads
WORKS: Who = frozenset({Standing.SECRETARY, Standing.ASSISTANT})  # an assistant prepares and records
DECIDES: Who = frozenset({Standing.SECRETARY})  # what binds others, and who may come in


class Area(StrEnum):
    """Which cookie lets in; the first part of the address."""

    PUBLIC = "public"
    REPORT = "report"
    PARTY = "party"
    CONSOLE = "console"


@dataclass(frozen=True)
class Asked:
    """What a page or an act is given. `place` is what the address names (numbers are whole numbers already),
    `query` what stands behind its question mark, `sent` the form as it came, right or wrong, and `address` where from.
    """

    session: Session
    now: datetime
    caller: Caller
    place: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    sent: Mapping[str, list[Any]] = field(default_factory=dict)
    address: str = ""
    looked: Any = None
    declared: str = ""  # the page's or the form's path, as it is declared here

    @property
    def protocol(self) -> Protocol:
        """The caller's, or the one that the address names; see `protocol_of`. Raises NotThere, WhichProtocol."""
        from web.places import protocol_of

        return protocol_of(self)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Instead of a view: bytes of another kind (a calendar, CSV, PDF, SVG), told to be kept under `filename`."""

    content: bytes
    media_type: str
    filename: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)  # instead of the guard's own


@dataclass(frozen=True, kw_only=True)
class Done:
    """What an act answers. `sentence` is shown at `to`; `facts` are the API's; `wakes` is called after the commit
    and the answer; `goes`, after the commit, says where to go where only then it is known;
    `cookie` begins a session of the act's area, or (empty) ends it."""

    sentence: str
    to: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    wakes: Callable[[], Any] | None = None
    goes: Callable[[], str] | None = None
    cookie: str | None = None
    page: "Shown | None" = None  # shown at once, instead of going to `to`: what can be said this one time only
    form: "Act | None" = None  # this form is shown at once with what was sent: nothing has been kept


@dataclass(frozen=True, kw_only=True)
class Shown:
    template: str
    context: Mapping[str, Any]
    status: int = 200  # 422 where what was said is wrong, and that has been written down


@dataclass(frozen=True, kw_only=True)
class Page:
    """`read` only looks: it gets a session that cannot write. It answers the template's values (a mapping, or a
    dataclass, which the template knows as `view`), or an Answer."""

    path: str
    title: str
    who: Who
    read: Callable[[Asked], Any]
    template: str = ""
    api: bool = True  # console pages are in the API, unless their view is for people alone
    in_menu: str | None = None  # which item of the menu is lit
    view: type | None = None  # the dataclass or TypedDict that `read` answers, for the API's document
    filters: Mapping[str, str] = field(default_factory=dict)  # what `read` takes from `query`, and what each does


class Nothing(BaseModel):
    """An act without fields: pressing the button is all."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """Something that is done by a POST behind a page that says what will be done. `do` acts in one transaction, which
    is kept when it returns; a Refused is shown as a sentence with every answer kept.

    `path` is the page's address and the form's. `start` gives what the form holds at first; `choices` the options of
    fields that depend on what is known; `before` what the page says above the form (for `template`).
    `command` is the twin on the command line, such as "review open-signing", by which sentences find this page.
    With `preview`, a second button shows the page again with what `before` makes of the answers, and nothing is done.
    `look` is asked before the transaction begins, on a session that cannot write, for what takes long, such as a hash:
    on SQLite there is one writer at a time. What it answers is `asked.looked`.
    `aside` is asked first: the form of another act, shown with what was sent and without a word about errors (“Back”).
    """

    path: str
    title: str
    who: Who
    do: Callable[[Asked, Any], Done]
    fields: type[BaseModel] = Nothing
    button: str = "Continue"
    template: str = "act.html"
    before: Callable[[Asked, Any], Mapping[str, Any]] | None = None  # (asked, what has been given so far or None)
    start: Callable[[Asked], Mapping[str, Any]] | None = None
    choices: Callable[[Asked], Mapping[str, Sequence[tuple[str, str]]]] | None = None
    words: str = ""  # a sentence under the heading: what pressing the button does
    command: str | None = None
    preview: str | None = None
    look: "Callable[[Asked, Any], Any] | None" = None
    aside: "Callable[[Asked], Act | None] | None" = None
    keeps: bool = True  # False: nothing is written, so nobody's writing is waited for
    carries: Sequence[type[BaseModel]] = ()  # forms of other pages, whose answers travel in this one
    grave: bool = False  # the button warns
    api: bool = True
    in_menu: str | None = None
    title_of: Callable[[Asked], str] | None = None  # where the heading names what it is about


def area_of(path: str) -> Area:
    first = path.strip("/").partition("/")[0]
    return Area(first) if first in (Area.REPORT, Area.PARTY, Area.CONSOLE) else Area.PUBLIC


def api_path(path: str) -> str | None:
    """`/console/reviews/{review_id}` is `/api/reviews/{review_id}` to a program; other areas are for people."""
    return "/api" + path.removeprefix("/console") if area_of(path) is Area.CONSOLE and path != "/console" else None
