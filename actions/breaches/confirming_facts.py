"""A party, or the secretary, states just what whoever reported has said: nothing changes, and it is theirs now."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from actions.breaches.facts import Stated, add_statements, digests
from actions.breaches.said_otherwise import is_of_a_reporter, newest_statements
from models import history
from models.breach import Breach
from rules.breach_facts import UNKNOWN, FactName


def confirm(
    session: Session, now: datetime, breach: Breach, read: Mapping[FactName, Any], before: Mapping[FactName, Any],
    by: str, why: str | None,
) -> list[Stated]:  # fmt: skip
    """Kept once, so that the reporter does not replace it. Who says again that nobody knows confirms nothing.

    Answers what is confirmed now: as it stood before.
    """
    same = {name: value for name, value in read.items() if value != UNKNOWN and before.get(name) == value}
    newest = newest_statements(session, breach, same) if same else {}
    confirmed = [Stated(name, value, value) for name, value in same.items() if is_of_a_reporter(newest[name])]
    if confirmed:
        add_statements(session, now, breach, confirmed, by, why)
        history.write(session, breach.case, now, by, "facts confirmed", why=why, facts=digests(confirmed))
    return confirmed


def sentence_of(stated: Sequence[Stated]) -> str:
    """For whoever has stated it: what is new, and what of a reporter's word is theirs now."""
    changed = [f"“{each.name}”" for each in stated if each.is_new]
    confirmed = [f"“{each.name}”" for each in stated if not each.is_new]
    said = [
        *([f"Recorded: {', '.join(changed)}."] if changed else []),
        *([f"Confirmed as the reporter said it: {', '.join(confirmed)}."] if confirmed else []),
    ]
    return " ".join(said) or "That was known already: nothing has changed."
