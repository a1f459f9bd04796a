"""Breaches one below the other: what is overdue first, then the next of the law's instants. Filters are the address."""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from sqlmodel import col, select

from actions.breaches.breach_lines import breach_lines
from actions.breaches.shown import BreachLine
from models.protocol import Party
from rules.breach import Stage
from rules.instants import LONDON, local_day
from web.console.breach_acts import MENU
from web.declaring import READS, Answer, Asked, Page

OPEN, CLOSED, EVERY = "open", "closed", "all"
STATES = ((OPEN, "Open"), (CLOSED, "Closed"), (EVERY, "Open and closed"))
HEADINGS = (
    "Breach", "Protocol", "Stage", "Outcome", "Reported", "Closed", "Parties", "Owed", "Overdue",
    "Next limit of the law", "Time left", "Party of that limit", "Not known yet since when aware",
)  # fmt: skip
KEPT = ("state", "stage", "party", "protocol")
LATEST = datetime.max.replace(tzinfo=UTC)
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _read(asked: Asked) -> dict[str, object]:
    chosen = _chosen(asked.query)
    return {
        "breaches": _lines(asked, chosen), "chosen": chosen, "states": STATES,
        "stages": tuple(each.value for each in Stage),
        "parties": _parties(asked), "asked_for": _address({**asked.query, **chosen}),
    }  # fmt: skip


def _chosen(query: Mapping[str, str]) -> dict[str, str]:
    """What is not among the answers chooses nothing."""
    state, stage, party = (query.get(name, "") for name in ("state", "stage", "party"))
    return {
        "state": state if state in (OPEN, CLOSED, EVERY) else OPEN,
        "stage": stage if stage in set(Stage) else "",
        "party": party if party.replace("-", "").isalnum() and len(party) <= 200 else "",
    }


def _address(chosen: Mapping[str, str]) -> str:
    return urlencode({name: chosen[name] for name in KEPT if chosen.get(name)})


def _lines(asked: Asked, chosen: Mapping[str, str]) -> list[BreachLine]:
    of = asked.protocol if "protocol" in asked.query else None
    lines = breach_lines(asked.session, asked.now, of, ended=chosen["state"] != OPEN)
    return sorted((each for each in lines if _is_chosen(each, chosen)), key=_urgency)


def _is_chosen(line: BreachLine, chosen: Mapping[str, str]) -> bool:
    if chosen["state"] == CLOSED and line.stage != Stage.CLOSED:
        return False
    if chosen["stage"] and line.stage != chosen["stage"]:
        return False
    return not chosen["party"] or chosen["party"] in line.parties


def _urgency(line: BreachLine) -> tuple[bool, bool, datetime, int]:
    """What is overdue by law, then what is otherwise, then the nearest limit; of the rest the newest."""
    of = line.next_statutory
    return not (of and of.overdue), not line.overdue, of.due_at if of else LATEST, -line.number


def _parties(asked: Asked) -> list[tuple[str, str]]:
    rows = asked.session.exec(select(Party.slug, Party.name).order_by(col(Party.name))).all()
    return [(slug, name) for slug, name in dict(rows).items()]


def _csv(asked: Asked) -> Answer:
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(HEADINGS)
    rows.writerows([harmless(cell) for cell in _row(line)] for line in _lines(asked, _chosen(asked.query)))
    name = f"breaches-{local_day(asked.now, LONDON).isoformat()}.csv"
    return Answer(content=written.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", filename=name)


def _row(line: BreachLine) -> Iterator[Any]:
    of = line.next_statutory
    yield from (line.number, line.protocol, line.stage, line.outcome, _at(line.reported_at), _at(line.ended_at))
    yield from ("; ".join(line.parties), line.owed, line.overdue)
    yield from (_at(of.due_at), of.left, of.party) if of else ("", "", "")
    yield "; ".join(line.not_aware)


def _at(moment: datetime | None) -> str:
    return moment.astimezone(LONDON).isoformat(timespec="minutes") if moment else ""


def harmless(cell: Any) -> Any:
    """A program for tables takes what begins so for a formula (OWASP, CSV injection)."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


PAGES = (
    Page(path="/console/breaches", title="Breaches", who=READS, read=_read, template="console/breaches.html",
         in_menu=MENU),
    Page(path="/console/breaches.csv", title="Breaches, as a table for programs", who=READS, read=_csv, in_menu=MENU),
)  # fmt: skip
