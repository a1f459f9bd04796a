"""How severe a breach is by ENISA's method of 2013: SE = DPC × EI + CB, counted in quarters, never in fractions.

DPC is the kind of data (the highest of the categories present), EI the ease of identification (the highest of
the identifiers), CB the circumstances (their sum). The score is advice: numbers alone mislead.
Source: ENISA, Recommendations for a methodology of the assessment of severity of personal data breaches, 2013.
"""

from dataclasses import dataclass
from enum import StrEnum

from rules.errors import Refused
from rules.sentences import listed
from rules.severity_factors import (
    CIRCUMSTANCES,
    DATA,
    IDENTIFYING,
    Factors,
    as_plain,
    decimal,
    from_plain,
    read_factors,
)

__all__ = ["Band", "Factors", "NotPeople", "Severity", "as_plain", "from_plain", "read_factors", "severity"]

MANY_PEOPLE = 100  # more than these are a flag
ADVICE = "The score is advice; what follows from it in law, a person decides."


class NotPeople(Refused):
    def __init__(self, found: int) -> None:
        super().__init__(f"{found} is not a number of people: it cannot be below zero.")


class Band(StrEnum):
    """From the least to the most severe."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very high"

    def at_least(self, other: "Band") -> bool:
        order = list(Band)
        return order.index(self) >= order.index(other)

    @property
    def reach(self) -> str:
        return {"low": "below 2", "medium": "2 to below 3", "high": "3 to below 4"}.get(self, "4 or more")


@dataclass(frozen=True, slots=True)
class Severity:
    """`quarters` is four times the score; `flags` are what to weigh beside it."""

    quarters: int
    band: Band
    because: str
    flags: tuple[str, ...]

    @property
    def score(self) -> str:
        """“3.75”, “3.00”."""
        return f"{self.quarters // 4}.{self.quarters % 4 * 25:02d}"


def severity(factors: Factors, people: int | None = None, unintelligible: bool | None = None) -> Severity:
    """The score, its band and why; None where the number of people, or whether the data can be read, is unknown.

    Raises NotPeople.
    """
    if people is not None and people < 0:
        raise NotPeople(people)
    quarters = max(factors.dpc.values()) * max(factors.ei) + sum(factors.cb.values())
    band = _band(quarters)
    flags = {
        f"more than {MANY_PEOPLE} people": people is not None and people > MANY_PEOPLE,
        "data unintelligible": unintelligible is True,
    }
    sentences = (_data(factors), _identifying(factors), _circumstances(factors), _sum(factors, quarters, band), ADVICE)
    return Severity(quarters, band, " ".join(sentences), tuple(flag for flag, raised in flags.items() if raised))


def _band(quarters: int) -> Band:
    """A score of exactly 2, 3 or 4 belongs to the higher band."""
    return list(Band)[min(max(quarters // 4 - 1, 0), 3)]


def _data(factors: Factors) -> str:
    kinds = listed([f"{kind} {level} ({DATA[kind][level]})" for kind, level in factors.dpc.items()])
    return f"Kind of data: {kinds}{_highest(len(factors.dpc))}."


def _identifying(factors: Factors) -> str:
    values = listed([f"{decimal(value)} ({IDENTIFYING[value]})" for value in factors.ei])
    return f"Ease of identification: {values}{_highest(len(factors.ei))}."


def _highest(how_many: int) -> str:
    return "; the highest counts" if how_many > 1 else ""


def _circumstances(factors: Factors) -> str:
    given = [f"{name} {decimal(value)} ({CIRCUMSTANCES[name][value]})" for name, value in factors.cb.items()]
    missing = [name for name in CIRCUMSTANCES if name not in factors.cb]
    what = listed(given) if given else "none"
    if not given or not missing:
        return f"Circumstances: {what}."
    was, it = ("was", "it does") if len(missing) == 1 else ("were", "they do")
    return f"Circumstances: {what}; {listed(missing)} {was} not given, so {it} not apply."


def _sum(factors: Factors, quarters: int, band: Band) -> str:
    level, identified = max(factors.dpc.values()), decimal(max(factors.ei))
    circumstances = decimal(sum(factors.cb.values()))
    return f"{level} × {identified} + {circumstances} = {decimal(quarters)}, which is {band} ({band.reach})."
