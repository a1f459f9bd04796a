"""Complaints one below the other; the filters are in the address, and the same list is there as CSV."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from actions.cast import NotThere, party_named, protocol_named
from actions.complaints.complaint_lines import Wanted, complaint_lines
from actions.complaints.shown import ComplaintLine
from actions.overview import loaded_protocols
from models.protocol import Protocol
from rules.complaint import ComplaintKind, Stage
from rules.texts import shown
from web.console.complaint_places import KIND_WORDS, MENU, parties_of
from web.console.complaint_sheet import PART, address, sheet, turned
from web.declaring import READS, Answer, Asked, Page

CSV = "/console/complaints.csv"
OPEN, ALL, OVERDUE = "open", "all", "overdue"
SHOW = ((OPEN, "Open"), (OVERDUE, "Overdue: something in it is late"), (ALL, "All, also closed"))
NARROWED = {
    "show": f"One of {', '.join(dict(SHOW))}.", "kind": f"One of {', '.join(ComplaintKind)}.",
    "party": "Which it is about.", "stage": f"One of {', '.join(Stage)}.", "clause": "Which was found to be touched.",
    "protocol": "Its short name.",
}  # fmt: skip
HEADS = (
    "Number", "Kind", "About", "Answered by", "Stage", "Outcome", "Found", "Clauses", "Received", "Owed", "Overdue",
    "Next due", "Acknowledged late", "Ended",
)  # fmt: skip

Value = TypeVar("Value", bound=StrEnum)


def lines_of(asked: Asked) -> Sequence[ComplaintLine]:
    """As the address asks for them, the newest first. Raises NotThere."""
    which, query = asked.query.get("show") or OPEN, asked.query
    if which not in dict(SHOW):
        raise NotThere(f"Complaints are shown as {', '.join(dict(SHOW))}: there is no “{shown(which)}”.")
    party, clause = query.get("party"), query.get("clause")
    protocol = _protocol(asked, needed=bool(party or clause))
    wanted = Wanted(
        stage=_one(Stage, query.get("stage")), kind=_one(ComplaintKind, query.get("kind")),
        party=party_named(asked.session, protocol, party) if protocol and party else None, clause=clause or None,
        ended=which != OPEN,
    )  # fmt: skip
    lines = complaint_lines(asked.session, asked.now, protocol, wanted)
    return [line for line in reversed(lines) if which != OVERDUE or line.overdue]


def _protocol(asked: Asked, *, needed: bool) -> Protocol | None:
    named = asked.query.get("protocol")
    if named:
        return protocol_named(asked.session, named)
    return asked.protocol if needed else None


def _one(kind: type[Value], said: str | None) -> Value | None:
    if not said:
        return None
    try:
        return kind(said)
    except ValueError:
        raise NotThere(f"There is no “{shown(said)}” among {', '.join(each.value for each in kind)}.") from None


def _read(asked: Asked) -> dict[str, object]:
    lines, part = turned(lines_of(asked), asked.query, MENU)
    filters = {name: asked.query.get(name, "") for name in ("show", "kind", "party", "stage", "clause", "protocol")}
    return {
        "lines": lines, "part": part, "filters": filters, "parties": parties_of(asked), "kinds": KIND_WORDS,
        "shows": SHOW, "sheet": address(CSV, filters), "protocols": len(loaded_protocols(asked.session)),
    }  # fmt: skip


def _sheet(asked: Asked) -> Answer:
    rows = [
        (
            line.number, line.kind, line.party, line.handler or "secretary", line.stage, line.outcome, line.result,
            "; ".join(line.clauses), line.received_at, line.owed, line.overdue, line.next_due_on, line.late,
            line.ended_at,
        )
        for line in lines_of(asked)
    ]  # fmt: skip
    return sheet("complaints.csv", HEADS, rows)


PAGES = (
    Page(path=MENU, title="Complaints", who=READS, read=_read, template="console/complaint_list.html", in_menu=MENU,
         filters=NARROWED | PART),
    Page(path=CSV, title="Complaints as CSV", who=READS, read=_sheet, filters=NARROWED),
)  # fmt: skip
