"""What suggestions are made of and how they are answered: plain values."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeVar


class Clause(NamedTuple):
    """A clause as it read in the version in force when it happened."""

    id: str
    heading: str
    text: str
    vocabulary: tuple[str, ...] = ()


class Outside(NamedTuple):
    """Something that people complain of and no clause governs."""

    id: str
    heading: str
    vocabulary: tuple[str, ...]


class Earlier(NamedTuple):
    """A case that a person has decided. `clauses`: those it touches; not `covered`: none of them governs it.
    Without `votes` it may be similar, and speaks for nothing: nobody has decided which clause governs it."""

    id: str
    narrative: str
    clauses: tuple[str, ...]
    determination: str
    covered: bool = True
    votes: bool = True


class SuggestedClause(NamedTuple):
    """`score` goes from 0 to 1 and orders; it is no probability. `because`: words of the narrative."""

    id: str
    score: float
    because: tuple[str, ...]


class SimilarCase(NamedTuple):
    id: str
    score: float
    clauses: tuple[str, ...]
    determination: str
    because: tuple[str, ...]


class Scored(Protocol):
    @property
    def score(self) -> float: ...


AnyScored = TypeVar("AnyScored", bound=Scored)
LEAST = 0.1  # of the score: a clause that has less is not printed


def worth_showing(clauses: Sequence[AnyScored]) -> tuple[AnyScored, ...]:
    """In their order."""
    return tuple(each for each in clauses if each.score >= LEAST)


class Suggestion(NamedTuple):
    """Best first. `none_because`: the words that point outside the protocol, also where they do not prevail."""

    clauses: tuple[SuggestedClause, ...]
    none_likely: bool
    none_because: tuple[str, ...]
    similar: tuple[SimilarCase, ...]
