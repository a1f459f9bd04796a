"""The four questions are answered, corrected, and read by somebody else. What they come to is shown before it is kept.

Who decides does this; an assistant prepares. Whoever answered cannot be the one who reads it again, whatever they are
called meanwhile.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlmodel import Session

from actions.breaches.showing_facts import texts_of
from actions.cast import known_id
from actions.complaints.answering import values_of
from actions.complaints.determining import correct, determine
from actions.complaints.receiving import warnings_of
from actions.complaints.second_reading import ReadsTheirOwn, second_read
from actions.complaints.showing import complaint_view, suggestion_for
from actions.complaints.shown import ComplaintView
from actions.complaints.suggested import worth_showing
from models.complaint import Complaint, Finding
from models.protocol import Version
from rules.determination import Question, what_matters
from rules.errors import Refused
from rules.sentences import listed
from web.console.complaint_answer_start import answered_complaint, choices_of_answers, from_finding, from_suggestion
from web.console.complaint_places import (
    MENU,
    about_finding,
    complaint_of,
    finding_of,
    of_complaint,
    of_finding,
    page_of,
)
from web.console.complaint_questions import Correct, Determine, FourAnswers, ReadAgain
from web.console.complaint_table import HEADS, TableRow, table_rows
from web.declaring import DECIDES, Act, Asked, Done
from web.forms import Given
from web.wording import without_links

PREVIEW = "See what these answers come to"
USER = re.compile(r"\(user \d+\)$")


class ComesTo(NamedTuple):
    """What the answers would be recorded as; `refused` says why they would not be."""

    result: str
    observation: str | None
    what_matters: tuple[str, ...]
    refused: str


def _before(asked: Asked, given: Given | None, model: type[FourAnswers]) -> Mapping[str, object]:
    complaint, said = answered_complaint(asked), None
    if given is not None and not given.errors:
        said = model.model_validate(given.values)
    comes_to = _comes_to(asked, complaint, said) if said else None
    rows: Sequence[TableRow] = table_rows(said.given().answers if said and comes_to and not comes_to.refused else None)
    number, suggestion = known_id(complaint), suggestion_for(asked.session, asked.now, complaint)
    return {
        "complaint": number, "case_page": page_of(number), "told": _told(asked.session, complaint),
        "suggestion": suggestion, "suggested": worth_showing(suggestion.clauses) if suggestion else (),
        "comes_to": comes_to, "rows": rows, "heads": HEADS, "version": _version(asked.session, complaint),
    }  # fmt: skip


def _comes_to(asked: Asked, complaint: Complaint, said: FourAnswers) -> ComesTo:
    """By the very check and table with which it is recorded."""
    given = said.given()
    try:
        values = values_of(asked.session, complaint, given)
    except Refused as refused:
        return ComesTo("", None, (), without_links(str(refused)))
    matters = tuple(question.value for question in what_matters(given.answers))
    return ComesTo(values["result"].value, values["observation"], matters, "")


def _told(session: Session, complaint: Complaint) -> Mapping[str, str | None]:
    texts = texts_of(session, (complaint.what_id, complaint.wanted_id))
    return {"what": texts[complaint.what_id], "wanted": texts.get(complaint.wanted_id)}


def _version(session: Session, complaint: Complaint) -> str | None:
    return session.get_one(Version, complaint.version_id).label if complaint.version_id else None


def _determine(asked: Asked, said: Determine) -> Done:
    number = known_id(complaint_of(asked))
    finding = determine(asked.session, asked.now, number, said.given(), asked.caller.by, said.issue)
    return _found(asked, finding, said, "recorded")


def _correct(asked: Asked, said: Correct) -> Done:
    corrected = known_id(finding_of(asked))
    finding = correct(asked.session, asked.now, corrected, said.given(), asked.caller.by, said.because)
    return _found(asked, finding, said, f"recorded in place of finding {corrected}")


def _found(asked: Asked, finding: Finding, said: FourAnswers, done: str) -> Done:
    asked.session.flush()
    number, answers = known_id(finding), said.given().answers
    view = _view(asked, finding)
    matters = [question.value for question in what_matters(answers)]
    parts = [f"Finding {number} is {done}: {finding.result}."]
    if finding.observation:
        parts.append(f"Kept in view: {finding.observation}")
    if matters:
        parts.append(f"To be found out: {listed([f'“{each}”' for each in matters])}; then correct it.")
    references = "\n".join(getattr(said, f"reference_{question}") or "" for question in Question)
    parts += [f"Look again: {each}" for each in warnings_of(references)]
    return Done(
        sentence=" ".join(parts), to=page_of(finding.complaint_id),
        facts={
            "complaint": finding.complaint_id, "finding": number, "result": finding.result.value,
            "observation": finding.observation, "what_matters": matters, "stage": view.complaint.stage,
        },
    )  # fmt: skip


def _view(asked: Asked, finding: Finding) -> ComplaintView:
    return complaint_view(asked.session, asked.now, finding.complaint_id, suggesting=False)


def _read_again(asked: Asked, given: ReadAgain) -> Done:
    finding, agrees = finding_of(asked), given.agrees == "yes"
    own, theirs = USER.search(asked.caller.by), USER.search(finding.determined_by)
    if own and theirs and own[0] == theirs[0]:
        raise ReadsTheirOwn(finding)  # also where their role has another name now, or a token speaks for them
    second_read(asked.session, asked.now, known_id(finding), agrees, asked.caller.by, given.because)
    asked.session.flush()
    view = _view(asked, finding)
    said = f"You {'agree' if agrees else 'do not agree'} with finding {finding.id}. The complaint is {view.state}."
    facts = {"finding": finding.id, "agrees": agrees, "stage": view.complaint.stage}
    return Done(sentence=said, to=page_of(finding.complaint_id), facts=facts)


def _about_reading(asked: Asked, given: Given | None) -> Mapping[str, object]:
    finding = finding_of(asked)
    lines = _view(asked, finding).findings
    return dict(about_finding(asked, given)) | {"finding": next((f for f in lines if f.number == finding.id), None)}


ACTS = (
    Act(path="/console/complaints/{complaint:int}/determine", title="Answer the four questions", who=DECIDES,
        fields=Determine, do=_determine, start=from_suggestion, choices=choices_of_answers, preview=PREVIEW,
        before=lambda asked, given: _before(asked, given, Determine), button="Record the finding",
        title_of=of_complaint("Answer the four questions"), template="console/complaint_answers.html",
        command="complaint determine", in_menu=MENU),
    Act(path="/console/findings/{finding}/correct", title="Correct the finding", who=DECIDES, fields=Correct,
        do=_correct, start=from_finding, choices=choices_of_answers, preview=PREVIEW,
        before=lambda asked, given: _before(asked, given, Correct), button="Record the correction",
        title_of=of_finding("Correct it"), words="What it corrects stays on the record, beneath it.",
        template="console/complaint_answers.html", command="complaint correct", in_menu=MENU),
    Act(path="/console/findings/{finding}/read-again", title="Read the finding again", who=DECIDES, fields=ReadAgain,
        do=_read_again, before=_about_reading, title_of=of_finding("Read it again"), button="Record it",
        words="Where two have to find the same, somebody else than whoever answered says whether they do.",
        template="console/complaint_reading.html", command="complaint read-again", in_menu=MENU),
)  # fmt: skip
