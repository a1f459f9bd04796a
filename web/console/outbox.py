"""The outbox: what was said to whom, and what became of it."""

from typing import Any

from actions.cast import NotThere, party_named
from actions.message_pages import message_piece
from actions.overview import outbox_counts
from actions.pieces import From, Piece
from models.outbox import Delivery
from web.declaring import READS, Answer, Asked, Page
from web.paging import CSV_ROWS, PIECES, as_csv, links, start_of

MENU = "/console/outbox"
BOUNCED = "bounced"
STATES = [*(state.value for state in Delivery), BOUNCED]
NARROWED = {"state": f"One of {', '.join(STATES)}.", "case": "Such as review:1.", "party": "Its short name."}
COLUMNS = (
    "number", "state", "subject", "address", "case", "kind", "queued_at", "settled_at", "attempts", "answer",
    "copy_possible_since", "bounced_at",
)  # fmt: skip


def _piece(asked: Asked, start: From, size: int = 50) -> Piece[Any]:
    """Raises NotThere for a state or a party that is none."""
    said = asked.query.get("state", "").replace("-", " ").replace("_", " ")
    if said and said not in STATES:
        raise NotThere(f"No message is “{said[:40]}”: choose one of {', '.join(STATES)}.")
    party = asked.query.get("party", "").strip()
    return message_piece(
        asked.session, Delivery(said) if said and said != BOUNCED else None,
        asked.query.get("case", "").strip() or None, start, bounced=said == BOUNCED, size=size,
        party=party_named(asked.session, asked.protocol, party) if party else None,
    )  # fmt: skip


def _list(asked: Asked) -> dict[str, Any]:
    said = {name: asked.query.get(name, "") for name in ("state", "case", "party")}
    counts = outbox_counts(asked.session)
    numbers = [(state, getattr(counts, state.replace(" ", "_"))) for state in STATES]
    shown = {"counts": counts, "numbers": numbers, "said": said}
    try:
        piece = _piece(asked, start_of(asked))
    except NotThere as nothing:
        return shown | {"messages": None, "links": {}, "wrong": str(nothing)}
    return shown | {"messages": piece, "links": links(asked, piece, "/console/outbox.csv"), "wrong": ""}


def _csv(asked: Asked) -> Answer:
    lines = _piece(asked, From(), CSV_ROWS).lines
    return as_csv("outbox.csv", COLUMNS, ([getattr(line, name) for name in COLUMNS] for line in lines))


PAGES = (
    Page(path=MENU, title="Outbox", who=READS, read=_list, template="console/outbox.html", in_menu=MENU,
         filters=NARROWED | PIECES),
    Page(path="/console/outbox.csv", title="The outbox, as CSV", who=READS, read=_csv, api=False),
)  # fmt: skip
