"""A narrative as it comes in, refused in a sentence where nothing can be compared, and its words as stems."""

import unicodedata
from functools import lru_cache
from typing import NamedTuple

import snowballstemmer

from rules.errors import Refused
from rules.telling_words import readable, words_in
from rules.texts import NotText, is_text

LONGEST = 50_000  # characters: what a narrative's column holds, about twenty pages
LARGEST_FILE = 4 * LONGEST  # bytes: no character takes more in UTF-8
LANGUAGE = "english"  # of the protocol's vocabulary, as Snowball calls it
_STEMMER = snowballstemmer.stemmer(LANGUAGE)


class NothingToRead(Refused):
    """There is nothing to compare with the clauses: tell in a few sentences what happened."""

    def __init__(self) -> None:
        super().__init__(str(self.__doc__))


class NarrativeTooLong(Refused):
    def __init__(self) -> None:
        super().__init__(f"This is longer than {LONGEST} characters: give the part that tells what happened.")


class NotReadable(Refused):
    """This is not plain text in UTF-8: copy the words out of the document and save them as text."""

    def __init__(self) -> None:
        super().__init__(str(self.__doc__))


class OtherScript(Refused):
    """No word of this is in Latin script, and the clauses are in English: somebody who reads it has to find the clause,
    or to give a translation."""

    def __init__(self) -> None:
        super().__init__(" ".join(str(self.__doc__).split()))


class Said(NamedTuple):
    """A word of a narrative: its stem, and where it stands."""

    stem: str
    begin: int
    end: int
    sentence: int


class Narrative(NamedTuple):
    text: str
    words: tuple[Said, ...]

    def quoted(self, first: int, last: int) -> str:
        """From one word to another as they were written, on one line."""
        return " ".join(self.text[self.words[first].begin : self.words[last].end].split())


def narrative_in(data: bytes) -> str:
    """The text of a file. Raises NarrativeTooLong, NotReadable."""
    if len(data) > LARGEST_FILE:
        raise NarrativeTooLong
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotReadable from None


def narrative_of(text: str) -> Narrative:
    """Raises NothingToRead, NarrativeTooLong, NotText, OtherScript."""
    if len(text) > LONGEST:
        raise NarrativeTooLong
    if not is_text(text):
        raise NotText
    kept = readable(text)[:LONGEST]  # one sign may unfold into eighteen
    words = tuple([Said(stem_of(plain), begin, end, sentence) for plain, begin, end, sentence in words_in(kept)])
    if not words:
        raise NothingToRead
    if not any(_is_latin(kept[word.begin]) for word in words):
        raise OtherScript
    return Narrative(kept, words)


def stems_of(text: str) -> tuple[str, ...]:
    """For the words of a clause, or of an entry of its vocabulary."""
    return tuple(stem_of(word.plain) for word in words_in(readable(text)))


@lru_cache(maxsize=20_000)
def stem_of(word: str) -> str:
    """“Disclosed” and “disclosing” are one; “disclosure” is not. Longer than any word: not a word, left as it is."""
    return str(_STEMMER.stemWord(word)) if len(word) <= 40 else word


def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("LATIN")
