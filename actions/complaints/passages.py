"""BM25 over a few hundred short passages, by bm25s. Why BM25 and why this library: decision 9.

The library is loaded by whoever asks: with numpy it takes a process a tenth of a second, and most runs ask nothing.
"""

import logging
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

SATURATION = 1.5  # k1: how soon a word that is repeated adds nothing; the usual value
BY_LENGTH = 0.75  # b: how much a long passage's words count less; the usual value


@cache
def _bm25() -> Any:
    from bm25s import BM25

    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it asks for every detail, whatever the program wants
    return BM25


class Passages:
    """How strongly words point to each passage. A word in few of them points more strongly."""

    def __init__(self, passages: Sequence[Sequence[str]], by_length: float = BY_LENGTH) -> None:
        self.count = len(passages)
        self._bm25 = _bm25()(k1=SATURATION, b=by_length, method="lucene", backend="numpy")
        self._known: frozenset[str] = frozenset(token for passage in passages for token in passage)
        self._asked: dict[str, list[tuple[int, float]]] = {}
        if self._known:
            self._bm25.index([list(passage) for passage in passages], show_progress=False)

    def scores(self, tokens: Iterable[str]) -> list[float]:
        """One for each passage, from 0, in their order. Every token counts once, and in one order: floats add up."""
        scores = [0.0] * self.count
        for token in sorted(self._known.intersection(tokens)):
            for passage, points in self._points(token):
                scores[passage] += points
        return scores

    def _points(self, token: str) -> list[tuple[int, float]]:
        """Of the passages it is in. Asked of bm25s once: to ask again for the same few words takes it ten times as
        long as to add them up here."""
        if token not in self._asked:
            scores = self._bm25.get_scores([token])
            self._asked[token] = [(int(passage), float(scores[passage])) for passage in scores.nonzero()[0]]
        return self._asked[token]
