"""BM25 over a few hundred short passages, by bm25s. Why BM25 and why this library: decision 9."""

import logging
from collections.abc import Iterable, Sequence

from bm25s import BM25

SATURATION = 1.5  # k1: how soon a word that is repeated adds nothing; the usual value
BY_LENGTH = 0.75  # b: how much a long passage's words count less; the usual value

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it asks for every detail, whatever the program wants


class Passages:
    """How strongly words point to each passage. A word in few of them points more strongly."""

    def __init__(self, passages: Sequence[Sequence[str]], by_length: float = BY_LENGTH) -> None:
        self.count = len(passages)
        self._bm25 = BM25(k1=SATURATION, b=by_length, method="lucene", backend="numpy")
        self._known: frozenset[str] = frozenset(token for passage in passages for token in passage)
        if self._known:
            self._bm25.index([list(passage) for passage in passages], show_progress=False)

    def scores(self, tokens: Iterable[str]) -> list[float]:
        """One for each passage, from 0, in their order. Every token counts once, and in one order: floats add up."""
        asked = sorted(self._known.intersection(tokens))
        if not asked:
            return [0.0] * self.count
        return [float(score) for score in self._bm25.get_scores(asked)]
