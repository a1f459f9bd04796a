"""The answers of a report as its writer reads them before sending, each with where to change it."""

from dataclasses import dataclass
from datetime import date

from models.breach import ReporterKind
from web.declaring import Asked
from web.fields import Kind
from web.forms import FormField
from web.reporting import going_through
from web.reporting.answers import KINDS, Question
from web.wording import plain_day

UNANSWERED = "Not known"
EMPTY = {"reach": "Not said", "reporter": "Not answered yet", "what": "Not answered yet"}
AS_KIND = {value: said for value, said, _ in KINDS}


@dataclass(frozen=True, kw_only=True)
class CheckLine:
    question: str
    answer: str
    is_words: bool  # several paragraphs of somebody's own
    page: str
    wrong: str


def lines_of(asked: Asked) -> list[CheckLine]:
    return [
        _line(question, field)
        for question in going_through.asked_questions(asked.sent)
        for field in going_through.form_of(asked, question)
        if _is_said(field)
    ]


def _line(question: Question, field: FormField) -> CheckLine:
    return CheckLine(question=field.question, answer=_answer(field), page=question.name, wrong=field.error,
                     is_words=field.kind == Kind.WORDS and bool(field.value.strip()))  # fmt: skip


def _is_said(field: FormField) -> bool:
    """A time that nobody gave is not asked about again."""
    return not field.name.endswith("_time") or bool(field.value.strip())


def _answer(field: FormField) -> str:
    names = {option[0]: option[1] for option in field.options}
    match field.kind:
        case Kind.TICKS:
            return ", ".join(names.get(each, each) for each in field.value) or UNANSWERED
        case Kind.CHOICE:
            return AS_KIND.get(field.value or ReporterKind.ANONYMOUS.value, UNANSWERED)
        case Kind.PICK:
            return names.get(field.value, "Not said")
        case Kind.DAY:
            return _day(field) or UNANSWERED
        case _:
            return field.value.strip() or EMPTY.get(field.name, UNANSWERED)


def _day(field: FormField) -> str:
    parts = [field.value[part] for part in ("day", "month", "year")]
    try:
        return plain_day(date(*(int(each) for each in reversed(parts))))
    except ValueError:
        return " ".join(parts).strip()
