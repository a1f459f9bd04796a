"""The pages of a report: its questions, with the parties of today to choose from."""

from models.breach import ReporterKind
from rules.breach_facts import UNKNOWN
from web.declaring import Asked
from web.organisations import ByName, organisations
from web.reporting.answers import QUESTIONS
from web.steps import Options, Steps, first_said

UNKNOWN_SAID = "I do not know"


def options(asked: Asked) -> Options:
    """Of all pages: those that are parties today."""
    known = organisations(asked)
    if isinstance(known, ByName):
        return {"parties": known.or_else({UNKNOWN: UNKNOWN_SAID}), "works_at": known}
    return {"parties": [*known, (UNKNOWN, UNKNOWN_SAID)], "works_at": known}


REPORT = Steps(
    root="/report", questions=QUESTIONS, options=options, template="reporting/question.html", command="breach report",
    unsaid={"reporter_kind": ReporterKind.ANONYMOUS.value},  # who says nothing of themselves is anonymous
    empty={
        "what": "Not answered yet", "reporter": "Not answered yet", "reach": "Not said", "works_at": "Not said",
    },
    may_skip=lambda question: question.name != "your-name",
)  # fmt: skip


def kind_of_reporter(asked: Asked) -> ReporterKind:
    """Of answers that are right."""
    return ReporterKind(first_said(asked, "reporter_kind") or ReporterKind.ANONYMOUS)


ACTS = REPORT.made_acts()
