"""The decision table as it is drawn: every row, and which of them the answers are."""

from typing import NamedTuple

from rules.determination import TABLE, Answers, Question, rows_that_fit

HEADS = tuple(question.value.capitalize() for question in Question)
NOT_ASKED = "not asked"


class TableRow(NamedTuple):
    """`answers` in the order of the questions. `applies`: it is this row; of several, it may be this one."""

    answers: tuple[str, ...]
    result: str
    observation: str | None
    applies: bool


def table_rows(answers: Answers | None = None) -> list[TableRow]:
    """Raises NotAsked, AnswerLacking."""
    fitting = rows_that_fit(answers) if answers is not None else ()
    return [
        TableRow(
            answers=tuple(each.value if each else NOT_ASKED for each in row), result=found.result.value,
            observation=found.observation, applies=row in fitting,
        )
        for row, found in TABLE.items()
    ]  # fmt: skip
