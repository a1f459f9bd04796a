"""The secretary's list: what a person must look at, and what came of it."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session, col, func, select

from actions.cast import NotThere
from actions.matters_listed import ListedMatter, listed
from actions.overview import loaded_protocols
from actions.resolving import close_by_hand
from models.protocol import Matter, MatterKind, Protocol
from web.console.reviews_csv import as_csv
from web.declaring import READS, WORKS, Act, Answer, Asked, Done, Page
from web.fields import words

MENU = "/console"
SHOWN = 100
COLUMNS = ("number", "protocol", "kind", "sentence", "todo", "source", "opened_at")


class Outcome(BaseModel):
    because: str = words(
        "What came of it?", missing="Say what came of it", rows=3, longest=500,
        hint="History keeps it. It is not sent to anybody.",
    )  # fmt: skip


def _read(asked: Asked) -> dict[str, object] | Answer:
    found, start = _wanted(asked), _start(asked)
    if asked.query.get("as") == "csv":
        return as_csv("matters.csv", COLUMNS, _lines(asked, found))
    return {
        "matters": _lines(asked, found.offset(start).limit(SHOWN)), "start": start, "shown": SHOWN,
        "found": asked.session.exec(select(func.count()).select_from(found.subquery())).one(),
        "kinds": sorted({str(kind) for kind in MatterKind}),
        "protocols": [protocol.slug for protocol in loaded_protocols(asked.session)],
        "kind": asked.query.get("kind", ""), "protocol": asked.query.get("protocol", ""),
    }  # fmt: skip


def _start(asked: Asked) -> int:
    said = asked.query.get("from", "0")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 7 else 0


def _wanted(asked: Asked) -> Any:
    """What is open, oldest first, as the address filters it."""
    statement = select(Matter.id).join(Protocol, col(Protocol.id) == Matter.protocol_id)
    statement = statement.where(col(Matter.closed_at).is_(None))
    if wanted := asked.query.get("protocol"):
        statement = statement.where(Protocol.slug == wanted)
    if (kind := asked.query.get("kind")) and kind in set(MatterKind):
        statement = statement.where(Matter.kind == MatterKind(kind))
    return statement.order_by(col(Matter.id))


def _lines(asked: Asked, wanted: Any) -> list[ListedMatter]:
    statement = select(Matter, Protocol.slug).join(Protocol, col(Protocol.id) == Matter.protocol_id)
    chosen = statement.where(col(Matter.id).in_(wanted)).order_by(col(Matter.id))
    return listed(asked.session, asked.session.exec(chosen))


def _matter(session: Session, number: int) -> Matter:
    found = session.get(Matter, number)
    if found is None:
        raise NotThere(f"There is no matter {number}.")
    return found


def about_matter(asked: Asked, _given: object) -> Mapping[str, Any]:
    matter = _matter(asked.session, asked.place["matter"])
    [line] = listed(asked.session, [(matter, "")])
    return {"matter": line, "closed": matter.outcome if matter.closed_at else None}


def _close(asked: Asked, given: Outcome) -> Done:
    closed = close_by_hand(asked.session, asked.now, asked.place["matter"], asked.caller.by, given.because)
    return Done(
        sentence=f"Off the list: {closed.sentence}", to="/console/matters",
        facts={"matter": closed.id, "outcome": closed.outcome},
    )  # fmt: skip


PAGES = (
    Page(path="/console/matters", title="Your list", who=READS, read=_read, template="console/matters.html",
         in_menu=MENU),
)  # fmt: skip
ACTS = (
    Act(path="/console/matters/{matter:int}/close", title="Take this off the list", who=WORKS, fields=Outcome,
        do=_close, button="Take it off the list", before=about_matter, template="console/matters_close.html",
        command="matter close", in_menu=MENU),
)  # fmt: skip
