"""Conditions of a procedure's steps: what can be asked of a breach, and the answer in three values.

Kleene's logic: what nobody knows makes neither true nor false, unless the rest decides without it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rules.breach_duties import Risk
from rules.breach_facts import CHOICES, SHAPES, UNKNOWN, FactName, NotAFact, Reading, Shape, read_value
from rules.errors import Refused
from rules.instants import LONDON
from rules.procedures import Condition, Every, Negation, Some, Test
from rules.severity import Band

SEVERITY, RISK = "severity", "risk"
AT_LEAST, MORE_THAN, AT_MOST, IS, ANY_OF = "at least", "more than", "at most", "is", "any of"

ORDERS: dict[str, tuple[str, ...]] = {SEVERITY: tuple(Band), RISK: tuple(Risk)}  # from the least
_AMOUNTS = (AT_LEAST, MORE_THAN, AT_MOST)
_VERBS = {
    Shape.COUNT: _AMOUNTS,
    Shape.SCALE: _AMOUNTS,
    Shape.YES_NO: (IS,),
    Shape.CHOICE: (IS, ANY_OF),
    Shape.CHOICES: (ANY_OF,),
    Shape.SLUGS: (ANY_OF,),
}
_NO_TIME = Reading(LONDON, datetime(2018, 5, 25, tzinfo=UTC))  # instants are not asked about


class CannotBeAsked(Refused):
    """A comparison with a value that the subject never has."""

    def __init__(self, subject: str, found: object, expected: str) -> None:
        self.found, self.expected = found, expected
        super().__init__(f"“{subject}” cannot be compared with “{found}”: expected {expected}.")


def verbs_of(subject: str) -> tuple[str, ...]:
    """How that subject can be asked about; none for a text, an instant, or what is no subject."""
    if subject in ORDERS:
        return (*_AMOUNTS, IS, ANY_OF)
    return _VERBS.get(SHAPES[FactName(subject)], ()) if subject in SUBJECT_SHAPES else ()


SUBJECT_SHAPES = {name.value: shape for name, shape in SHAPES.items()}
SUBJECTS = (RISK, SEVERITY, *(name for name, shape in SUBJECT_SHAPES.items() if shape in _VERBS))


def read_operand(subject: str, verb: str, found: Any) -> Any:
    """What the subject is compared with: a plain value, for “any of” a tuple. Raises CannotBeAsked."""
    if verb != ANY_OF:
        return _operand(subject, found)
    if not isinstance(found, list | tuple) or not found:
        raise CannotBeAsked(subject, found, "a list of at least one value")
    return tuple(dict.fromkeys(_operand(subject, each) for each in found))


def _operand(subject: str, found: Any) -> Any:
    if isinstance(found, Mapping | list | tuple):
        raise CannotBeAsked(subject, found, "one value")
    if subject in ORDERS:
        return _choice(subject, found, ORDERS[subject])
    name = FactName(subject)
    if name in CHOICES:
        return _choice(subject, found, CHOICES[name])
    try:
        value = read_value(name, [found] if SHAPES[name] is Shape.SLUGS else found, _NO_TIME)
    except NotAFact as wrong:
        raise CannotBeAsked(subject, found, wrong.expected) from None
    if value in (UNKNOWN, []):
        raise CannotBeAsked(subject, found, "something that can be known")
    return value[0] if isinstance(value, list) else value


def _choice(subject: str, found: Any, choices: Sequence[str]) -> str:
    if found not in choices:
        raise CannotBeAsked(subject, found, f"one of {', '.join(choices)}")
    return str(found)


@dataclass(frozen=True, slots=True)
class Asked:
    """`missing` names the subjects that would decide; empty where the truth is known."""

    truth: bool | None
    missing: tuple[str, ...] = ()


def ask(condition: Condition, known: Mapping[str, Any]) -> Asked:
    """`known` holds plain values by subject; what is not there, None and “unknown” are unknown."""
    match condition:
        case Test():
            return _tested(condition, known.get(condition.subject, UNKNOWN))
        case Negation(part):
            asked = ask(part, known)
            return Asked(None if asked.truth is None else not asked.truth, asked.missing)
        case Every(parts):
            return _joined([ask(part, known) for part in parts], deciding=False)
        case Some(parts):
            return _joined([ask(part, known) for part in parts], deciding=True)


def _joined(answers: Sequence[Asked], *, deciding: bool) -> Asked:
    if any(asked.truth is deciding for asked in answers):
        return Asked(deciding)
    missing = tuple(dict.fromkeys(name for asked in answers for name in asked.missing))
    return Asked(None, missing) if any(asked.truth is None for asked in answers) else Asked(not deciding)


def _tested(test: Test, value: Any) -> Asked:
    if value is None or (isinstance(value, str) and value == UNKNOWN):
        return Asked(None, (test.subject,))
    if test.verb == ANY_OF:
        present = {value} if isinstance(value, str) else set(value)
        return Asked(not present.isdisjoint(test.value))
    if test.verb == IS:
        return Asked(value == test.value)
    found, wanted = _rank(test.subject, value), _rank(test.subject, test.value)
    return Asked({AT_LEAST: found >= wanted, MORE_THAN: found > wanted, AT_MOST: found <= wanted}[test.verb])


def _rank(subject: str, value: Any) -> int:
    return ORDERS[subject].index(value) if subject in ORDERS else int(value)
