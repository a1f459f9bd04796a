"""The secretary's first page."""

from actions.overview import status
from web.declaring import READS, Asked, Page


def _read(asked: Asked) -> dict[str, object]:
    return {"status": status(asked.session, asked.now)}


PAGES = (Page(path="/console", title="Today", who=READS, read=_read, template="console/home.html", in_menu="/console"),)
