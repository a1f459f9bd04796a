"""The four questions about a complaint, answered by whoever handles it at the party (protocol §14)."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationInfo, create_model, field_validator

from actions.complaints.answering import LONGEST_REFERENCE, Answered, Given
from actions.complaints.determining import correct, determine
from models.complaint import Finding
from models.obligation import ObligationKind
from rules.determination import ASKED, Answer, Evidence, Question, Result
from web.declaring import PARTIES, Act, Asked, Done
from web.fields import beside, choice, line, pick, words
from web.parties.complaint_duties_seen import about, clauses_then, complaint_duty, suggested_clauses
from web.parties.ended import require_owed

ANALYSIS = ObligationKind.ANALYSIS
YES_NO = (("yes", "Yes"), ("no", "No"), ("unknown", "Nobody knows yet"))
RESTS_ON = (
    ("clause", "A clause"), ("record", "A record"), ("follow-up", "The follow-up of a breach"),
    ("statement", "What somebody said"),
)  # fmt: skip
ANOTHER = "another"
WORDS = {  # of each question: what is asked for its reason, and how the fields below it name it
    Question.COVERED: ("What makes you say whether a clause covers it?", "about the clause"),
    Question.FOLLOWED: ("What makes you say whether it was followed?", "about whether it was followed"),
    Question.CLEAR: ("What makes you say whether it is clear?", "about whether it is clear"),
    Question.HARM: ("What makes you say whether there was harm?", "about the harm"),
}
OF_A_CLAUSE = (Question.FOLLOWED, Question.CLEAR)
RESULTS = {
    Result.BREAKDOWN: "a breakdown (the protocol was not followed)",
    Result.INADEQUACY: "an inadequacy (the protocol itself is wanting)",
    Result.BOTH: "both, a breakdown and an inadequacy",
    Result.NEITHER: "neither a breakdown nor an inadequacy",
    Result.UNDETERMINED: "undetermined so far (what nobody knows yet could change it)",
}


class _Answers(BaseModel):
    """“Followed” and “clear” are asked of a clause: where none covers it, they stay empty."""

    model_config = ConfigDict(validate_default=True)

    @field_validator("*")
    @classmethod
    def _complete(cls, value: Any, info: ValidationInfo) -> Any:
        name, covered = info.field_name or "", info.data.get("covered")
        if name == "clause" and covered == "yes" and value is None:
            raise ValueError("Choose the clause that covers it")
        if name == "clause" and covered == "no" and value is not None:
            raise ValueError("Where no clause covers it, choose none")
        if name in OF_A_CLAUSE:
            _require_asked(value, covered, Question(name))
        if name.startswith("why_") and value is None and info.data.get(name.removeprefix("why_")) is not None:
            raise ValueError("Say why you answer so")
        corrects = info.data.get("corrects")
        if name == "because" and value is None and corrects not in (None, ANOTHER):
            raise ValueError("Say why the earlier determination is corrected")
        if name == "issue" and value is None and corrects == ANOTHER:
            raise ValueError("Say which other issue of the complaint this is about")
        return value


def _require_asked(value: Any, covered: Any, question: Question) -> None:
    if covered == "yes" and value is None:
        raise ValueError(f"Answer “{ASKED[question].rstrip('?')}”: “nobody knows yet” is an answer, too")
    if covered == "no" and value is not None:
        raise ValueError("Where no clause covers it, this is not asked: take the answer back")


def _put(question: Question, optional: bool, missing: str) -> Any:
    return beside(choice(ASKED[question], YES_NO, optional=optional, missing=missing, inline=True))


def _questions() -> dict[str, Any]:
    """In the order of the page; `clause` stands with the question whether one covers it."""
    fields: dict[str, Any] = {
        "corrects": (str | None, beside(choice("What do you record?", optional=True))),
        "because": (str | None, words("Why is it corrected, if it is?", optional=True, rows=3, longest=5000)),
        "issue": (str | None, line("Which other issue, if it is another?", optional=True)),
    }
    for question in Question:
        optional, (why, about_what) = question in OF_A_CLAUSE, WORDS[question]
        kind = str | None if optional else str
        ask = f"Answer “{ASKED[question].rstrip('?')}”"
        fields[question.value] = (kind, _put(question, optional, ask))
        if question is Question.COVERED:
            fields["clause"] = (str | None, beside(pick("Which clause, if one does?", optional=True)))
        fields[f"why_{question}"] = (str | None, beside(words(why, optional=True, rows=3, longest=5000)))
        fields[f"evidence_{question}"] = (
            str | None,
            pick(f"What does your answer {about_what} rest on?", RESTS_ON, optional=True),
        )
        reference = line(
            f"Name or number of the record {about_what}", optional=True, longest=LONGEST_REFERENCE,
            hint="Such as a file’s number. Not what it says, and nobody’s name.",
        )  # fmt: skip
        fields[f"reference_{question}"] = (str | None, reference)
    return fields


FourAnswers: Any = create_model("FourAnswers", __base__=_Answers, **_questions())


def _about(asked: Asked, _given: object) -> dict[str, Any]:
    seen = complaint_duty(asked, ANALYSIS)
    suggested, nothing = suggested_clauses(asked, seen)
    return about(asked, ANALYSIS) | {"suggested": suggested, "nothing_suggested": nothing, "results": RESULTS}


def _choices(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    seen = complaint_duty(asked, ANALYSIS)
    found = [
        (str(each.number), f"A correction of determination {each.number}{f' ({each.words})' if each.words else ''}")
        for each in seen.view.findings
    ]
    another = [(ANOTHER, "The determination of another issue of the complaint")] if found else []
    return {"corrects": [*found, *another], "clause": clauses_then(asked, seen)}


def _determine(asked: Asked, said: Any) -> Done:
    seen = complaint_duty(asked, ANALYSIS)
    require_owed(seen.duty)
    number, given, by = seen.view.complaint.number, _given(said), asked.caller.by
    if said.corrects in (None, ANOTHER):
        found = determine(asked.session, asked.now, number, given, by, said.issue if said.corrects else None)
    else:
        found = correct(asked.session, asked.now, int(said.corrects), given, by, said.because or "")
    return Done(sentence=_sentence(found), to="/party", facts={"finding": found.id})


def _sentence(found: Finding) -> str:
    kept = f" {found.observation}" if found.observation else ""
    return f"Recorded as determination {found.id}: {RESULTS[found.result]}.{kept}"


def _given(said: Any) -> Given:
    covered, harm = _answered(said, Question.COVERED), _answered(said, Question.HARM)
    assert covered is not None
    assert harm is not None
    return Given(
        covered=covered, harm=harm, followed=_answered(said, Question.FOLLOWED),
        clear=_answered(said, Question.CLEAR), clause=said.clause,
    )  # fmt: skip


def _answered(said: Any, question: Question) -> Answered | None:
    answer = getattr(said, question.value)
    if answer is None:
        return None
    evidence = getattr(said, f"evidence_{question}") or Evidence.STATEMENT
    return Answered(
        answer=Answer(answer), because=getattr(said, f"why_{question}") or "", evidence=Evidence(evidence),
        reference=getattr(said, f"reference_{question}"),
    )  # fmt: skip


ACTS = (
    Act(path="/party/analysis/{duty:int}", title="Four questions about a complaint", who=PARTIES, fields=FourAnswers,
        do=_determine, before=_about, choices=_choices, button="Record the determination",
        template="parties/complaint_duties_analysis.html", in_menu="/party"),
)  # fmt: skip
