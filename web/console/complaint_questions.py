"""The four questions as a form: each with its reason, what it rests on, and where that is."""

from collections.abc import Iterator
from typing import Any, cast

from pydantic import BaseModel, model_validator

from actions.complaints.answering import LONGEST_REFERENCE, Answered, Given
from rules.determination import ASKED, Answer, Evidence, Question
from web.answers_together import faults
from web.fields import choice, line, pick, words

NOT_ASKED = "not-asked"
ANSWERS = (("yes", "Yes"), ("no", "No"), ("unknown", "Nobody knows"))
MAY_BE_LEFT = (*ANSWERS, (NOT_ASKED, "Not asked: no clause covers it"))
RESTS_ON = (
    (Evidence.STATEMENT.value, "A statement"), (Evidence.CLAUSE.value, "The clause"),
    (Evidence.RECORD.value, "A record"), (Evidence.FOLLOW_UP.value, "The follow-up of a breach"),
)  # fmt: skip
UNDER_A_CLAUSE = (Question.FOLLOWED, Question.CLEAR)  # without one they are not asked


NUMBER = {question: number for number, question in enumerate(Question, 1)}


def _answer(question: Question) -> Any:
    if question not in UNDER_A_CLAUSE:
        return choice(ASKED[question], ANSWERS, missing=f"Choose an answer to “{ASKED[question]}”")
    return _not_said_optional(choice(ASKED[question], MAY_BE_LEFT, optional=True))


def _why(question: Question) -> Any:
    asked = f"Why do you answer question {NUMBER[question]} so?"
    if question not in UNDER_A_CLAUSE:
        return words(asked, missing=f"Say why for “{ASKED[question]}”", rows=2, hint="Without names of people.")
    return _not_said_optional(words(asked, optional=True, rows=2, hint="Leave it empty where it is not asked."))


def _not_said_optional(info: Any) -> Any:
    """A program may leave it out where no clause covers it; a person is asked to say so."""
    info.json_schema_extra["optional_said"] = False
    return info


def _rests_on(question: Question) -> Any:
    asked = f"What does answer {NUMBER[question]} rest on?"
    return pick(asked, RESTS_ON, optional=True, hint="A statement, unless you say otherwise.")


def _reference(question: Question) -> Any:
    hint = "A clause, the name under which a record is kept, or a breach such as breach:7."
    return line(f"Which one, for answer {NUMBER[question]}?", optional=True, longest=LONGEST_REFERENCE, hint=hint)


class FourAnswers(BaseModel):
    clause: str | None = pick(
        "Which clause covers it?", optional=True, hint="Leave it empty where none does, or nobody knows which."
    )
    covered: str = _answer(Question.COVERED)
    why_covered: str = _why(Question.COVERED)
    evidence_covered: str | None = _rests_on(Question.COVERED)
    reference_covered: str | None = _reference(Question.COVERED)
    followed: str | None = _answer(Question.FOLLOWED)
    why_followed: str | None = _why(Question.FOLLOWED)
    evidence_followed: str | None = _rests_on(Question.FOLLOWED)
    reference_followed: str | None = _reference(Question.FOLLOWED)
    clear: str | None = _answer(Question.CLEAR)
    why_clear: str | None = _why(Question.CLEAR)
    evidence_clear: str | None = _rests_on(Question.CLEAR)
    reference_clear: str | None = _reference(Question.CLEAR)
    harm: str = _answer(Question.HARM)
    why_harm: str = _why(Question.HARM)
    evidence_harm: str | None = _rests_on(Question.HARM)
    reference_harm: str | None = _reference(Question.HARM)
    party: str | None = pick(
        "Whose doing was it?", optional=True, hint="Leave it empty if it is whom the complaint is about."
    )
    version: str | None = pick(
        "In which version is the clause read?", optional=True,
        hint="Leave it empty for the version that was in force when it happened.",
    )  # fmt: skip

    @model_validator(mode="after")
    def _together(self) -> "FourAnswers":
        if found := dict(self._faults()):
            raise faults(found)
        return self

    def _faults(self) -> Iterator[tuple[str, str]]:
        if self.covered == Answer.YES and not self.clause:
            yield "clause", "Choose the clause that covers it, or say that none does, or that nobody knows"
        if self.covered == Answer.NO and self.clause:
            yield "clause", "Where no clause covers it, none is named: take it out, or answer that one covers it"
        for question in UNDER_A_CLAUSE:
            yield from self._faults_of(question)

    def _faults_of(self, question: Question) -> Iterator[tuple[str, str]]:
        said = self.said(question)
        if said is None and self.covered == Answer.YES:
            yield question.value, f"Choose an answer to “{ASKED[question]}”"
        elif said is not None and self.covered == Answer.NO:
            yield question.value, f"Where no clause covers it, “{ASKED[question]}” is not asked: choose “Not asked”"
        elif said is not None and not getattr(self, f"why_{question}"):
            yield f"why_{question}", f"Say why for “{ASKED[question]}”"

    def said(self, question: Question) -> str | None:
        found = cast("str | None", getattr(self, question.value))
        return None if found == NOT_ASKED else found

    def given(self) -> Given:
        """As the action takes them."""
        found = {question: self._answered(question) for question in Question}
        covered, harm = found[Question.COVERED], found[Question.HARM]
        assert covered is not None
        assert harm is not None
        return Given(
            covered=covered, harm=harm, followed=found[Question.FOLLOWED], clear=found[Question.CLEAR],
            clause=self.clause, version=self.version, party=self.party,
        )  # fmt: skip

    def _answered(self, question: Question) -> Answered | None:
        said = self.said(question)
        if said is None:
            return None
        return Answered(
            answer=Answer(said), because=getattr(self, f"why_{question}") or "",
            evidence=Evidence(getattr(self, f"evidence_{question}") or Evidence.STATEMENT),
            reference=getattr(self, f"reference_{question}"),
        )  # fmt: skip


class Determine(FourAnswers):
    issue: str | None = line(
        "Which issue is this about?", optional=True, hint="Only where a complaint has several: in a few words.",
    )  # fmt: skip


class Correct(FourAnswers):
    because: str = words(
        "Why is the finding corrected?", missing="Say why the finding is corrected", rows=3, longest=2000
    )


class ReadAgain(BaseModel):
    agrees: str = choice(
        "Do you find the same?", (("yes", "Yes, I agree"), ("no", "No, I do not agree")),
        missing="Choose whether you find the same",
    )  # fmt: skip
    because: str = words("Why?", missing="Say why", rows=3, longest=2000)
