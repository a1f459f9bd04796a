"""How an Act of the register reads: its line in the list, and all that is recorded of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from actions.law.acts import part_of
from cli.printing import counted, in_words, paragraph

if TYPE_CHECKING:
    from actions.law.marks import Mark
    from actions.law.register import RecordedChange, RegisteredAct


def act_line(act: "RegisteredAct") -> Iterator[str]:
    """The key alone on its line: it can be copied."""
    yield act.key or "(not listed)"
    yield paragraph(act.title, "    ")
    rest = f"{counted(len(act.clauses), 'clause')} {'rests' if len(act.clauses) == 1 else 'rest'} on it"
    waits = f"; {counted(act.marked, 'clause')} {'waits' if act.marked == 1 else 'wait'} for an answer to a change"
    yield paragraph(f"{_status(act)}; {rest}{waits if act.changes else ''}", "    ")


def _status(act: "RegisteredAct") -> str:
    return f"{act.status} since {in_words(act.since)}" if act.since else act.status


def act_text(act: "RegisteredAct") -> Iterator[str]:
    yield paragraph(f"{act.title}{f' ({act.key})' if act.key else ''}: {_status(act)}")
    for what, words in (("In its place", act.successor), ("Source", act.source)):
        if words:
            yield paragraph(f"{what}: {words}", "  ")
    if act.clauses:
        yield paragraph(f"Clauses that rest on it: {', '.join(act.clauses)}", "  ")
    if not act.changes:
        yield "  No change of it is recorded: see `concordat legislation change`."
    for change in act.changes:
        yield ""
        yield from _change_text(change)


def _change_text(change: "RecordedChange") -> Iterator[str]:
    part = part_of(f"Change {change.number}", change.section)
    yield paragraph(f"{part}, in force from {in_words(change.in_force_from)}")
    yield paragraph(change.what or "(its words have been removed)", "  ")
    if change.source:
        yield paragraph(f"Source: {change.source}", "  ")
    of_review = f"review {change.review}" if change.review else "no review"
    if change.withdrawn is not None:
        said = change.withdrawn
        yield paragraph(f"Withdrawn, because: {said.because or '(removed)'} ({said.by}, {in_words(said.at)})", "  ")
    yield paragraph(f"Recorded {in_words(change.recorded_at)} by {change.recorded_by}, for {of_review}", "  ")
    for mark in change.marks:
        yield paragraph(f"Clause {mark.clause}: {_answer(mark)}", "    ")


def _answer(mark: "Mark") -> str:
    if mark.version is not None:
        return f"changed by version {mark.version}"
    if mark.settled is not None:
        said = mark.settled
        return f"needs no change, because: {said.because or '(removed)'} ({said.by}, {in_words(said.at)})"
    if mark.withdrawn is not None:
        return "marked by mistake: the change was withdrawn"
    return "marked; no version since has answered"
