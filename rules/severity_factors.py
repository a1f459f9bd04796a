"""The factors of a breach's severity: what kind of data, how easily somebody is identified, the circumstances.

Condensed from ENISA, Recommendations for a methodology of the assessment of severity of personal data breaches,
2013, annexes 1 to 3. Identifiers and circumstances are counted in quarters: no fraction is ever computed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rules.errors import Refused
from rules.texts import shown

NONE = "none"
_USUAL = "as such data usually is"
# each kind of data, and what its levels from 1 to 4 mean
_LEVELS = {
    "simple": (
        "nothing about it makes matters worse",
        "a profile or a status can be assumed from it",
        "assumptions about health, sexuality or beliefs can be drawn from it",
        "somebody's safety hangs on it, such as a minor's or a vulnerable person's",
    ),
    "behavioural": (
        "it gives no insight, or is public anyway",
        _USUAL,
        "it makes a profile of everyday life",
        "it makes a profile of sensitive matters",
    ),
    "financial": (
        "it gives no insight, such as only whose customer somebody is",
        "it gives some insight, none of it significant",
        _USUAL,
        "it makes fraud or a detailed profile possible",
    ),
    "sensitive": (
        "it gives no insight, or is public anyway",
        "it allows general assumptions only",
        "it allows assumptions about sensitive facts",
        _USUAL,
    ),
}
DATA = {kind: dict(enumerate(levels, start=1)) for kind, levels in _LEVELS.items()}
# values in quarters from here on
IDENTIFYING = {1: "negligible", 2: "limited", 3: "significant", 4: "maximum, from the data or with little effort"}
CIRCUMSTANCES = {
    "confidentiality": {0: "exposed, misuse not in evidence", 1: "known recipients", 2: "unknown recipients"},
    "integrity": {0: "recovered, not used", 1: "perhaps misused, recoverable", 2: "perhaps misused, not recoverable"},
    "availability": {0: "recoverable with no difficulty", 1: "lost for a time", 2: "lost for good"},
    "intent": {0: "an error", 2: "malicious"},
}


class UnknownFactor(Refused):
    def __init__(self, found: str, known: Iterable[str], example: str) -> None:
        super().__init__(f"“{shown(found)}” is not among the factors: give {_either(known)}, such as {example}.")


class WrongValue(Refused):
    """The meanings are said, so that a person can choose by them."""

    def __init__(self, what: str, found: str, meanings: Mapping[str, str]) -> None:
        choices = _either(f"{value} ({words})" for value, words in meanings.items())
        wrong = f"“{shown(found)}” is not a value" if found.strip() else "This lacks the value"
        super().__init__(f"{wrong} of {what}: give {choices}.")


class FactorTwice(Refused):
    def __init__(self, name: str) -> None:
        super().__init__(f"“{name}” is given twice: give it once, with the value that counts.")


class FactorMissing(Refused):
    """Nothing is filled in for a person: a default would be a claim that nobody made."""


class SeveralFactorsWrong(Refused):
    """Each said, so that all can be mended at once."""

    def __init__(self, wrong: Sequence[Refused]) -> None:
        self.wrong = tuple(wrong)
        super().__init__(" ".join(str(each) for each in wrong))


class NotFactors(Refused):
    def __init__(self) -> None:
        super().__init__(
            "These are not the factors of a severity: write dpc (each kind of data with its level), "
            "ei (a list of values) and cb (each circumstance with its value)."
        )


@dataclass(frozen=True)
class Factors:
    """Levels 1 to 4 by kind of data; identifiers and circumstances in quarters. Made by `read_factors`, which checks.

    A circumstance that is not in `cb` does not apply; `dpc` and `ei` hold at least one each.
    """

    dpc: Mapping[str, int]
    ei: tuple[int, ...]
    cb: Mapping[str, int]


def decimal(quarters: int) -> str:
    """Quarters as people write them: “0.75”, “1”, “1.5”."""
    return f"{quarters // 4}{('', '.25', '.5', '.75')[quarters % 4]}"


def read_factors(dpc: Iterable[str], ei: Iterable[str], cb: Iterable[str]) -> Factors:
    """Read “sensitive=4”, “0.75” and “confidentiality=0.25”; that no circumstance applies is said by “none” alone.

    Several identifiers may be given, also of one value; a kind of data or a circumstance only once.
    Raises UnknownFactor, WrongValue, FactorTwice, FactorMissing, or SeveralFactorsWrong where there are several.
    """
    kinds, values, circumstances = list(dpc), list(ei), list(cb)
    wrong = list(_missing(kinds, values, circumstances))
    none_applies = [text.strip().casefold() for text in circumstances] == [NONE]
    read = Factors(
        dpc=_named(kinds, DATA, str, "sensitive=4", " data", wrong),
        ei=tuple(_identifying(values, wrong)),
        cb={} if none_applies else _named(circumstances, CIRCUMSTANCES, decimal, "intent=0.5", "", wrong),
    )
    if wrong:
        raise wrong[0] if len(wrong) == 1 else SeveralFactorsWrong(wrong)
    return read


def _missing(kinds: list[str], values: list[str], circumstances: list[str]) -> Iterator[Refused]:
    if not kinds:
        yield FactorMissing(f"Say what kind of data it is, with its level: {_either(DATA)}, such as sensitive=4.")
    if not values:
        meanings = _either(f"{decimal(value)} ({words})" for value, words in IDENTIFYING.items())
        yield FactorMissing(f"Say how easily somebody is identified by it: {meanings}.")
    if not circumstances:
        names = _either(CIRCUMSTANCES)
        yield FactorMissing(f"Say in what circumstances: {names}, such as intent=0.5; or “none” if none applies.")


def _identifying(values: Iterable[str], wrong: list[Refused]) -> Iterator[int]:
    for text in values:
        try:
            yield _value("ease of identification", text, IDENTIFYING, decimal)
        except WrongValue as error:
            wrong.append(error)


def as_plain(factors: Factors) -> dict[str, object]:
    """For JSON and databases, in the decimals people write; `from_plain` reads it back as equal factors."""
    return {
        "dpc": dict(factors.dpc),
        "ei": [decimal(value) for value in factors.ei],
        "cb": {name: decimal(value) for name, value in factors.cb.items()},
    }


def from_plain(plain: Mapping[str, object]) -> Factors:
    """Raises NotFactors for another shape, and what `read_factors` raises for the values."""
    dpc, ei, cb = (plain.get(name) for name in ("dpc", "ei", "cb"))
    if not (isinstance(dpc, Mapping) and isinstance(ei, list | tuple) and isinstance(cb, Mapping)):
        raise NotFactors
    pairs = [[f"{name}={value}" for name, value in each.items()] for each in (dpc, cb)]
    return read_factors(pairs[0], [str(value) for value in ei], pairs[1] or [NONE])


def _named(
    pairs: Iterable[str], table: Mapping[str, Mapping[int, str]], write: Callable[[int], str], example: str,
    suffix: str, wrong: list[Refused],
) -> dict[str, int]:  # fmt: skip
    read: dict[str, int] = {}
    for pair in pairs:
        name, _, text = pair.partition("=")
        name = name.strip().casefold()
        try:
            if name not in table:
                raise UnknownFactor(name, table, example)
            if name in read:
                raise FactorTwice(name)
            read[name] = _value(name + suffix, text, table[name], write)
        except Refused as error:
            wrong.append(error)
    return read


def _value(what: str, text: str, meanings: Mapping[int, str], write: Callable[[int], str]) -> int:
    """The value meant; “0.50” and “1.0” are taken too, other numbers are not rounded to one that is known."""
    written = {write(value): value for value in meanings}
    plain = text.strip()
    shortest = plain.rstrip("0").rstrip(".") if "." in plain else plain
    if shortest not in written:
        raise WrongValue(what, text, {text: meanings[value] for text, value in written.items()})
    return written[shortest]


def _either(items: Iterable[str]) -> str:
    *others, last = items
    return f"{', '.join(others)} or {last}" if others else last
