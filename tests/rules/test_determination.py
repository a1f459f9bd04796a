"""Every combination of the four answers, against a table written out from the protocol's facts, row by row."""

from itertools import product

import pytest

from rules.determination import (
    TABLE,
    Answer,
    AnswerLacking,
    Answers,
    Effect,
    NotAsked,
    Question,
    Result,
    determine,
    overall,
    rows_that_fit,
    wanting,
    what_matters,
)

# In the order covered, followed, clear, harm: y yes, n no, ? unknown, - not asked. What is lacking here is refused.
WRITTEN_OUT = """
y y y y inadequacy      y n y y breakdown       y ? y y undetermined
y y y n neither         y n y n breakdown       y ? y n undetermined
y y y ? undetermined    y n y ? breakdown       y ? y ? undetermined
y y n y inadequacy      y n n y both            y ? n y undetermined
y y n n neither         y n n n both            y ? n n undetermined
y y n ? undetermined    y n n ? both            y ? n ? undetermined
y y ? y inadequacy      y n ? y undetermined    y ? ? y undetermined
y y ? n neither         y n ? n undetermined    y ? ? n undetermined
y y ? ? undetermined    y n ? ? undetermined    y ? ? ? undetermined

n - - y inadequacy      n - - n neither         n - - ? undetermined

? y y y inadequacy      ? n y y undetermined    ? ? y y undetermined    ? - y y undetermined
? y y n neither         ? n y n undetermined    ? ? y n undetermined    ? - y n undetermined
? y y ? undetermined    ? n y ? undetermined    ? ? y ? undetermined    ? - y ? undetermined
? y n y inadequacy      ? n n y undetermined    ? ? n y undetermined    ? - n y undetermined
? y n n neither         ? n n n undetermined    ? ? n n undetermined    ? - n n undetermined
? y n ? undetermined    ? n n ? undetermined    ? ? n ? undetermined    ? - n ? undetermined
? y ? y inadequacy      ? n ? y undetermined    ? ? ? y undetermined    ? - ? y undetermined
? y ? n neither         ? n ? n undetermined    ? ? ? n undetermined    ? - ? n undetermined
? y ? ? undetermined    ? n ? ? undetermined    ? ? ? ? undetermined    ? - ? ? undetermined
? y - y inadequacy      ? n - y undetermined    ? ? - y undetermined    ? - - y undetermined
? y - n neither         ? n - n undetermined    ? ? - n undetermined    ? - - n undetermined
? y - ? undetermined    ? n - ? undetermined    ? ? - ? undetermined    ? - - ? undetermined
"""
SIGNS = {"y": Answer.YES, "n": Answer.NO, "?": Answer.UNKNOWN, "-": None}
WORDS = WRITTEN_OUT.split()
EXPECTED = {tuple(WORDS[at : at + 4]): Result(WORDS[at + 4]) for at in range(0, len(WORDS), 5)}
EVERY = list(product("yn?", "yn?-", "yn?-", "yn?"))


def answers(row: tuple[str, ...]) -> Answers:
    return Answers(*(SIGNS[sign] for sign in row))  # type: ignore[arg-type]


@pytest.mark.parametrize("row", EVERY, ids="".join)
def test_every_combination_of_answers_is_decided_as_in_the_table_or_refused(row: tuple[str, ...]) -> None:
    covered, followed, clear, _ = row
    if covered == "n" and (followed, clear) != ("-", "-"):
        with pytest.raises(NotAsked, match="is not asked"):
            determine(answers(row))
    elif covered == "y" and "-" in (followed, clear):
        with pytest.raises(AnswerLacking, match="Answer “"):
            determine(answers(row))
    else:
        assert determine(answers(row)).result is EXPECTED[row]


def test_the_written_table_has_every_combination_that_may_be_answered() -> None:
    assert len(EXPECTED) * 5 == len(WORDS)
    assert len(EXPECTED) == 27 + 3 + 3 * 4 * 4


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        ("yynn", "The clause is not clear"),
        ("n--n", "No clause covers it"),
        ("yyyn", None),
        ("yyny", None),
        ("yy?n", None),  # whether it is clear nobody knows: nothing is said of it
    ],
)
def test_what_is_not_clear_or_not_there_is_kept_in_view_where_nothing_follows(row: str, kept: str | None) -> None:
    found = determine(answers(tuple(row))).observation
    assert (found or "").startswith(kept or "")
    assert (found is None) is (kept is None)


@pytest.mark.parametrize(
    ("row", "asked"),
    [
        ("yny?", ()),
        ("y?yy", (Question.FOLLOWED,)),
        ("yn?y", (Question.CLEAR,)),
        ("n--?", (Question.HARM,)),
        ("????", tuple(Question)),
    ],
)
def test_an_undetermined_one_says_what_has_to_be_found_out(row: str, asked: tuple[Question, ...]) -> None:
    assert what_matters(answers(tuple(row))) == asked


B, I, BOTH, NO, U = Result  # noqa: E741


@pytest.mark.parametrize(
    ("results", "whole"),
    [
        ((), U), ((B,), B), ((I,), I), ((NO,), NO), ((B, B), B), ((B, NO), B), ((NO, I), I), ((B, I), BOTH),
        ((BOTH, NO), BOTH), ((B, U), U), ((NO, NO), NO), ((NO, U), U),
    ],
)  # fmt: skip
def test_several_issues_come_to_one_result(results: tuple[Result, ...], whole: Result) -> None:
    assert overall(results) is whole


A, BREACH, GAP, NONE = Effect


@pytest.mark.parametrize(
    ("result", "effects", "left"),
    [
        (B, (), [{A, BREACH}]), (B, (A,), []), (B, (BREACH,), []), (B, (GAP,), [{A, BREACH}]), (B, (NONE,), []),
        (I, (), [{GAP}]), (I, (A,), [{GAP}]), (I, (GAP,), []), (I, (NONE,), []),
        (BOTH, (), [{A, BREACH}, {GAP}]), (BOTH, (A,), [{GAP}]), (BOTH, (GAP,), [{A, BREACH}]), (BOTH, (A, GAP), []),
        (NO, (), [{NONE}]), (NO, (NONE,), []), (NO, (A,), []), (U, (), []),
    ],
)  # fmt: skip
def test_something_follows_from_every_result_or_it_is_said_why_not(
    result: Result, effects: tuple[Effect, ...], left: list[set[Effect]]
) -> None:
    assert [set(each) for each in wanting(result, effects)] == left


def test_the_rows_that_fit_are_those_that_the_answers_may_be() -> None:
    for row in TABLE:
        assert rows_that_fit(Answers(*row)) == (row,)
    of_unknown = rows_that_fit(Answers(Answer.YES, Answer.UNKNOWN, Answer.YES, Answer.YES))
    assert {TABLE[row].result for row in of_unknown} == {Result.BREAKDOWN, Result.INADEQUACY}
    unknown = Answers(Answer.UNKNOWN, None, None, Answer.UNKNOWN)
    assert set(rows_that_fit(unknown)) == set(TABLE)
