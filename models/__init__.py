"""What is known: importing this package registers every table, and the check of what goes into them."""

from models import fitting, history, obligation, outbox, protocol, review

__all__ = ["fitting", "history", "obligation", "outbox", "protocol", "review"]
