"""What is known: importing this package registers every table, and the check of what goes into them."""

from models import access, breach, complaint, fitting, gap, history, obligation, outbox, procedure, protocol, review

__all__ = [
    "access",
    "breach",
    "complaint",
    "fitting",
    "gap",
    "history",
    "obligation",
    "outbox",
    "procedure",
    "protocol",
    "review",
]
