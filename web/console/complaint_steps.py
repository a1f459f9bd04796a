"""What can be done next, as links: the actions say it as commands, and every command has its page."""

import shlex
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from actions.complaints.shown import ComplaintView
from rules.complaint import Stage
from web.callers import Caller
from web.commands import acts_by_command, page_of_command

SWEEP = "concordat sweep"
# What else there is at each stage, beside what comes next.
ALSO = {
    Stage.RECEIVED: ("refer {0} TEXT", "days {0}", "determine {0}", "outcome {0}", "end {0}"),
    Stage.ACKNOWLEDGED: ("refer {0} TEXT", "days {0}", "progress {0}", "determine {0}", "outcome {0}", "end {0}"),
    Stage.ANALYSING: (
        "refer {0} TEXT",
        "days {0}",
        "acknowledge {0}",
        "progress {0}",
        "determine {0}",
        "outcome {0}",
        "end {0}",
    ),
    Stage.DETERMINED: ("days {0}", "acknowledge {0}", "determine {0}", "look-again {0}"),
    Stage.CLOSED: ("look-again {0}",),
}


class StepTo(NamedTuple):
    path: str
    words: str


def next_steps(commands: Iterable[str], caller: Caller) -> list[StepTo]:
    """Those that the caller may take, in the order in which they are due."""
    found = (_step(command.removeprefix("concordat "), caller) for command in commands)
    return list(dict.fromkeys(step for step in found if step is not None))


def other_steps(view: ComplaintView, caller: Caller, first: Iterable[StepTo]) -> list[StepTo]:
    """Whatever else may be done with it now."""
    known = {step.path for step in first}
    commands = (f"complaint {each.format(view.complaint.number)}" for each in _also(view))
    return [step for step in next_steps(commands, caller) if step.path not in known]


def _also(view: ComplaintView) -> Iterator[str]:
    acknowledged = any(each.late is not None for each in view.notices)
    for command in ALSO[Stage(view.complaint.stage)]:
        if not (command.startswith("acknowledge") and acknowledged):
            yield command


def goes_on_by_itself(view: ComplaintView) -> bool:
    """Nobody has to begin the analysis."""
    return SWEEP in view.next


def _step(command: str, caller: Caller) -> StepTo | None:
    """None where no page does it, or where it is not the caller's to do."""
    words, found = shlex.split(command), page_of_command(command)
    if found is None:
        return None
    act = acts_by_command().get(" ".join(words[:2]))
    if act is not None and caller.standing not in act.who:
        return None
    path, title = found
    if words[:2] == ["complaint", "letter"]:
        return StepTo(path, f"Write the letter: {words[3]}")
    return StepTo(path, f"{title[:1].upper()}{title[1:]}{_named(words)}")


def _about(arguments: list[str]) -> str:
    """Where a complaint has several findings, which one."""
    first = arguments[0]
    return f" ({first.replace(':', ' ')})" if first.startswith("finding:") else ""


def _named(words: list[str]) -> str:
    """Which finding, or which local action, where a complaint has several."""
    if words[:2] == ["complaint", "done"]:
        return f" (obligation {words[2]})"
    return _about(words[2:]) if len(words) > 2 else ""
