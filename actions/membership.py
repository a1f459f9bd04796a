"""Who is a party and how it is reached: one door to what changes that."""

from actions.cast import case_of
from actions.contacts import (
    NotAnAddress,
    absent_until,
    correct_address,
    filling,
    require_address,
    said_of_absence,
    set_contact,
)
from actions.parties import HasLeft, NameTaken, join, leave
from actions.succeeding import apply_succession

__all__ = [
    "HasLeft", "NameTaken", "NotAnAddress", "absent_until", "apply_succession", "case_of", "correct_address", "filling",
    "join", "leave", "require_address", "said_of_absence", "set_contact",
]  # fmt: skip
