"""The automatic runs: what Prefect says of the last ones, the clock's signs of life, and one that is started now."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session, col, select

from actions.cast import NotThere
from actions.complaints.complaint_lines import Wanted, complaint_lines
from actions.overview import review_lines
from actions.watching import LATE_AFTER, sweep_is_late
from models.breach import Breach
from models.complaint import Complaint
from models.outbox import Heartbeat
from models.review import Review
from rules.errors import Refused
from web.console.runs_words import FLOWS, flow_said
from web.declaring import READS, WORKS, Act, Asked, Done, Page
from web.fields import choice
from web.places import protocol_if_one
from web.runs import latest_runs, run_of
from web.waking import prefect_api, start

MENU = "/console/runs"
NOBODY = f"{MENU}?started=no"
RUN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
STARTED_BY_HAND = ("sweep", "delivery", "nightly", "complaint-paper")
UNKNOWN = (
    "Nothing runs here that could begin at once: no Prefect server is known. Whoever looks after Concordat starts it "
    "with “concordat up”; the next sweep then does whatever is due."
)
CASES: dict[str, tuple[Any, str, str]] = {
    "review": (Review, "annual-review", "review_id"),
    "breach": (Breach, "breach-follow-up", "breach_id"),
    "complaint": (Complaint, "complaint-analysis", "complaint_id"),
}


class NobodyRuns(Refused):
    def __init__(self) -> None:
        super().__init__(UNKNOWN)


class Which(BaseModel):
    flow: str = choice(
        "Which run do you want to start?",
        [(name, FLOWS[name][0], FLOWS[name][1]) for name in STARTED_BY_HAND],
        missing="Choose a run",
    )


def _read(asked: Asked) -> dict[str, Any]:
    """`runs` None: Prefect cannot be asked, or none is known."""
    known = prefect_api() is not None
    return {
        "known": known, "runs": latest_runs() if known else None, "unknown": UNKNOWN,
        "names": {name: said for name, (said, _) in FLOWS.items()},
        "beats": _beats(asked.session), "late": sweep_is_late(asked.session, asked.now),
        "late_after": int(LATE_AFTER.total_seconds() // 60), "not_started": asked.query.get("started") == "no",
        "cases": _open_cases(asked),
    }  # fmt: skip


def _beats(session: Session) -> list[dict[str, Any]]:
    rows = session.exec(select(Heartbeat).order_by(col(Heartbeat.name)))
    return [
        {"name": each.name, "began_at": each.began_at, "ended_at": each.ended_at, "alarmed_at": each.alarmed_at}
        for each in rows
    ]


def _open_cases(asked: Asked) -> list[str]:
    """“review:1”: what a flow of its own could be started for."""
    session, protocol = asked.session, protocol_if_one(asked)
    reviews = [f"review:{each.id}" for each in review_lines(session, asked.now, protocol) if each.ended_at is None]
    statement = select(Breach.id).where(col(Breach.ended_at).is_(None))
    if protocol is not None:
        statement = statement.where(Breach.protocol_id == protocol.id)
    breaches = [f"breach:{number}" for number in session.exec(statement.order_by(col(Breach.id)))]
    complaints = complaint_lines(session, asked.now, protocol, Wanted(ended=False))
    return [*reviews, *breaches, *(f"complaint:{each.number}" for each in complaints)]


def _show(asked: Asked) -> dict[str, Any]:
    """One run. Raises NotThere for what is no run's number."""
    number = asked.place["run"]
    if not RUN.fullmatch(number):
        raise NotThere("There is no such run.")
    found = run_of(number)
    said = flow_said(found.deployment) if found else ""
    return {
        "title": said or "A run",
        "run": found,
        "number": number,
        "unknown": UNKNOWN,
        "known": prefect_api() is not None,
    }


def _to(deployment: str, **parameters: int) -> Callable[[], str]:
    """Called after the commit."""

    def goes() -> str:
        number = start(deployment, **parameters)
        return f"{MENU}/{number}" if number is not None and RUN.fullmatch(number) else NOBODY

    return goes


def _start(_asked: Asked, given: Which) -> Done:
    _require_prefect()
    return Done(sentence="", to=MENU, goes=_to(given.flow))


def _require_prefect() -> None:
    """Raises NobodyRuns."""
    if prefect_api() is None:
        raise NobodyRuns


def _start_case(kind: str, asked: Asked, _given: object) -> Done:
    table, deployment, parameter = CASES[kind]
    number = asked.place[kind]
    if asked.session.get(table, number) is None:
        raise NotThere(f"There is no {kind} {number}.")
    _require_prefect()
    return Done(sentence="", to=MENU, goes=_to(deployment, **{parameter: number}))


def _title_of(kind: str, asked: Asked) -> str:
    return f"Start the run of {kind} {asked.place[kind]}"


PAGES = (
    Page(path=MENU, title="Automatic runs", who=READS, read=_read, template="console/runs.html", in_menu=MENU),
    Page(path=f"{MENU}/{{run}}", title="A run", who=READS, read=_show, template="console/run.html", in_menu=MENU),
)  # fmt: skip
ACTS = (
    Act(path=f"{MENU}/start/flow", title="Start a run now", who=WORKS, fields=Which, do=_start, button="Start it",
        in_menu=MENU, words="They run by themselves: this only saves waiting. A run does what is due, then stops; to "
        "start one twice does nothing twice."),
    *(
        Act(path=f"{MENU}/start/{kind}/{{{kind}:int}}", title=f"Start the run of a {kind}", who=WORKS,
            do=partial(_start_case, kind), title_of=partial(_title_of, kind), button="Start it", in_menu=MENU,
            words="Every step that is due is taken now, instead of at the next sweep within minutes.")
        for kind in CASES
    ),
)  # fmt: skip
