"""What seems to be somebody's name: by the title before it, or because two words in a row begin with a capital.

Guesses, from the words of a text and what stands between them. The time grows with the length of the text only.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rules.name_words import (
    ALWAYS_TITLES,
    FUNCTION,
    GIVEN,
    KIN,
    LONG_TITLES,
    ORDINARY,
    PARTICLES,
    PLACES,
    SHORT_TITLES,
    SURNAMES_TOO,
    THINGS,
    TITLES_WITH_A_CAPITAL,
)

LONGEST_NAME = 4  # words
ACRONYM = 5  # letters at most, all of them capitals
_WORD = re.compile(r"[^\W\d_](?:\w|['’-](?=[^\W\d_]))*")
_GAP = re.compile(r"[ \u00a0]{1,2}|\r?\n")
_DOTTED = re.compile(r"\.(?:[ \u00a0]{0,2}|\r?\n)")
_NEW_SENTENCE = re.compile(r"[.!?:;•*\n\"“”‘(]")
SAINTS = frozenset({"st", "saint"})  # schools, churches, streets
_IN_A_PLACE = frozenset({"in", "near", "at"})


@dataclass(frozen=True, slots=True)
class _Word:
    """`begins`: a sentence or a line, where a capital says nothing. `follows`: only a space stands before it."""

    text: str
    start: int
    end: int
    begins: bool
    follows: bool
    after_a_dot: bool

    @property
    def plain(self) -> str:
        return self.bare.casefold()

    @property
    def bare(self) -> str:
        return self.text[:-2] if self.is_possessive else self.text

    @property
    def is_possessive(self) -> bool:
        return self.text[-2:] in ("'s", "’s", "'S", "’S")

    @property
    def is_capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def is_acronym(self) -> bool:
        return 1 < len(self.bare) <= ACRONYM and self.bare.isupper()

    @property
    def is_initial(self) -> bool:
        return len(self.text) == 1 and self.is_capital


def titled_names(text: str) -> Iterator[str]:
    """“PC Evans”, “her brother Jack” without the “her”, “mrs patel”."""
    words = _words(text)
    for at, title in enumerate(words):
        if _is_title(title) and (name := _name_after(words, at)):
            yield _quoted(text, title, name[-1])


def names_in_a_row(text: str, known: Collection[str] = ()) -> Iterator[str]:
    """Two words or more with a capital within a sentence, or of which the last is possessive; a usual given name.

    `known` are words, in small letters, that are nobody's name here: those of the parties and of the protocol.
    """
    words = _words(text)
    for first, after in _rows(words):
        yield from (_quoted(text, part[0], part[-1]) for part in _people(words, first, after, known))


@lru_cache(maxsize=16)
def words_of(texts: tuple[str, ...]) -> frozenset[str]:
    """Every word of them once, as `known` takes them."""
    return frozenset(word.plain for text in texts for word in _words(text))


def _words(text: str) -> list[_Word]:
    found: list[_Word] = []
    end = 0
    for match in _WORD.finditer(text):
        between = text[end : match.start()]
        dotted = bool(_DOTTED.fullmatch(between)) and bool(found)
        follows = bool(_GAP.fullmatch(between)) and bool(found)
        begins = not found or (bool(_NEW_SENTENCE.search(between)) and not (dotted and found[-1].is_initial))
        found.append(_Word(match[0], match.start(), match.end(), begins, follows, dotted))
        end = match.end()
    return found


def _is_title(word: _Word) -> bool:
    plain = word.plain
    if word.is_possessive or word.text in ("MS", "MR"):  # a program, a scan
        return False
    if plain in TITLES_WITH_A_CAPITAL:
        return word.is_capital
    return plain in SHORT_TITLES or plain in LONG_TITLES or plain in KIN


def _name_after(words: Sequence[_Word], at: int) -> list[_Word]:
    title, name = words[at], list[_Word]()
    for word in words[at + 1 : at + 1 + LONGEST_NAME]:
        dotted = word.after_a_dot and (words[at + len(name)].is_initial or (not name and title.plain in SHORT_TITLES))
        if not (word.follows or dotted) or not _can_name(word, title, name):
            break
        name.append(word)
        if word.is_possessive:
            break
    while name and name[-1].plain in PARTICLES:
        name.pop()
    is_body = bool(name) and name[-1].plain in PLACES and not (len(name) == 1 and name[0].plain in SURNAMES_TOO)
    return [] if is_body or all(word.is_initial for word in name) else name


def _can_name(word: _Word, title: _Word, name: Sequence[_Word]) -> bool:
    plain = word.plain
    is_ordinary = plain in ORDINARY and plain not in SURNAMES_TOO
    if is_ordinary or plain in FUNCTION or plain in LONG_TITLES or (word.is_acronym and not title.text.isupper()):
        return False
    if word.is_capital or (name and plain in PARTICLES):
        return True
    return not name and title.plain in ALWAYS_TITLES and len(plain) > 1


def _rows(words: Sequence[_Word]) -> Iterator[tuple[int, int]]:
    """From where to where words with a capital stand side by side; a particle or an initial may be among them."""
    at = 0
    while at < len(words):
        if not words[at].is_capital:
            at += 1
            continue
        end = at + 1
        while end < len(words) and _goes_on(words, end):
            end += 1
        while not words[end - 1].is_capital:
            end -= 1
        yield at, end
        at = end


def _goes_on(words: Sequence[_Word], at: int) -> bool:
    word, before = words[at], words[at - 1]
    if before.is_possessive or not (word.follows or (word.after_a_dot and before.is_initial)):
        return False
    return word.is_capital or word.plain in PARTICLES


def _people(words: Sequence[_Word], first: int, after: int, known: Collection[str]) -> Iterator[list[_Word]]:
    """What is left of a row without what is nobody's name; nothing of one that names a place, a body or a thing."""
    row, owns = list(words[first:after]), words[after - 1].is_possessive
    if row[0].plain in SAINTS or (not owns and (_is_a_thing(words, first, after) or row[-1].plain in PLACES)):
        return
    if row[0].begins and not owns and row[0].plain not in GIVEN:
        row = row[1:]
    part: list[_Word] = []
    for word in [*row, None]:
        if word is not None and not _is_nobodys(word, known):
            part.append(word)
            continue
        if _is_somebody(part):
            yield part
        part = []


def _is_a_thing(words: Sequence[_Word], first: int, after: int) -> bool:
    before, follows = words[first - 1] if first else None, words[after] if after < len(words) else None
    is_in = before is not None and words[first].follows and before.plain in _IN_A_PLACE
    return is_in or (follows is not None and follows.follows and follows.plain in THINGS)


def _is_nobodys(word: _Word, known: Collection[str]) -> bool:
    plain = word.plain
    if plain in GIVEN or word.is_initial or (plain in PARTICLES and not word.is_capital):
        return False
    is_title = plain in SHORT_TITLES or plain in LONG_TITLES
    return is_title or word.is_acronym or plain in known or plain in ORDINARY or plain in FUNCTION or plain in PLACES


def _is_somebody(part: Sequence[_Word]) -> bool:
    whole = [word for word in part if not word.is_initial and word.is_capital]
    return len(whole) > 1 or (len(whole) == 1 and (len(part) > 1 or whole[0].plain in GIVEN))


def _quoted(text: str, first: _Word, last: _Word) -> str:
    end = last.end - 2 if last.is_possessive else last.end
    return " ".join(text[first.start : end].split())
