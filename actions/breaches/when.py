"""When something happened, as a person writes it: on the clock of the protocol's zone, or with its own offset."""

from datetime import datetime

from sqlmodel import Session

from actions.breaches.moving import protocol_of
from actions.breaches.showing import breach_named
from actions.policy import zone_of
from rules.errors import Refused
from rules.instants import parse_when
from rules.texts import shown


class TimeOfDayNeeded(Refused):
    """Hours are counted from it: a day is not enough."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"“{shown(found)}” is a day: say the time too, such as {found.strip()}T16:20, because hours are counted "
            "from it."
        )


def instant_in(session: Session, breach_id: int, text: str) -> datetime:
    """In UTC. Raises NotThere, TimeOfDayNeeded, NeitherDayNorInstant, SkippedTime, RepeatedTime."""
    when = parse_when(text, zone_of(protocol_of(session, breach_named(session, breach_id))))
    if not isinstance(when, datetime):
        raise TimeOfDayNeeded(text)
    return when
