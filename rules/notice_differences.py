"""What is known now and is not what the notice given says: a supplement may be due (UK GDPR art. 33(4); s.67(5))."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rules.breach_facts import FactName
from rules.regulator_notice import AWARE, PEOPLE_TOLD


@dataclass(frozen=True, slots=True)
class Difference:
    """Between what was told and what is known now. None: nothing was told, or nothing is known."""

    name: str
    told: Any
    known: Any

    @property
    def words(self) -> str:
        """Numbers are quoted; of a text only that it is another one."""
        if self.name in (FactName.PEOPLE, FactName.RECORDS):
            told = f"{self.told} {self.name}" if self.told is not None else f"nothing of {self.name}"
            return f"The notice given says {told}, {self.known} are known: a supplement may be due."
        return f"“{self.name}” is not what the notice given says: a supplement may be due."


def differences(told: Mapping[str, Any], known: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Both as `content` makes them."""
    before = {**told["facts"], AWARE: told[AWARE], PEOPLE_TOLD: told[PEOPLE_TOLD]}
    after = {**known["facts"], AWARE: known[AWARE], PEOPLE_TOLD: known[PEOPLE_TOLD]}
    names = dict.fromkeys([*after, *before])
    return tuple(
        Difference(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    )
