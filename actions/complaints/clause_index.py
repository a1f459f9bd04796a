"""The clauses of one version and the cases decided so far, made ready to be asked."""

from collections import Counter
from collections.abc import Sequence
from functools import cache

from actions.complaints.narratives import Narrative, narrative_of, stem_of
from actions.complaints.passages import Passages
from actions.complaints.suggested import Clause, Earlier, Outside
from actions.complaints.vocabulary import Entry, by_rarest_words, entries_of, found_in, passage_of
from rules.errors import Refused
from rules.telling_words import readable, words_in

SHORTEST = 3  # letters of a word that is compared by itself


class Index:
    """Build it once, ask it often. `entries`: of each clause, then of each thing outside."""

    def __init__(self, clauses: Sequence[Clause], outside: Sequence[Outside], earlier: Sequence[Earlier]) -> None:
        self.clauses, self.outside, self.earlier = tuple(clauses), tuple(outside), tuple(earlier)
        vocabularies = [*(clause.vocabulary for clause in clauses), *(topic.vocabulary for topic in outside)]
        self.entries: list[list[Entry]] = [entries_of(vocabulary) for vocabulary in vocabularies]
        self.vocabulary = Passages([passage_of(vocabulary) for vocabulary in vocabularies], by_length=0.0)
        self.texts = [bag_of(f"{clause.heading} {clause.text}") for clause in clauses]
        self.text = Passages(self.texts)
        self.tokens = [frozenset(entry.token for entry in entries) for entries in self.entries]
        self.outside_tokens = frozenset().union(*self.tokens[len(self.clauses) :])
        every = {entry.token: entry for entries in self.entries for entry in entries}
        self.all_entries = by_rarest_words(list(every.values()))
        self.cases = [self._case_bag(case.narrative) for case in earlier]
        self.case = Passages(self.cases)
        self.voting = [number for number, case in enumerate(earlier) if case.votes]
        self.decided = Counter(clause for case in earlier if case.votes for clause in case.clauses)
        self.spread = Counter(stem for bag in (*self.texts, *self.cases) for stem in set(bag))

    def _case_bag(self, text: str) -> list[str]:
        """Its words, and what of the vocabulary it says: two cases are alike in both."""
        try:
            narrative = narrative_of(text)
        except Refused:
            return []  # decided all the same; only nothing can be like it
        return [*bag_of(text), *found_in(narrative, self.all_entries)]


def bag_of(text: str) -> list[str]:
    """The stems that are compared one by one: no common words, none that are too short."""
    stems = (stem_of(word.plain) for word in words_in(readable(text)) if len(word.plain) >= SHORTEST)
    return [stem for stem in stems if stem not in _common()]


@cache
def _common() -> frozenset[str]:
    from bm25s.stopwords import STOPWORDS_EN_PLUS  # as in `passages`: not before somebody asks

    return frozenset(stem_of(word) for word in STOPWORDS_EN_PLUS)


def first_words(narrative: Narrative) -> dict[str, str]:
    """The bag of a narrative: each stem as it is first written."""
    first: dict[str, str] = {}
    for place, word in enumerate(narrative.words):
        if word.stem not in first and word.end - word.begin >= SHORTEST and word.stem not in _common():
            first[word.stem] = narrative.quoted(place, place)
    return first
