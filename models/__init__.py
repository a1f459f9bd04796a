"""What is known: importing this package registers every table."""

from models import history, obligation, outbox, protocol, review

__all__ = ["history", "obligation", "outbox", "protocol", "review"]
