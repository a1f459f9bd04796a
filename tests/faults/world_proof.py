"""What has to come up in simulated years if they are to prove anything, and in how many it does."""

from collections import Counter
from collections.abc import Iterable

from tests.faults.world import Played

ENOUGH = 20
MUST_COME_UP = (
    "killed: Killed", "killed (sweeper)", "killed (deliverer)", "fails: OperationalError", "locked: OperationalError",
    "full: OperationalError", "two at once (sweeper)", "two at once (deliverer)", "two at once: Killed",
    "a clock +5 min", "a clock -5 min", "a clock +60 min", "a clock -60 min",
    "off for 1 h", "off for 30 h", "off for 100 h", "off for 400 h", "off over a deadline",
    "without Prefect for a week", "swept about the clocks go forward", "swept about the clocks go back",
    "swept about 29 February", "swept about the year's end",
    "mail: MAIL 421", "mail: CONNECT 421", "mail: RCPT 450", "mail: RCPT 452", "mail: CONTENT 452", "mail: RCPT 550",
    "mail: CONNECT drop", "mail: MAIL drop", "mail: RCPT drop", "mail: DATA drop", "mail: CONTENT drop",
    "mail: CONTENT take and drop", "mail: RCPT stall", "mail: CONTENT stall", "mail: CONTENT take and stall",
    "mail: RCPT drip", "mail: CONTENT drip", "mail: CONTENT take, answer and drop",
    "mail: MAIL, one too many in a connection",
    "review collecting", "review deciding", "review adopted", "breach closed", "complaint closed",
    "message in doubt, ever", "message withdrawn", "message failed",
)  # fmt: skip


def missing(years: Iterable[Played]) -> list[str]:
    """What did not come up; nothing is asked of fewer years than are enough."""
    did, played = Counter[str](), 0
    for year in years:
        did.update(year.did)
        played += 1
    return [what for what in MUST_COME_UP if not did[what]] if played >= ENOUGH else []
