"""The forecast for a calendar program, which cannot sign in: the address is the secret, and opens nothing else."""

from actions.access.feeds import require_feed
from web.console.forecast import calendar_of
from web.declaring import ANYBODY, Answer, Asked, Page


def _read(asked: Asked) -> Answer:
    """Raises NotThere."""
    require_feed(asked.session, asked.now, asked.place["token"])
    return calendar_of(asked)


PAGES = (Page(path="/forecast/{token}.ics", title="The forecast, as a feed", who=ANYBODY, read=_read),)
