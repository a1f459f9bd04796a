"""Where the entries of the clauses' vocabulary stand in a narrative."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
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


ByWord = Mapping[str, Sequence[tuple[int, Entry]]]


def by_rarest_word(entries: Sequence[Entry]) -> ByWord:
    """By the rarest of its stems, with its place among all: of thousands a narrative can hold but few."""
    often = Counter(stem for entry in entries for stem in entry.needed)
    found: dict[str, list[tuple[int, Entry]]] = defaultdict(list)
    for place, entry in enumerate(entries):
        found[min(entry.needed, key=lambda stem: (often[stem], stem))].append((place, entry))
    return dict(found)


def found_in(narrative: Narrative, entries: ByWord) -> dict[str, Found]:
    """The first place of each entry that stands in the narrative, by its token; in the order of all."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(narrative.words):
        places[meaning_of(word.stem)].append(place)
    said = set(places)
    whole = (each for stem in said for each in entries.get(stem, ()) if each[1].needed <= said)
    known = (entry for _, entry in sorted(whole, key=itemgetter(0)))
    spans = ((entry, next(_spans(entry, narrative, places), None)) for entry in known)
    return {entry.token: Found(entry, at[0], narrative.quoted(*at)) for entry, at in spans if at}


def _spans(entry: Entry, narrative: Narrative, places: Mapping[str, list[int]]) -> Iterator[tuple[int, int]]:
    """The first and the last of the words that make the entry, close together and in one sentence."""
    if len(entry.stems) == 1:
        yield (place := places[entry.stems[0]][0]), place
        return
    widest = len(entry.stems) + SLACK
    at = sorted((place, stem) for stem in entry.needed for place in places[stem])
    for start, (first, _) in enumerate(at):
        near = list(_near(narrative, at[start : start + widest], first + widest))
        for taken in range(len(entry.stems), len(near) + 1):
            if _makes(entry, [stem for _, stem in near[:taken]]):
                yield first, near[taken - 1][0]
                break


def _near(narrative: Narrative, at: Sequence[tuple[int, str]], end: int) -> Iterator[tuple[int, str]]:
    """Before that place, and in the sentence of the first."""
    sentence = narrative.words[at[0][0]].sentence
    for place, stem in at:
        if place >= end or narrative.words[place].sentence != sentence:
            return
        yield place, stem


def _makes(entry: Entry, stems: list[str]) -> bool:
    if not entry.ordered:
        return Counter(stems) >= Counter(entry.stems)
    rest = iter(stems)
    return all(stem in rest for stem in entry.stems)
