"""Where the entries of the clauses' vocabulary stand in a narrative."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from actions.complaints.narratives import Narrative, stem_of, stems_of

SLACK = 2  # other words between those of an entry: “the address on the letter was wrong” is “wrong address”
# Words that mean the same to whoever complains: in each line any of them stands for any other. Only those that do in
# every clause; “disclosed” and “passed on” are told apart.
ALIKE = (
    "not no never nobody nothing none without cannot neither nor",
    "tell told inform informed notify notified",
    "give gave given hand handed pass passed share shared supply provide release",
    "disclose disclosure reveal divulge leak",
    "send sent forward",
    "post mail deliver delivery",
    "record note file document paper paperwork",
    "information detail data",
    "see saw seen look read view",
    "know knew known aware",
    "complain complaint grievance",
    "reply answer respond acknowledge acknowledgement",
    "ask request seek sought",
    "correct amend rectify change alter",
    "false untrue inaccurate inaccuracy incorrect",
    "refuse refusal decline reject deny denied",
    "staff employee worker colleague",
    "doctor GP surgeon physician psychiatrist midwife",
    "police constabulary policeman policewoman sergeant detective constable",
    "lose lost losing loss mislaid misplaced missing vanish disappear",
    "decide decision",
    "reason ground justification",
    "rule policy procedure",
    "husband wife partner boyfriend girlfriend",
    "boss employer workplace",
    "picture image photograph photo",
)
NEGATION = "not"  # an entry with one of these keeps its order: “not shared” is not “shared, but not …”
_MEANING = {stem_of(word.casefold()): stem_of(line.split()[0]) for line in ALIKE for word in line.split()}


@dataclass(frozen=True)
class Entry:
    """The stems of an entry's words."""

    stems: tuple[str, ...]

    @cached_property
    def ordered(self) -> bool:
        return NEGATION in self.stems

    @cached_property
    def needed(self) -> frozenset[str]:
        return frozenset(self.stems)

    @cached_property
    def token(self) -> str:
        """The same for entries that mean the same places. No stem has a space or an equals sign in it."""
        return "=" + " ".join(self.stems if self.ordered else sorted(self.stems))


class Found(NamedTuple):
    """`begin` and `quoted`: where in the narrative, and how it is said there."""

    entry: Entry
    begin: int
    quoted: str


def meaning_of(stem: str) -> str:
    return _MEANING.get(stem, stem)


def meanings_of(words: str) -> tuple[str, ...]:
    return tuple(meaning_of(stem) for stem in stems_of(words))


def entries_of(vocabulary: Iterable[str]) -> list[Entry]:
    """Entries that are the same to the eye of the stemmer are one."""
    found = {entry.token: entry for entry in (Entry(meanings_of(words)) for words in vocabulary) if entry.stems}
    return list(found.values())


def passage_of(vocabulary: Iterable[str]) -> list[str]:
    """A vocabulary as a passage: an entry of three words stands there three times, for it says more than one word."""
    return [entry.token for entry in entries_of(vocabulary) for _ in entry.stems]


ByWords = Mapping[str, Mapping[str, Sequence[tuple[int, Entry]]]]


def by_rarest_words(entries: Sequence[Entry]) -> ByWords:
    """By the two rarest of its stems (of one, twice that), with its place among all: of thousands a sentence can hold
    but few."""
    often = Counter(stem for entry in entries for stem in entry.needed)
    found: dict[str, dict[str, list[tuple[int, Entry]]]] = defaultdict(lambda: defaultdict(list))
    for place, entry in enumerate(entries):
        rarest = sorted(entry.needed, key=lambda stem: (often[stem], stem))
        found[rarest[0]][rarest[:2][-1]].append((place, entry))
    return {first: dict(by_second) for first, by_second in found.items()}


def found_in(narrative: Narrative, entries: ByWords) -> dict[str, Found]:
    """The first place of each entry that stands in the narrative, by its token; in the order of all."""
    found: dict[int, Found] = {}
    for places in _sentences(narrative):
        for number, entry in _maybe_in(places, entries):
            if number not in found and entry.needed <= places.keys() and (at := _span(entry, places)):
                found[number] = Found(entry, at[0], narrative.quoted(*at))
    return {found[number].entry.token: found[number] for number in sorted(found)}


def _maybe_in(places: Mapping[str, Sequence[int]], entries: ByWords) -> Iterator[tuple[int, Entry]]:
    for first in places.keys() & entries.keys():
        by_second = entries[first]
        for second in by_second.keys() & places.keys():
            yield from by_second[second]


def _sentences(narrative: Narrative) -> Iterator[dict[str, list[int]]]:
    """Of each, where each meaning stands in it."""
    places: dict[str, list[int]] = {}
    sentence = 0
    for place, word in enumerate(narrative.words):
        if word.sentence != sentence:
            yield places
            places, sentence = {}, word.sentence
        places.setdefault(meaning_of(word.stem), []).append(place)
    yield places


def _span(entry: Entry, places: Mapping[str, Sequence[int]]) -> tuple[int, int] | None:
    """The first and the last of the words that make the entry, close together; of those of one sentence."""
    if len(entry.stems) == 1:
        return places[entry.stems[0]][0], places[entry.stems[0]][0]
    fewest, widest = len(entry.stems), len(entry.stems) + SLACK
    at = sorted((place, stem) for stem in entry.needed for place in places[stem])
    for start in range(len(at) - fewest + 1):
        end = at[start][0] + widest
        near = [each for each in at[start : start + widest] if each[0] < end]
        for taken in range(fewest, len(near) + 1):
            if _makes(entry, [stem for _, stem in near[:taken]]):
                return at[start][0], near[taken - 1][0]
    return None


def _makes(entry: Entry, stems: list[str]) -> bool:
    if entry.ordered:
        rest = iter(stems)
        return all(stem in rest for stem in entry.stems)
    once = len(entry.needed) == len(entry.stems)
    return entry.needed.issubset(stems) if once else Counter(stems) >= Counter(entry.stems)
