"""Who is a party and how it is reached: one door to what changes that."""

from actions.cast import case_of
from actions.contacts import NotAnAddress, correct_address, require_address, set_contact
from actions.parties import HasLeft, NameTaken, join, leave
from actions.succeeding import apply_succession

__all__ = [
    "HasLeft", "NameTaken", "NotAnAddress", "apply_succession", "case_of", "correct_address", "join", "leave",
    "require_address", "set_contact",
]  # fmt: skip
