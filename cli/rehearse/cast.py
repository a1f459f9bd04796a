"""Who plays: every party with a manner of its own, drawn from the seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle
from random import Random


class Manner(StrEnum):
    """When somebody does what is asked."""

    PROMPT = "prompt"
    STEADY = "steady"
    LAST_DAY = "on the last day"
    LATE = "late"
    SILENT = "silent"
    EXTENDED = "asks for more time"
    AWAY = "away, with a deputy"


class Idea(StrEnum):
    """What a party proposes."""

    MAJOR = "major"
    MINOR = "minor"
    SAME = "what another one proposes too"


@dataclass(slots=True)
class Character:
    slug: str
    name: str
    manner: Manner = Manner.STEADY
    idea: Idea | None = None
    bounces: bool = False
    declines: bool = False
    dissents: bool = False
    not_yet: bool = False


def cast(parties: Sequence[tuple[str, str, bool]], rng: Random) -> dict[str, Character]:
    """A character for each party, given as slug, name and whether it has a deputy.

    Every part is played where there are a dozen parties; where there are fewer, some play several.
    """
    people = [
        Character(slug, name, rng.choice([Manner.PROMPT, Manner.STEADY, Manner.LAST_DAY])) for slug, name, _ in parties
    ]
    rng.shuffle(people)
    if not people:
        return {}
    with_deputy = {slug for slug, _, has_deputy in parties if has_deputy}
    away = next((character for character in people if character.slug in with_deputy), None)
    if away is not None:
        away.manner = Manner.AWAY
    others = cycle([character for character in people if character is not away] or people)
    _give_parts([next(others) for _ in range(11)], len(people))
    return {character.slug: character for character in people}


def _give_parts(players: Sequence[Character], parties: int) -> None:
    """In this order: in a small protocol the first parts matter more than the last."""
    first, second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth, eleventh = players
    first.idea, first.manner = Idea.MAJOR, Manner.PROMPT
    second.idea = third.idea = Idea.SAME
    second.manner, third.manner = Manner.STEADY, Manner.PROMPT
    fourth.idea, fourth.manner = Idea.MINOR, Manner.LAST_DAY
    fifth.bounces, fifth.manner = True, Manner.STEADY
    sixth.declines = sixth.dissents = True
    seventh.not_yet = True
    if parties > len(players):
        eighth.manner, ninth.manner = Manner.EXTENDED, Manner.LATE
        tenth.manner = eleventh.manner = Manner.SILENT
