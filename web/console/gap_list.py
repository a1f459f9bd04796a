"""Gaps: where the protocol itself is wanting, the urgent ones first."""

from collections.abc import Sequence

from sqlmodel import col, select

from actions.cast import NotThere, protocol_named
from actions.gaps.keeping import GapView, gap_views
from models.gap import Gap
from rules.gap import WAITING
from rules.texts import shown
from web.console.complaint_places import parties_of
from web.console.complaint_sheet import PART, address, sheet, turned
from web.declaring import READS, Answer, Asked, Page

MENU = "/console/gaps"
CSV = "/console/gaps.csv"
SHOW = (("waiting", "Waiting for a review"), ("urgent", "Urgent, and waiting"), ("all", "All, also resolved or closed"))
NARROWED = {
    "show": f"One of {', '.join(dict(SHOW))}.", "clause": "The clause it is about.", "owner": "A party, or secretary.",
    "protocol": "Its short name.",
}  # fmt: skip
HEADS = (
    "Gap", "Clause", "What is wanting", "Stage", "Urgent", "Owner", "Origins", "Proposals", "Opened", "Opened by",
    "Resolved in", "Closed", "Closed because",
)  # fmt: skip


def views_of(asked: Asked) -> Sequence[GapView]:
    """As the address asks for them. Raises NotThere."""
    which, query = asked.query.get("show") or "waiting", asked.query
    if which not in dict(SHOW):
        raise NotThere(f"Gaps are shown as {', '.join(dict(SHOW))}: there is no “{shown(which)}”.")
    statement = select(Gap).order_by(col(Gap.urgent).desc(), col(Gap.id))
    if query.get("protocol"):
        statement = statement.where(Gap.protocol_id == protocol_named(asked.session, query["protocol"]).id)
    if which != "all":
        statement = statement.where(col(Gap.stage).in_(WAITING))
    if which == "urgent":
        statement = statement.where(col(Gap.urgent))
    views = gap_views(asked.session, asked.session.exec(statement).all())
    clause, owner = query.get("clause"), query.get("owner")
    return [
        view for view in views if clause in (None, "", view.clause) and owner in (None, "", view.owner or "secretary")
    ]


def _read(asked: Asked) -> dict[str, object]:
    gaps, part = turned(views_of(asked), asked.query, MENU)
    filters = {name: asked.query.get(name, "") for name in ("show", "clause", "owner", "protocol")}
    return {
        "gaps": gaps, "part": part, "filters": filters, "shows": SHOW, "parties": parties_of(asked),
        "sheet": address(CSV, filters),
    }  # fmt: skip


def _sheet(asked: Asked) -> Answer:
    rows = [
        (
            view.id, view.clause, view.words, view.state, view.urgent, view.owner or "secretary",
            "; ".join(view.origins), "; ".join(map(str, view.proposals)), view.opened_at, view.opened_by,
            view.resolved_in, view.closed_at, view.closed_because,
        )
        for view in views_of(asked)
    ]  # fmt: skip
    return sheet("gaps.csv", HEADS, rows)


PAGES = (
    Page(path=MENU, title="Gaps", who=READS, read=_read, template="console/gap_list.html", in_menu=MENU,
         filters=NARROWED | PART),
    Page(path=CSV, title="Gaps as CSV", who=READS, read=_sheet, filters=NARROWED),
)  # fmt: skip
