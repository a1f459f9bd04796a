"""One complaint, with what can be done next standing first."""

from collections.abc import Iterator

from actions.complaints.showing import complaint_view
from actions.complaints.shown import ComplaintDuty, FindingLine
from actions.complaints.suggested import worth_showing
from rules.complaint import ComplaintKind, said
from rules.determination import Answer, Answers, Question, Result
from web.callers import Caller
from web.commands import page_of_command
from web.console.complaint_places import MENU, parties_of
from web.console.complaint_steps import StepTo, goes_on_by_itself, next_steps, other_steps
from web.console.complaint_table import HEADS, table_rows
from web.declaring import READS, Asked, Page


def _read(asked: Asked) -> dict[str, object]:
    view = complaint_view(asked.session, asked.now, asked.place["complaint"])
    steps, names = next_steps(view.next, asked.caller), parties_of(asked)
    number = view.complaint.number
    history = page_of_command(f"history complaint:{number}")
    return {
        "title": f"Complaint {number}", "view": view, "names": names,
        "due": {each.number: each.due_on for each in view.duties},
        "said": said(ComplaintKind(view.complaint.kind), names[view.complaint.party]),
        "steps": steps, "also": other_steps(view, asked.caller, steps), "by_itself": goes_on_by_itself(view),
        "suggested": worth_showing(view.suggestion.clauses) if view.suggestion else (),
        "heads": HEADS, "tables": {each.number: table_rows(answers_of(each)) for each in view.findings},
        "history": history[0] if history else None,
        "follow": {each.number: next_steps(_follow_commands(each), asked.caller) for each in view.findings},
        "acts_on": {duty.number: _ends(duty, asked.caller) for duty in view.duties},
    }  # fmt: skip


def _ends(duty: ComplaintDuty, caller: Caller) -> StepTo | None:
    steps = next_steps([duty.command] if duty.command else [], caller)
    return steps[0] if steps else None


def answers_of(finding: FindingLine) -> Answers:
    said = {each.question: Answer(each.answer) if each.answer else None for each in finding.answers}
    covered, harm = said[Question.COVERED], said[Question.HARM]
    assert covered is not None
    assert harm is not None
    return Answers(covered, said[Question.FOLLOWED], said[Question.CLEAR], harm)


def _follow_commands(finding: FindingLine) -> list[str]:
    return [f"complaint {name} finding:{finding.number}" for name in _may_follow(finding)]


def _may_follow(finding: FindingLine) -> Iterator[str]:
    """Whether it may just now, the action says."""
    if finding.result != Result.UNDETERMINED:
        yield from ("action", "breach", "gap")
        if finding.wanting:
            yield "nothing"
    yield "correct"
    if finding.reading is None and finding.result != Result.UNDETERMINED:
        yield "read-again"


PAGES = (
    Page(path="/console/complaints/{complaint:int}", title="A complaint", who=READS, read=_read,
         template="console/complaint.html", in_menu=MENU),
)  # fmt: skip
