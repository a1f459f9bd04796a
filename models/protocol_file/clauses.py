"""The file of the clauses: what they say, and the words by which people tell of it."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated

from pydantic import Field

from models.protocol_file.faults import Fault, shown
from models.protocol_file.nodes import EACH, Node
from models.protocol_file.values import Model, Name, Prose, Slug, check, line
from rules.telling_words import readable, words_in

FILE = "clauses.yaml"
LONGEST_ENTRY = 60  # characters
MOST_WORDS = 6  # that tell something; longer entries hardly ever stand in a narrative
MOST_ENTRIES = 200


@lru_cache(maxsize=10_000)  # some thousands, the same at every reading of the file
def _tells(entry: str) -> bool:
    return 1 <= len(words_in(readable(entry))) <= MOST_WORDS


Entry = Annotated[
    str,
    line(LONGEST_ENTRY),
    check(_tells, f"1 to {MOST_WORDS} words, not only little ones such as 'the' and 'of'"),
]
Vocabulary = Annotated[tuple[Entry, ...], Field(max_length=MOST_ENTRIES)]


class ClauseEntry(Model):
    """`vocabulary` is no part of the text that is signed: it may change at any time."""

    id: Slug
    section: Annotated[int, Field(ge=1, le=999)]
    heading: Name
    meaning: Prose
    vocabulary: Vocabulary = ()


class OutsideEntry(Model):
    """Something that people complain of and no clause governs."""

    id: Slug
    heading: Name
    vocabulary: Annotated[tuple[Entry, ...], Field(min_length=1, max_length=MOST_ENTRIES)]


class ClausesFile(Model):
    clauses: Annotated[tuple[ClauseEntry, ...], Field(min_length=1)]
    outside: tuple[OutsideEntry, ...] = ()


def vocabulary_faults(trees: Mapping[str, Node | None]) -> Iterator[Fault]:
    """An entry twice in one vocabulary is a slip; in two vocabularies it is meant, and says less for each."""
    tree = trees.get(FILE)
    for group in ("clauses", "outside") if tree else ():
        for vocabulary in tree.at(group, EACH, "vocabulary") if tree else ():
            yield from _repeated(vocabulary)


def _repeated(vocabulary: Node) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for node in vocabulary.at(EACH):
        if isinstance(node.value, str):
            words = " ".join(node.value.casefold().split())
            if words in first:
                yield Fault(FILE, node.line, shown(node.value), f"words not listed before (line {first[words]})")
            first.setdefault(words, node.line)
