"""The pages of a report: its questions, with the parties of today to choose from."""

from actions.cast import active_parties
from actions.policy import today_of
from models.breach import ReporterKind
from rules.breach_facts import UNKNOWN
from web.declaring import Asked
from web.reporting.answers import QUESTIONS
from web.steps import Options, Steps, first_said


def options(asked: Asked) -> Options:
    """Of all pages: those that are parties today."""
    protocol = asked.protocol
    known = [
        (each.slug, each.name) for each in active_parties(asked.session, protocol, today_of(protocol, asked.now))
    ]  # fmt: skip
    return {"parties": [*known, (UNKNOWN, "I do not know")], "works_at": known}


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
