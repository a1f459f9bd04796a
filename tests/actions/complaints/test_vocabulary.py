"""Where an entry of a vocabulary stands in a narrative, and where it only seems to."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.complaints.narratives import Narrative, narrative_of
from actions.complaints.vocabulary import (
    SLACK,
    Entry,
    by_rarest_words,
    entries_of,
    found_in,
    meaning_of,
    passage_of,
)


def quoted(entry: str, text: str) -> str | None:
    found = found_in(narrative_of(text), by_rarest_words(entries_of([entry])))
    return next((each.quoted for each in found.values()), None)


@pytest.mark.parametrize(
    ("entry", "text", "words"),
    [
        ("wrong address", "It went to the wrong address.", "wrong address"),
        ("wrong address", "The address on the letter was wrong.", "address on the letter was wrong"),
        ("wrong addresses", "Both were wrongly addressed.", "wrongly addressed"),
        ("police", "POLICE came.", "POLICE"),
        ("not asked", "She was not even once asked.", "not even once asked"),
        ("need to know", "on a need-to-know basis", "need-to-know"),
    ],
)
def test_it_is_found_in_other_order_and_form(entry: str, text: str, words: str) -> None:
    assert quoted(entry, text) == words


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("wrong address", "The address that we had been given years ago by somebody turned out wrong."),
        ("wrong address", "Much was wrong. Address it!"),
        ("not shared", "It was shared, although not everywhere."),
        ("wrong address", "The address was right."),
        ("own own policy", "its own policy"),
    ],
)
def test_it_is_not_found_across_sentences_too_far_apart_or_with_the_negation_behind(entry: str, text: str) -> None:
    assert quoted(entry, text) is None


def test_the_first_place_is_quoted() -> None:
    assert quoted("letter", "Letters came; this LETTER was lost.") == "Letters"


def test_entries_that_mean_the_same_are_one() -> None:
    assert len(entries_of(["wrong address", "the address is wrong", "Wrong addresses"])) == 1
    assert len(entries_of(["not shared", "shared not"])) == 2


def test_an_entry_of_several_words_says_more_than_one_word() -> None:
    assert len(passage_of(["blind copy"])) > len(passage_of(["copy"]))


@given(st.lists(st.sampled_from(["wrong", "address", "not", "own", "x", "."]), max_size=60), st.data())
def test_whatever_is_found_holds_the_words_of_its_entry(words: list[str], data: st.DataObject) -> None:
    entry = data.draw(st.lists(st.sampled_from(["wrong", "address", "not", "own"]), min_size=1, max_size=3))
    text = "begin " + " ".join(words)
    for found in found_in(narrative_of(text), by_rarest_words(entries_of([" ".join(entry)]))).values():
        said = found.quoted.split()
        assert all(said.count(word) >= entry.count(word) for word in entry)
        assert "." not in said
        assert len(said) <= len(entry) + 2


def first_place(entry: Entry, narrative: Narrative) -> tuple[int, int] | None:
    """Word by word, as it is meant."""
    said = [meaning_of(word.stem) for word in narrative.words]
    for first in (place for place, stem in enumerate(said) if stem in entry.needed):
        for last in range(first, min(first + len(entry.stems) + SLACK, len(said))):
            if narrative.words[last].sentence == narrative.words[first].sentence:
                rest, counted = iter(said[first : last + 1]), Counter(said[first : last + 1])
                there = all(stem in rest for stem in entry.stems) if entry.ordered else counted >= Counter(entry.stems)
                if there:
                    return first, last
    return None


WORDS = ("wrong", "address", "letter", "own")


@given(
    st.lists(st.sampled_from([*WORDS, "not", "went. Then"]), max_size=30),
    st.lists(st.lists(st.sampled_from([*WORDS, "not"]), min_size=1, max_size=4), max_size=6),
)
def test_of_many_entries_each_that_stands_there_is_found_at_its_first_place(
    words: list[str], many: list[list[str]]
) -> None:
    narrative, entries = narrative_of("Begin " + " ".join(words)), entries_of([" ".join(entry) for entry in many])
    places = {entry.token: first_place(entry, narrative) for entry in entries}
    found = found_in(narrative, by_rarest_words(entries))
    assert {token: each.quoted for token, each in found.items()} == {
        token: narrative.quoted(*place) for token, place in places.items() if place
    }
    assert list(found) == [token for token, place in places.items() if place]
