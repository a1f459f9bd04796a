"""Who hears what of a breach: ids, dates and counts, never anybody's own words.

Each is called in the transaction of its cause; saying it twice queues it once, and an address that has bounced is
passed over.
"""

from actions.breaches.telling_of_ends import tell_of_end, tell_of_merger, tell_of_reopening
from actions.breaches.telling_of_news import tell_of_awareness, tell_of_consultation, tell_of_facts, tell_of_hold
from actions.breaches.telling_of_work import (
    tell_of_follow_up,
    tell_of_hand_over,
    tell_of_local_action,
    tell_of_steps,
    tell_secretary_of_report,
)

__all__ = [
    "tell_of_awareness", "tell_of_consultation", "tell_of_end", "tell_of_facts", "tell_of_follow_up",
    "tell_of_hand_over", "tell_of_hold", "tell_of_local_action", "tell_of_merger", "tell_of_reopening",
    "tell_of_steps", "tell_secretary_of_report",
]  # fmt: skip
