"""What of a message is only printed, and what it has in common with others that differ in nothing else."""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from models.outbox import GAP
from notifications.messages import Duty, Message
from notifications.wording import single_line


def printed_in(message: Message) -> dict[str, str]:
    """The values to be written in; none where one is not a line as it is, or a party's name is a word of ours. Of
    `review:12` the number: templates ask for the kind of case."""
    values = {name: str(value) for name in message.PRINTED if (value := getattr(message, name)) is not None}
    if not all(map(_is_line, values.values())) or (message.party or "?") in _why_you(message.role):
        return {}
    if message.NAMING and not all(_is_line(getattr(message, name)) for name in message.NAMING):
        return {}
    if "reference" in values:
        values["reference"] = values["reference"].rpartition(":")[2]
    return values


def _is_line(words: str) -> bool:
    return words != "" and single_line(words) == words


@lru_cache(maxsize=64)
def _why_you(role: str) -> str:
    return f"You get this because you are the {role} of the steering group."


def alike(message: Message, printed: Mapping[str, str]) -> Hashable:
    """What two messages have in common that differ in nothing but what is written in: that which `with_signs` leaves
    as it is. To make the message itself for it takes three times as long."""
    others = {name: value for name, value in vars(message).items() if name not in printed}
    for name in others.keys() & {"duties", "duty"}:
        others[name] = tuple(_duty_alike(duty, message.party) for duty in duties({name: others[name]}))
    for name in message.NAMING if message.party else ():
        others[name] = others[name].replace(message.party, sign("party"))
    kind = message.reference.removesuffix(printed["reference"])
    return type(message), kind, tuple(printed), tuple(others.values())


def with_signs(message: Message, printed: Mapping[str, str]) -> Message:
    signs: dict[str, Any] = {name: sign(name) for name in printed}
    signs["reference"] = message.reference.removesuffix(printed["reference"]) + sign("reference")
    if duties := getattr(message, "duties", None):
        signs["duties"] = tuple(_of_the_party(duty, message.party) for duty in duties)
    if duty := getattr(message, "duty", None):
        signs["duty"] = _of_the_party(duty, message.party)
    if message.party:
        signs |= {name: getattr(message, name).replace(message.party, sign("party")) for name in message.NAMING}
    return replace(message, **signs)


def _duty_alike(duty: Duty, party: str | None) -> Hashable:
    """Without the party, where it is theirs."""
    return tuple(value for name, value in vars(duty).items() if name != "party" or value != party)


def _of_the_party(duty: Duty, party: str | None) -> Duty:
    return replace(duty, party=sign("party")) if duty.party == party else duty


def sign(name: str) -> str:
    """In private characters, which are left out of every value (`cleaned`): no word of anybody's is taken for it."""
    return f"{GAP}{name}\ue001"


def duties(of: Mapping[str, Any]) -> list[Any]:
    return [*of.get("duties", ()), *([of["duty"]] if "duty" in of else [])]
