"""What is known: importing this package registers every table, and the check of what goes into them."""

from models import breach, complaint, fitting, gap, history, obligation, outbox, procedure, protocol, review

__all__ = [
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
