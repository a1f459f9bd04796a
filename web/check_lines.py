"""The answers as their writer reads them before sending, each with where to change it."""

from dataclasses import dataclass
from datetime import date

from web.declaring import Asked
from web.fields import Kind
from web.forms import FormField
from web.steps import Question, Steps
from web.wording import plain_day


@dataclass(frozen=True, kw_only=True)
class CheckLine:
    question: str
    answer: str
    is_words: bool  # several paragraphs of somebody's own
    page: str
    wrong: str


def lines_of(steps: Steps, asked: Asked) -> list[CheckLine]:
    return [
        _line(steps, question, field)
        for question in steps.asked_questions(asked.sent)
        for field in steps.form_of(asked, question)
        if _is_said(field)
    ]


def _line(steps: Steps, question: Question, field: FormField) -> CheckLine:
    answer = _answer(field, steps.unsaid.get(field.name, "")) or steps.empty.get(field.name, "Not known")
    return CheckLine(question=field.question, answer=answer, page=question.name, wrong=field.error,
                     is_words=field.kind == Kind.WORDS and bool(field.value.strip()))  # fmt: skip


def _is_said(field: FormField) -> bool:
    """A time that nobody gave is not asked about again."""
    return not field.name.endswith("_time") or bool(field.value.strip())


def _answer(field: FormField, unsaid: str) -> str:
    names = {option[0]: option[1] for option in field.options}
    match field.kind:
        case Kind.TICKS:
            return ", ".join(names.get(each, each) for each in field.value)
        case Kind.CHOICE | Kind.PICK:
            return names.get(field.value or unsaid, "")
        case Kind.DAY:
            return _day(field)
        case _:
            return str(field.value).strip()


def _day(field: FormField) -> str:
    parts = [field.value[part] for part in ("day", "month", "year")]
    try:
        return plain_day(date(*(int(each) for each in reversed(parts))))
    except ValueError:
        return " ".join(parts).strip()
