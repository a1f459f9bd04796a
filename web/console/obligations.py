"""What is owed: the list, and one duty with its ladder and what was said and done about it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from actions.cast import NotThere, party_named
from actions.duty_ladder import deeds_about, messages_about, rung_lines
from actions.duty_pages import Narrowed, duties_numbered, duty_numbered, duty_piece
from actions.listing import DutyLine
from actions.owing import delegate, extend, waive
from actions.party_pages import party_names
from actions.pieces import From
from models.obligation import Obligation, ObligationKind, Outcome
from web.console.on_behalf import page_on_behalf
from web.declaring import DECIDES, READS, Act, Answer, Asked, Done, Page
from web.fields import day, words
from web.paging import CSV_ROWS, PIECES, as_csv, links, start_of
from web.places import protocol_of
from web.wording import plain_day

MENU = "/console/obligations"
FILTERS = ("overdue", "due", "party", "kind", "case", "ended", "protocol")
KINDS = [("", "Everything"), *((kind.value, kind.value.capitalize()) for kind in ObligationKind)]
STATES = [
    ("", "All that is owed"), ("overdue", "Overdue"), ("due7", "Due in 7 days"), ("due30", "Due in 30 days"),
    ("ended", "Also what has ended"),
]  # fmt: skip
NARROWED = {
    "state": "One of overdue, due7, due30 and ended.", "overdue": "1: only what is late.",
    "due": "Only what is due within so many days.", "ended": "1: also what has ended.", "party": "Its short name.",
    "kind": f"One of {', '.join(ObligationKind)}.", "case": "Such as review:1 or breach:7.",
    "protocol": "Its short name.",
}  # fmt: skip
COLUMNS = (
    "number", "due_on", "due_at", "exact", "overdue", "kind", "what", "case", "party", "role", "address", "reachable",
    "outcome", "discharged_at", "discharged_by", "why", "asked_at",
)  # fmt: skip


class Extend(BaseModel):
    due_on: date = day("Until the end of which day?", missing="Enter the new last day", hint="For example, 30 4 2027")
    because: str = words(
        "Why?", missing="Say why there is more time", rows=3,
        hint="Everyone concerned is told this, word for word. Of a breach or a complaint it stays in the record.",
    )  # fmt: skip


class Waive(BaseModel):
    because: str = words(
        "Why does nobody have to do it any more?", missing="Say why nobody has to do it", rows=3,
        hint="Everyone concerned is told this, word for word. Of a breach or a complaint it stays in the record.",
    )  # fmt: skip


class Delegate(BaseModel):
    because: str = words("Why the deputy?", missing="Say why the deputy is asked", rows=3, hint="Both are told this.")


def narrowed(asked: Asked) -> Narrowed:
    """Raises NotThere where a party, a kind or a number is none."""
    said = asked.query
    of = protocol_of(asked) if said.get("protocol") or said.get("party") else None
    state = said.get("state", "")
    return Narrowed(
        protocol=of, party=party_named(asked.session, of, said["party"].strip()) if of and said.get("party") else None,
        kind=_kind(said.get("kind", "")), case=said.get("case", "").strip() or None,
        overdue=_is_yes(said, "overdue") or state == "overdue", ended=_is_yes(said, "ended") or state == "ended",
        due_days=_days(said.get("due") or (state.removeprefix("due") if state.startswith("due") else "")),
    )  # fmt: skip


def _is_yes(said: Any, name: str) -> bool:
    return said.get(name, "") in ("1", "yes", "true")


def _kind(text: str) -> ObligationKind | None:
    if text and text not in set(ObligationKind):
        raise NotThere(f"Nobody owes “{text[:40]}” here: choose one of the kinds that are offered.")
    return ObligationKind(text) if text else None


def _days(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 4):
        raise NotThere("Within how many days it is due is a whole number, such as 7.")
    return int(text)


def _list(asked: Asked) -> dict[str, Any]:
    said = {name: asked.query.get(name, "") for name in FILTERS} | {"state": _state(asked)}
    try:
        piece = duty_piece(asked.session, asked.now, narrowed(asked), start_of(asked))
    except NotThere as nothing:
        return {"obligations": None, "links": {}, "said": said, "kinds": KINDS, "states": STATES, "wrong": str(nothing)}
    return {
        "obligations": piece, "links": links(asked, piece, "/console/obligations.csv"), "said": said, "kinds": KINDS,
        "states": STATES, "wrong": "", "names": party_names(asked.session, [line.party for line in piece.lines]),
    }  # fmt: skip


def _state(asked: Asked) -> str:
    """What the list of states shows as chosen, also where a link says it in the other way."""
    if asked.query.get("state"):
        return asked.query["state"]
    if _is_yes(asked.query, "overdue"):
        return "overdue"
    if _is_yes(asked.query, "ended"):
        return "ended"
    return f"due{asked.query['due']}" if asked.query.get("due") else ""


def _csv(asked: Asked) -> Answer:
    piece = duty_piece(asked.session, asked.now, narrowed(asked), From(), CSV_ROWS)
    return as_csv("obligations.csv", COLUMNS, ([_cell(line, name) for name in COLUMNS] for line in piece.lines))


def _cell(line: DutyLine, column: str) -> object:
    """When Concordat asks again is no deadline, and stands in no column of deadlines."""
    return None if line.asked_at and column in ("due_on", "due_at") else getattr(line, column)


def _duty(asked: Asked) -> Obligation:
    return duty_numbered(asked.session, asked.place["obligation"])


def _one(asked: Asked) -> dict[str, Any]:
    duty = _duty(asked)
    [line] = duties_numbered(asked.session, asked.now, [asked.place["obligation"]])
    rungs = rung_lines(asked.session, duty)
    return {
        "duty": line, "names": party_names(asked.session, [line.party]), "opened_at": duty.opened_at,
        "rungs": rungs, "next_at": _next(duty, rungs),
        "messages": messages_about(asked.session, duty), "deeds": deeds_about(asked.session, duty),
        "on_behalf": page_on_behalf(line, duty.subject) if line.outcome is None else None,
    }  # fmt: skip


def _next(duty: Obligation, rungs: Sequence[Any]) -> datetime | None:
    return (
        None if duty.outcome else min((each.at for each in rungs if each.state == "to come" and each.at), default=None)
    )


def _before(asked: Asked, _given: Any) -> dict[str, Any]:
    [line] = duties_numbered(asked.session, asked.now, [_duty(asked).id or 0])
    return {"duty": line, "names": party_names(asked.session, [line.party])}


def _extend(asked: Asked, given: Extend) -> Done:
    duty = _duty(asked)
    extend(asked.session, asked.now, duty, given.due_on, asked.caller.by, given.because)
    return _done(duty, f"It is due on {plain_day(duty.due_on)} now, and everyone concerned is told.")


def _waive(asked: Asked, given: Waive) -> Done:
    duty = _duty(asked)
    waive(asked.session, asked.now, duty, asked.caller.by, given.because)
    return _done(duty, "Nobody has to do it any more, and everyone concerned is told.")


def _delegate(asked: Asked, given: Delegate) -> Done:
    duty = _duty(asked)
    delegate(asked.session, asked.now, duty, asked.caller.by, given.because)
    return _done(duty, "The deputy is asked instead, and both are told.")


def _done(duty: Obligation, sentence: str) -> Done:
    facts = {
        "obligation": duty.id, "case": duty.case, "due_on": duty.due_on, "due_at": duty.due_at, "exact": duty.exact,
        "outcome": duty.outcome.value if isinstance(duty.outcome, Outcome) else None,
    }  # fmt: skip
    return Done(sentence=sentence, to=f"{MENU}/{duty.id}", facts=facts)


PAGES = (
    Page(path=MENU, title="What is owed", who=READS, read=_list, template="console/obligations.html", in_menu=MENU,
         filters=NARROWED | PIECES),
    Page(path="/console/obligations.csv", title="What is owed, as CSV", who=READS, read=_csv, api=False),
    Page(path="/console/obligations/{obligation:int}", title="Owed", who=READS, read=_one,
         template="console/obligation.html", in_menu=MENU),
)  # fmt: skip
ACTS = (
    Act(path="/console/obligations/{obligation:int}/extend", title="Give more time", who=DECIDES, fields=Extend,
        do=_extend, button="Give more time", template="console/obligation_act.html", before=_before,
        command="obligation extend", in_menu=MENU),
    Act(path="/console/obligations/{obligation:int}/waive", title="Waive it", who=DECIDES, fields=Waive,
        do=_waive, grave=True, button="Waive it", template="console/obligation_act.html", before=_before,
        command="obligation waive", in_menu=MENU,
        words="Nobody has to do it any more. This is not an answer, and it cannot be taken back."),
    Act(path="/console/obligations/{obligation:int}/delegate", title="Ask the deputy instead", who=DECIDES,
        fields=Delegate, do=_delegate, button="Ask the deputy", template="console/obligation_act.html", before=_before,
        command="obligation delegate", in_menu=MENU,
        words="Reminders go to the deputy from now on; the deadline stays."),
)  # fmt: skip
