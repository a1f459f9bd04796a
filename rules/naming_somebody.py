"""Texts that seem to name somebody where nobody may be named: by their form, or because a name is known."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from rules.personal_details import ENOUGH, looks_personal
from rules.seeming_names import names_in_a_row
from rules.texts import shown

SHORTEST_NAME = 3  # letters: shorter parts of a reporter's name are words too
_CODE = re.compile(r"(?<![\w-])(?:[0-9]{4}[ -]?){3}[0-9]{4}(?![\w-])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """`field` names what to restate; `looks` says why in words that quote it: for a face, never for the paper."""

    field: str
    looks: str

    @property
    def words(self) -> str:
        return f"“{self.field}” holds {self.looks}: restate it without."


def suspicious_in(
    texts: Mapping[str, str | None], never: Sequence[str], known: Collection[str] = ()
) -> Iterable[Suspicion]:
    """`known`: words, in small letters, that are nobody's name here."""
    for field, text in texts.items():
        for looks in dict.fromkeys(_looks(text or "", never, known)):
            yield Suspicion(field=field, looks=looks)


def _looks(text: str, never: Sequence[str], known: Collection[str]) -> Iterable[str]:
    """In one form of words for whatever it is: that a name is the reporter's is not said either."""
    personal = looks_personal(text)
    yield from personal
    for name in dict.fromkeys(shown(each) for each in islice(names_in_a_row(text, known), ENOUGH)):
        if not any(name in looks for looks in personal):
            yield f"what may be a person's name (“{name}”; if it is none, say it in other words)"
    for words in never:
        found = _occurs(words, text)
        kind = "an e-mail address" if "@" in words else "a person's name"
        if found:
            yield f"what looks like {kind} (“{found}”)"
    if code := _CODE.search(text):
        yield f"what looks like a follow-up code (it ends in {code[0][-2:]})"


def _occurs(words: str, text: str) -> str | None:
    """Whole, in any case; or a part of a name as a word, written as it is in the name."""
    whole = " ".join(words.split())
    if not whole:
        return None
    if whole.casefold() in " ".join(text.split()).casefold():
        return whole
    parts = [] if "@" in whole else [part for part in re.split(r"[\s,]+", whole) if len(part) >= SHORTEST_NAME]
    return next((part for part in parts if part[0].isupper() and re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text)),
                None)  # fmt: skip
