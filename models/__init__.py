"""What is known: importing this package registers every table, and the check of what goes into them."""

from models import breach, fitting, history, obligation, outbox, procedure, protocol, review

__all__ = ["breach", "fitting", "history", "obligation", "outbox", "procedure", "protocol", "review"]
