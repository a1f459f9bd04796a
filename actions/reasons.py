"""Why somebody did it: asked for, and kept in history."""

from rules.errors import Refused
from rules.texts import plain

# What is asked for with another option than `--because`, and the sentence that asks for it.
ASKED_WITH = {
    "a delay": "Give a reason: a delay is recorded with why (`--late-because`).",
    "a lesson that changes nothing": "Give a reason: a lesson that changes nothing is recorded with why "
    "(`--none-because`).",
    "a lesson": "Say what was learnt (`--words`).",
    "what was put in place": "Say what was put in place (`--outcome`).",
    "what a step brought": "Say what the step brought (`--outcome`), or skip it with the reason (`--skip --because`).",
    "how people were told": "Say how the people were told: by letter, in person … (`--how`).",
    "the regulator's reference": "Say the reference that the regulator gave, or leave it out "
    "(`--regulator-reference`).",
    "how it was told": "Say how whoever complained was told: by letter, by e-mail, in person … (`--how`).",
    "what the party puts in place": "Say what the party puts in place (`--words`).",
    "what happened, as a breach": "Say what happened, in a sentence or two and without names (`--words`).",
    "what is wanting in the protocol": "Say what is wanting in the protocol (`--words`).",
    "a gap": "Say what is wanting (`--words`).",
    "that nothing changes": "Give a reason: that nothing changes is recorded with why (`--because`).",
    "a question": "Say what is asked (`--question`).",
    "an answer": "Say what the answer is (`--answer`).",
    "a confirmation on behalf": "Give a reason: a confirmation on behalf is recorded with why (`--on-behalf-because`).",
    "a signature recorded on behalf": "Give a reason: a signature recorded on behalf is recorded with why "
    "(`--on-behalf-because`).",
    "an answer on behalf": "Give a reason: an answer on behalf is recorded with why (`--on-behalf-because`).",
}


class ReasonNeeded(Refused):
    def __init__(self, what: str) -> None:
        super().__init__(ASKED_WITH.get(what) or f"Give a reason: {what} is recorded with why (`--because`).")


def reason(because: str | None, what: str) -> str:
    """The reason, without space around it. Raises ReasonNeeded where it says nothing, NotText."""
    words = plain(because or "")
    if not words:
        raise ReasonNeeded(what)
    return words


def reason_if_any(because: str | None, what: str) -> str | None:
    """None where none was given; but a reason that was given says something."""
    return None if because is None else reason(because, what)
