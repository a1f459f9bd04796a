"""Clauses are suggested with the words that point to them; a person decides."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import protocols
from actions.complaints.clause_index import Index
from actions.complaints.suggested import Clause, Earlier, Outside
from actions.complaints.suggesting import MOST_CLAUSES, MOST_SIMILAR, MOST_WORDS, suggest
from actions.complaints.suggesting_from_file import as_answer, clauses_in, outside_in, suggest_from_file
from models.protocol_file import read_protocol
from rules.errors import Refused

FILE = read_protocol(Path(protocols.__file__).parent / "bedfordshire")
CONSENT = Clause("consent", "Consent", "People are asked first.", ("not asked", "permission"))
SECURITY = Clause("security", "Security", "Transfers are secure.", ("wrong address", "lost"))
BINS = Outside("bins", "Waste", ("missed collection", "bins"))
TWO = Index([CONSENT, SECURITY], [BINS], [])
LOST = "The nurse posted the chart to the wrong address and it was lost."
CASE = Earlier("complaint:1", "A parcel with charts fell off a bicycle near the river.", ("security",), "breakdown")
BICYCLE = "The nurse says that a parcel of charts fell from the bicycle into the river."


def ids(index: Index, text: str) -> list[str]:
    return [each.id for each in suggest(index, text).clauses]


def test_the_words_that_point_to_a_clause_are_those_of_the_narrative() -> None:
    first = suggest(TWO, LOST).clauses[0]
    assert (first.id, first.because) == ("security", ("wrong address", "lost"))


def test_two_reasons_are_better_than_one() -> None:
    assert ids(TWO, "She was not asked, and then it was lost at the wrong address.") == ["security", "consent"]


def test_a_clause_that_no_word_points_to_is_not_suggested() -> None:
    assert ids(TWO, LOST) == ["security"]


def test_the_text_of_a_clause_counts_where_it_has_no_vocabulary() -> None:
    bare = Index([CONSENT._replace(vocabulary=()), SECURITY._replace(vocabulary=())], [], [])
    assert ids(bare, "Transfers of the charts went astray.") == ["security"]
    assert not suggest(bare, "Transfers of the charts went astray.").none_likely


def test_what_no_clause_governs_is_probably_none_of_ours() -> None:
    answer = suggest(TWO, "Every missed collection leaves the bins full.")
    assert answer.none_likely
    assert answer.none_because == ("missed collection", "bins")


def test_where_nothing_is_known_of_it_it_is_probably_none_of_ours() -> None:
    assert suggest(TWO, "The weather was dreadful.").none_likely


def test_a_word_from_outside_does_not_outweigh_the_stronger_clause() -> None:
    answer = suggest(TWO, f"{LOST} It was found in the bins.")
    assert not answer.none_likely
    assert answer.none_because == ("bins",)


def test_a_decided_case_makes_its_clause_known_by_other_words() -> None:
    assert ids(TWO, BICYCLE) == []
    answer = suggest(Index([CONSENT, SECURITY], [BINS], [CASE]), BICYCLE)
    assert [each.id for each in answer.clauses] == ["security"]
    assert set(answer.clauses[0].because) >= {"parcel", "bicycle", "river"}


def test_a_similar_case_is_shown_with_what_was_decided() -> None:
    (similar,) = suggest(Index([CONSENT, SECURITY], [], [CASE]), BICYCLE).similar
    assert (similar.id, similar.clauses, similar.determination) == ("complaint:1", ("security",), "breakdown")
    assert "bicycle" in similar.because


def test_a_case_of_other_words_is_not_similar() -> None:
    assert suggest(Index([CONSENT, SECURITY], [], [CASE]), "Nobody answered the telephone.").similar == ()


def test_uncovered_cases_speak_for_none() -> None:
    words = "Ducks, geese and herons were fed stale bread; permission was sought."
    uncovered = [Earlier(f"complaint:{n}", words, (), "inadequacy", covered=False) for n in range(30)]
    assert not suggest(TWO, words).none_likely
    assert suggest(Index([CONSENT, SECURITY], [BINS], uncovered), words).none_likely


def test_a_clause_that_is_not_in_this_version_is_not_suggested_though_it_was_decided() -> None:
    gone = CASE._replace(clauses=("repealed",))
    assert ids(Index([CONSENT, SECURITY], [], [gone]), BICYCLE) == []


def test_an_earlier_case_without_words_is_no_trouble() -> None:
    purged = Earlier("complaint:2", "", ("security",), "breakdown")
    assert ids(Index([CONSENT, SECURITY], [], [purged]), LOST) == ["security"]


def test_without_any_clause_there_is_nothing_to_suggest() -> None:
    answer = suggest(Index([], [], []), LOST)
    assert (answer.clauses, answer.none_likely, answer.similar) == ((), True, ())


def test_the_answer_is_what_json_prints() -> None:
    answer = as_answer(suggest_from_file(FILE, LOST))
    assert set(answer) == {"clauses", "none_likely", "none_because", "similar"}
    assert answer["none_likely"] is False
    assert set(answer["clauses"][0]) == {"id", "score", "because"}
    assert answer["clauses"][0]["id"] == "12-security"


ENTRIES = [entry for clause in FILE.clauses for entry in clause.vocabulary]
SAID = [*ENTRIES[::7], "نص", "bins", ".", "Zürich", "\u202e"]
BEDFORDSHIRE = Index(clauses_in(FILE), outside_in(FILE), [CASE._replace(clauses=("12-security",))])


@settings(deadline=None, max_examples=15)
@given(st.lists(st.sampled_from(SAID), max_size=40).map(" ".join) | st.text(max_size=400))
def test_whatever_is_said_the_answer_is_ordered_short_and_the_same_again(text: str) -> None:
    try:
        answer = suggest(BEDFORDSHIRE, text)
    except Refused:
        return
    scores = [each.score for each in answer.clauses]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score < 1 for score in scores)
    assert all(0 < len(each.because) <= MOST_WORDS for each in (*answer.clauses, *answer.similar))
    assert len({each.id for each in answer.clauses}) == len(scores) <= MOST_CLAUSES
    assert len(answer.similar) <= MOST_SIMILAR
    assert suggest(Index(clauses_in(FILE), outside_in(FILE), BEDFORDSHIRE.earlier), text) == answer


@pytest.mark.parametrize(("word", "first"), [("wrong address ", "12-security"), ("police. ", "7-police-information")])
def test_the_longest_narrative_of_one_word_is_answered(word: str, first: str) -> None:
    assert ids(BEDFORDSHIRE, (word * 50_000)[:50_000])[0] == first


@pytest.mark.parametrize("word", ["\u0301", "a", "not ", "ﷺ"])
def test_the_longest_narrative_that_says_nothing_is_answered_or_refused(word: str) -> None:
    with contextlib.suppress(Refused):
        assert ids(BEDFORDSHIRE, (word * 50_000)[:50_000]) == []
