"""The law the protocol rests on: the register, and each Act with its changes and the clauses that these mark."""

from typing import Any

from actions.law.marks import change_numbered
from actions.law.register import RegisteredAct, act_in_register, register_of
from web.console.reviews import of_protocol
from web.declaring import READS, Asked, Page

MENU = "/console/reviews"
LIST = "/console/legislation"


def _list(asked: Asked) -> dict[str, Any]:
    acts = register_of(asked.session, asked.protocol)
    return {"acts": acts, "of": of_protocol(asked, asked.protocol), "waiting": sum(act.marked for act in acts)}


def act_of(asked: Asked) -> RegisteredAct:
    """By its key, its title, or (`change-7`) one of its changes: an Act that is not listed has no key."""
    name = str(asked.place["key"])
    kind, _, number = name.partition("-")
    if kind == "change" and number.isascii() and number.isdecimal() and len(number) < 10:
        name = change_numbered(asked.session, asked.protocol, int(number)).act
    return act_in_register(asked.session, asked.protocol, name)


def _show(asked: Asked) -> dict[str, Any]:
    act = act_of(asked)
    return {"title": act.title, "act_row": act, "of": of_protocol(asked, asked.protocol)}


PAGES = (
    Page(path=LIST, title="The law the protocol rests on", who=READS, read=_list, in_menu=MENU,
         template="console/legislation.html"),
    Page(path="/console/legislation/acts/{key}", title="Legislation", who=READS, read=_show, in_menu=MENU,
         template="console/legislation_act.html"),
)  # fmt: skip
