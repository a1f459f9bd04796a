"""Who did what; and the history of one case."""

from typing import Any

from sqlmodel import col, select

from actions.cast import NotThere
from actions.deeds import EVERYBODY, PEOPLE, deed_piece, deeds_of_case
from actions.pieces import From
from models.access import ConsoleUser
from models.history import CLOCK
from web.declaring import READS, Answer, Asked, Page
from web.paging import CSV_ROWS, PIECES, as_csv, links, start_of

MENU = "/console/access"
NARROWED = {
    "who": f"{PEOPLE} (unless you say otherwise), {EVERYBODY}, {CLOCK}, user:1, or a name as the history has it.",
    "case": "Such as review:1 or breach:7.",
}
COLUMNS = ("number", "at", "case", "seq", "name", "who", "what", "moved_from", "moved_to", "why", "hash")


def _who(asked: Asked) -> str:
    return asked.query.get("who", "").strip() or PEOPLE


def _people(asked: Asked) -> list[tuple[str, str]]:
    """Whom the list can be narrowed to; anybody else by an address that names them, as a row's link does."""
    users = asked.session.exec(select(ConsoleUser).order_by(col(ConsoleUser.name))).all()
    offered = [(PEOPLE, "Everybody but the clock"), (EVERYBODY, "Everybody and the clock"), (CLOCK, "The clock")]
    offered += [(f"user:{user.id}", f"{user.name} ({user.standing.value})") for user in users]
    if _who(asked) not in {value for value, _ in offered}:
        offered.append((_who(asked), _who(asked)[:80]))
    return offered


def _list(asked: Asked) -> dict[str, Any]:
    case = asked.query.get("case", "").strip() or None
    piece = deed_piece(asked.session, _who(asked), case, start_of(asked))
    return {
        "deeds": piece, "links": links(asked, piece, "/console/history.csv"), "people": _people(asked),
        "said": {"who": _who(asked), "case": case or ""},
    }  # fmt: skip


def _csv(asked: Asked) -> Answer:
    case = asked.query.get("case", "").strip() or None
    lines = deed_piece(asked.session, _who(asked), case, From(), CSV_ROWS).lines
    return as_csv("history.csv", COLUMNS, ([getattr(line, name) for name in COLUMNS] for line in lines))


def _case(asked: Asked) -> dict[str, Any]:
    """Raises NotThere for a case nothing has happened in."""
    case = asked.place["case"]
    found = deeds_of_case(asked.session, case)
    if not found:
        raise NotThere("Nothing has happened in a case of that name. Cases are named like review:1.")
    return {"case": case, "deeds": found}


PAGES = (
    Page(
        path="/console/history",
        title="Who did what",
        who=READS,
        read=_list,
        template="console/history.html",
        in_menu=MENU,
        filters=NARROWED | PIECES,
    ),
    Page(path="/console/history.csv", title="Who did what, as CSV", who=READS, read=_csv, api=False),
    Page(path="/console/history/{case}", title="History", who=READS, read=_case, template="console/history_case.html"),
)
