"""Where the entries of the clauses' vocabulary stand in a narrative."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from actions.complaints.narratives import Narrative, stem_of, stems_of

SLACK = 2  # other words between those of an entry: “the address on the letter was wrong” is “wrong address”
# An entry with one of these keeps its order: “not shared” is not “shared, but not …”.
NEGATIONS = frozenset(stem_of(word) for word in ("cannot", "never", "no", "nobody", "not", "nothing", "without"))


class Entry(NamedTuple):
    """The stems of an entry's words."""

    stems: tuple[str, ...]

    @property
    def ordered(self) -> bool:
        return not NEGATIONS.isdisjoint(self.stems)

    @property
    def token(self) -> str:
        """The same for entries that mean the same places. No stem has a space or an equals sign in it."""
        return "=" + " ".join(self.stems if self.ordered else sorted(self.stems))


class Found(NamedTuple):
    """`begin` and `quoted`: where in the narrative, and how it is said there."""

    entry: Entry
    begin: int
    quoted: str


def entries_of(vocabulary: Iterable[str]) -> list[Entry]:
    """Entries that are the same to the eye of the stemmer are one."""
    found = {entry.token: entry for entry in (Entry(stems_of(words)) for words in vocabulary) if entry.stems}
    return list(found.values())


def passage_of(vocabulary: Iterable[str]) -> list[str]:
    """A vocabulary as a passage: an entry of three words stands there three times, for it says more than one word."""
    return [entry.token for entry in entries_of(vocabulary) for _ in entry.stems]


def found_in(narrative: Narrative, entries: Iterable[Entry]) -> dict[str, Found]:
    """The first place of each entry that stands in the narrative, by its token."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(narrative.words):
        places[word.stem].append(place)
    known = (entry for entry in entries if all(stem in places for stem in entry.stems))
    spans = ((entry, next(_spans(entry, narrative, places), None)) for entry in known)
    return {entry.token: Found(entry, at[0], narrative.quoted(*at)) for entry, at in spans if at}


def _spans(entry: Entry, narrative: Narrative, places: Mapping[str, list[int]]) -> Iterator[tuple[int, int]]:
    """The first and the last of the words that make the entry, close together and in one sentence."""
    widest = len(entry.stems) + SLACK if len(entry.stems) > 1 else 1
    at = sorted((place, stem) for stem in set(entry.stems) for place in places[stem])
    for start, (first, _) in enumerate(at):
        near = [(p, s) for p, s in at[start : start + widest] if p - first < widest and _together(narrative, first, p)]
        for taken in range(len(entry.stems), len(near) + 1):
            if _makes(entry, [stem for _, stem in near[:taken]]):
                yield first, near[taken - 1][0]
                break


def _together(narrative: Narrative, one: int, other: int) -> bool:
    return narrative.words[one].sentence == narrative.words[other].sentence


def _makes(entry: Entry, stems: list[str]) -> bool:
    if not entry.ordered:
        return Counter(stems) >= Counter(entry.stems)
    rest = iter(stems)
    return all(stem in rest for stem in entry.stems)
