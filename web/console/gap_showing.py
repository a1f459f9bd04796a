"""One gap: where it comes from, who looks after it, what answers it, and what can be done next."""

from collections.abc import Iterator

from sqlmodel import Session

from actions.cast import NotThere
from actions.gaps.keeping import GapView, gap_view
from actions.moving import review_in
from models.gap import Gap
from models.protocol import Protocol
from rules.gap import WAITING, Stage, as_state
from rules.review import JOINABLE
from web.commands import page_of_command
from web.console.complaint_places import parties_of
from web.console.complaint_steps import StepTo, next_steps
from web.console.gap_list import MENU
from web.declaring import READS, Asked, Page


def gap_of(asked: Asked) -> Gap:
    """Raises NotThere."""
    found = asked.session.get(Gap, asked.place["gap"])
    if found is None:
        raise NotThere(f"There is no gap {asked.place['gap']}: see `concordat gap list`.")
    return found


def agenda_of(session: Session, gap: Gap) -> int | None:
    """Which review has it on its agenda now."""
    open_now = review_in(session, session.get_one(Protocol, gap.protocol_id), *JOINABLE)
    return open_now.id if open_now is not None and gap.stage in WAITING else None


def _commands(view: GapView, review: int | None) -> Iterator[str]:
    """What comes next first."""
    if view.proposals:
        yield f"proposal show {view.proposals[-1]}"
    if view.state in WAITING:
        if review is not None:
            yield f"proposal add {review} --answers gap:{view.id}"
        yield from (f"gap {name} {view.id}" for name in _of_waiting(view, review))
    else:
        yield f"gap reopen {view.id}"


def _of_waiting(view: GapView, review: int | None) -> Iterator[str]:
    if review is None:
        yield "review"
    yield from ("own", "join")
    if not view.urgent:
        yield "urgent"
    if view.state == Stage.OPEN:
        yield "close"


def _read(asked: Asked) -> dict[str, object]:
    gap = gap_of(asked)
    view, review = gap_view(asked.session, gap), agenda_of(asked.session, gap)
    history = page_of_command(f"history {gap.case}")
    return {
        "title": f"Gap {gap.id}", "view": view, "review": review, "state": as_state(gap.stage),
        "steps": next_steps(_commands(view, review), asked.caller), "names": parties_of(asked),
        "origins": [_case(case) for case in view.origins], "history": history[0] if history else None,
        "proposals": [(number, page_of_command(f"proposal show {number}")) for number in view.proposals],
    }  # fmt: skip


def _case(case: str) -> StepTo:
    """Where it is shown; of what has no page of its own, its thread."""
    kind, _, number = case.partition(":")
    found = page_of_command(f"{kind} show {number}")
    return StepTo(found[0] if found else f"/console/threads/{case}", f"{kind} {number}")


PAGES = (
    Page(path="/console/gaps/{gap:int}", title="A gap", who=READS, read=_read, template="console/gap.html",
         in_menu=MENU),
)  # fmt: skip
