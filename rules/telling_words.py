"""Which words of a text tell what it is about: for narratives of complaints and for the vocabulary of clauses.

The little words are few on purpose: “not”, “without”, “before”, “own” change what an entry such as “not asked” means.
"""

import re
import unicodedata
from bisect import bisect_left
from functools import lru_cache
from typing import NamedTuple

LITTLE = frozenset({
    "a", "about", "am", "an", "and", "are", "as", "at", "be", "been", "being", "but", "by", "can", "could", "did", "do",
    "does", "for", "from", "had", "has", "have", "having", "he", "her", "hers", "herself", "him", "himself", "his",
    "how", "i", "if", "in", "into", "is", "it", "its", "itself", "may", "me", "might", "must", "my", "of", "on", "or",
    "our", "she", "should", "so", "such", "that", "the", "their", "them", "there", "these", "they", "this", "those",
    "to", "us", "was", "we", "were", "what", "when", "where", "which", "who", "whom", "whose", "why", "will", "with",
    "would", "you", "your",
})  # fmt: skip
FORM = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
SENTENCE_END = re.compile(r"[.!?;:]\s|\n\s*\n")
POSSESSIVE = re.compile(r"['’]s?$")
NOT = re.compile(r"n['’]t$")  # “didn't” and “wasn't” are “not”, for “did” and “was” are little words


class Word(NamedTuple):
    """`plain` is what is compared; the text from `begin` to `end` is what a person reads. Sentences count from 0."""

    plain: str
    begin: int
    end: int
    sentence: int = 0


def readable(text: str) -> str:
    """One form of each letter, and nothing invisible: marks of direction, soft hyphens, joiners."""
    if text.isascii():
        return text
    folded = unicodedata.normalize("NFKC", text)
    return "".join(letter for letter in folded if unicodedata.category(letter) != "Cf")


def words_in(text: str) -> list[Word]:
    """Every word but the little ones, in order. “E-mail” is one word, other hyphens part two."""
    ends = [match.start() for match in SENTENCE_END.finditer(text)]
    return [
        Word(plain, begin := match.start(), match.end(), bisect_left(ends, begin))
        for match in FORM.finditer(_without_hyphens(text)) if (plain := _plain(match[0]))
    ]  # fmt: skip


def _without_hyphens(text: str) -> str:
    """As long as before, so that places stay places."""
    return re.sub(r"\b([Ee])[-‐‑](?=mail)", r"\1’", text) if "mail" in text else text


@lru_cache(maxsize=20_000)
def _plain(word: str) -> str:
    """Empty for a little one."""
    if NOT.search(word.casefold()):
        return "not"
    plain = re.sub(r"['’]", "", POSSESSIVE.sub("", word.casefold()))
    return "" if plain in LITTLE else plain
