"""Reviews: the list, and one of them with everything that is known of it."""

from collections.abc import Sequence

from actions.first_page_reviews import reminders_of
from actions.gaps.keeping import GapView, gap_views, open_gaps
from actions.moving import review_in
from actions.overview import ReviewLine, loaded_protocols, review_lines
from actions.policy import who_confirms
from actions.review_overview import ReviewView, review_named, review_view
from models.obligation import ObligationKind
from models.protocol import Protocol
from models.review import Review
from rules.review import JOINABLE, Stage
from web.console.proposals_heard import heard_on
from web.console.reviews_csv import as_csv
from web.console.reviews_offers import offers, waits
from web.declaring import READS, Answer, Asked, Page

MENU = "/console/reviews"
SHOWN = 200  # parties in one table; the filter in the address finds the others
COLUMNS = ("id", "protocol", "kind", "stage", "review_on", "opens_at", "due_on", "answered", "parties", "ended_at")


def of_protocol(asked: Asked, protocol: Protocol) -> str:
    """What an address needs besides, where several protocols are loaded."""
    return f"?protocol={protocol.slug}" if len(loaded_protocols(asked.session)) > 1 else ""


def _list(asked: Asked) -> dict[str, object] | Answer:
    lines = review_lines(asked.session, asked.now, asked.protocol if asked.query.get("protocol") else None)
    shown = _filtered(lines, asked.query.get("state", ""))
    if asked.query.get("as") == "csv":
        return as_csv("reviews.csv", COLUMNS, shown)
    protocols = [protocol.slug for protocol in loaded_protocols(asked.session)]
    joinable = [line for line in lines if line.ended_at is None and line.stage not in ("scheduled", "signing")]
    return {
        "reviews": shown[::-1], "protocols": protocols, "state": asked.query.get("state", ""),
        "protocol": asked.query.get("protocol", ""), "going_on": bool(joinable),
        "scheduled": any(line.stage == "scheduled" for line in lines),
    }  # fmt: skip


def _filtered(lines: Sequence[ReviewLine], state: str) -> Sequence[ReviewLine]:
    match state:
        case "open":
            return [line for line in lines if line.ended_at is None]
        case "ended":
            return [line for line in lines if line.ended_at is not None]
        case _:
            return lines


def _show(asked: Asked) -> dict[str, object]:
    review = review_named(asked.session, asked.place["review"])
    view = review_view(asked.session, asked.now, asked.place["review"])
    protocol = asked.session.get_one(Protocol, review.protocol_id)
    proposals = [line for line in view.proposals if asked.query.get("clause") in (None, "", line.clause)]
    of, kinds = of_protocol(asked, protocol), (ObligationKind.FEEDBACK, ObligationKind.SIGNATURE)
    return {
        "title": f"Review {view.review.id}: {view.review.stage_said}", "view": view,
        "offers": offers(view, asked.caller.standing, of), "of": of,
        "answers": [answer for answer in view.answers if _wanted(asked, answer.standing.value)],
        "standings": sorted({answer.standing.value for answer in view.answers}),
        "standing": asked.query.get("standing", ""), "clause": asked.query.get("clause", ""),
        "proposals": proposals, "heard": {line.number: heard_on(asked.session, line) for line in proposals},
        "waiting": {answer.party for answer in view.answers if waits(answer)},
        "reminders": reminders_of(asked.session, review, *kinds), "shown": SHOWN, "may": _may(view),
        "confirms": who_confirms(protocol) is not None,
        "agenda": view.agenda or _agenda_ahead(asked, review, protocol),
    }  # fmt: skip


def _agenda_ahead(asked: Asked, review: Review, protocol: Protocol) -> Sequence[GapView]:
    """Of the review that is scheduled: the gaps that it will begin with, unless one that is open takes them up."""
    if review.stage is not Stage.SCHEDULED or review_in(asked.session, protocol, *JOINABLE):
        return ()
    return gap_views(asked.session, open_gaps(asked.session, protocol))


def _wanted(asked: Asked, standing: str) -> bool:
    wanted = asked.query.get("standing", "")
    return not wanted or standing == wanted or (wanted == "answered" and standing.startswith("answered"))


def _may(view: ReviewView) -> dict[str, bool]:
    """Which of the acts on a party or a proposal the stage allows."""
    stage = Stage(view.review.stage)
    return {
        "take_feedback": stage in (Stage.COLLECTING, Stage.DRAFTING),
        "sort": stage is Stage.DRAFTING,
        "advise": stage in (Stage.DRAFTING, Stage.ADVISING),
        "decide": stage is Stage.DECIDING,
        "name_answers": stage in (Stage.COLLECTING, Stage.DRAFTING, Stage.ADVISING, Stage.DECIDING),
        "sign": view.version is not None,
        "confirm": stage is Stage.ADOPTED,
    }


PAGES = (
    Page(path="/console/reviews", title="Reviews", who=READS, read=_list, template="console/reviews.html",
         in_menu=MENU),
    Page(path="/console/reviews/{review:int}", title="Review", who=READS, read=_show, template="console/review.html",
         in_menu=MENU),
)  # fmt: skip
