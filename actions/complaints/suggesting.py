"""Which clauses may govern what is told, and why: advice to a person, who decides.

Three sources: the vocabulary of the clauses, their text, and what persons decided in earlier cases. How they were
weighed, and what the figures are worth: decision 9.
"""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import NamedTuple

from actions.complaints.clause_index import Index, first_words
from actions.complaints.narratives import narrative_of
from actions.complaints.suggested import SimilarCase, SuggestedClause, Suggestion
from actions.complaints.vocabulary import Found, found_in

# How much each source weighs beside the vocabulary. Half or twice of each gives the same figures within a case or two.
TEXT = 0.1
CASES = 4.0
ENOUGH_CASES = 10  # decided cases at which they have half of their weight
NEIGHBOURS = 10  # earlier cases that have a say
NONE_CASES = 0.5  # of CASES, for those that no clause was found to cover
NONE_FROM = 0.5  # of the strongest clause: where something outside explains half as much, it is probably none of ours
HALFWAY = 3.0  # evidence that is shown as a score of 0.5: two entries of a vocabulary

MOST_CLAUSES, MOST_SIMILAR, MOST_WORDS = 5, 3, 6
RARE = 0.2  # of the clauses' texts and the earlier cases: a word that is in more of them is no reason
ENOUGH_WORDS = 3  # a reason: so many of the vocabulary, or so many single words


class _Seen(NamedTuple):
    """The narrative as the index sees it: `found` entries by token, `words` by stem; `likeness` of earlier cases."""

    found: Mapping[str, Found]
    words: Mapping[str, str]
    by_vocabulary: Sequence[float]
    likeness: Sequence[float]
    nearest: Sequence[int]


def suggest(index: Index, text: str) -> Suggestion:
    """Raises what `narrative_of` raises, and nothing else. The same words always give the same answer."""
    seen = _seen(index, text)
    votes, none_votes = _votes(index, seen)
    return Suggestion(
        clauses=_clauses(index, seen, votes),
        none_likely=_none_likely(index, seen, none_votes),
        none_because=_quotes(_hits(seen, index.outside_tokens)),
        similar=tuple(_similar(index, seen))[:MOST_SIMILAR],
    )


def _seen(index: Index, text: str) -> _Seen:
    narrative = narrative_of(text)
    words = first_words(narrative)
    found = found_in(narrative, index.all_entries)
    likeness = index.case.scores({**words, **found})
    nearest = sorted((n for n, score in enumerate(likeness) if score > 0), key=lambda n: (-likeness[n], n))
    return _Seen(found, words, index.vocabulary.scores(found), likeness, nearest)


def _votes(index: Index, seen: _Seen) -> tuple[Mapping[str, float], float]:
    """What the most similar earlier cases say for each clause, and for none. A clause that was often decided needs
    more: else the most frequent one would always win."""
    asked = [number for number in seen.nearest if index.earlier[number].votes][:NEIGHBOURS]
    trust = CASES * len(index.voting) / (len(index.voting) + ENOUGH_CASES)
    whole = sum(seen.likeness[number] for number in asked)
    votes: dict[str, float] = defaultdict(float)
    none = 0.0
    for number in asked:
        share = trust * seen.likeness[number] / whole
        none += 0.0 if index.earlier[number].covered else share
        for clause in index.earlier[number].clauses:
            votes[clause] += share / index.decided[clause] ** 0.5
    return votes, none


def _none_likely(index: Index, seen: _Seen, none_votes: float) -> bool:
    """Something outside explains as much as any clause does. A protocol without any vocabulary cannot tell."""
    clauses = len(index.clauses)
    if clauses and not any(index.entries[:clauses]):
        return False
    inside = max(seen.by_vocabulary[:clauses], default=0.0)
    outside = max(seen.by_vocabulary[clauses:], default=0.0)
    return inside == 0 or outside + NONE_CASES * none_votes >= NONE_FROM * inside


def _clauses(index: Index, seen: _Seen, votes: Mapping[str, float]) -> tuple[SuggestedClause, ...]:
    """Only those that some word points to: a person can judge a reason, not a number."""
    text = index.text.scores(seen.words)
    evidence = [
        seen.by_vocabulary[number] + TEXT * text[number] + votes.get(clause.id, 0.0)
        for number, clause in enumerate(index.clauses)
    ]
    order = sorted(range(len(evidence)), key=lambda number: (-evidence[number], number))
    named = ((number, _because(index, seen, number)) for number in order)
    found = (SuggestedClause(index.clauses[n].id, _score(evidence[n]), words) for n, words in named if words)
    return tuple(each for each, _ in zip(found, range(MOST_CLAUSES), strict=False))


def _score(evidence: float) -> float:
    return round(evidence / (evidence + HALFWAY), 3)


def _because(index: Index, seen: _Seen, number: int) -> tuple[str, ...]:
    """What was said that the vocabulary knows; failing that, words of the clause's text; failing that, those that
    the most similar earlier case under this clause shares."""
    said = _quotes(_hits(seen, index.tokens[number]))
    if len(said) >= ENOUGH_WORDS:
        return said
    said += _shared(index, seen, index.texts[number])
    if not said:
        cases = (n for n in seen.nearest[:NEIGHBOURS] if index.clauses[number].id in index.earlier[n].clauses)
        said = next((_alike(index, seen, n) for n in cases), ())
    return tuple(dict.fromkeys(said))[:MOST_WORDS]


def _hits(seen: _Seen, tokens: Container[str]) -> list[Found]:
    return [found for token, found in seen.found.items() if token in tokens]


def _quotes(hits: list[Found]) -> tuple[str, ...]:
    """The longer entry says more."""
    ordered = sorted(hits, key=lambda found: (-len(found.entry.stems), found.begin, found.entry.token))
    return tuple(dict.fromkeys(found.quoted for found in ordered))[:MOST_WORDS]


def _shared(index: Index, seen: _Seen, bag: Sequence[str]) -> tuple[str, ...]:
    """The words of the narrative that are in that bag too, if they are not everywhere; the rarest first."""
    often = max(1.0, RARE * (len(index.texts) + len(index.cases)))
    rare = (stem for stem in seen.words.keys() & set(bag) if index.spread[stem] <= often)
    ordered = sorted(rare, key=lambda stem: (index.spread[stem], stem))
    return tuple(seen.words[stem] for stem in ordered[:MOST_WORDS])


def _alike(index: Index, seen: _Seen, number: int) -> tuple[str, ...]:
    """What the narrative shares with an earlier case: first what the vocabulary knows, then single words, where they
    are several."""
    known = _quotes([seen.found[token] for token in index.cases[number] if token in seen.found])
    words = _shared(index, seen, index.cases[number])
    return tuple(dict.fromkeys(known + words))[:MOST_WORDS] if known or len(words) >= ENOUGH_WORDS else ()


def _similar(index: Index, seen: _Seen) -> Iterator[SimilarCase]:
    for number in seen.nearest[:NEIGHBOURS]:
        case, words = index.earlier[number], _alike(index, seen, number)
        if words:
            score = _score(seen.likeness[number])
            yield SimilarCase(case.id, score, case.clauses, case.determination, words)
