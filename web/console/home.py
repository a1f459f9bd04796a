"""The secretary's first page: what is urgent, and where each of it is done."""

from actions.first_page import first_page
from actions.overview import loaded_protocols
from actions.stock import stock_of
from web.console.home_words import first_words
from web.declaring import READS, Asked, Page


def _read(asked: Asked) -> dict[str, object]:
    """Taking stock reads much: it is done before anything has begun, when there is little."""
    page = first_page(asked.session, asked.now)
    protocols = loaded_protocols(asked.session)
    stocks = [] if page.begun else [stock_of(asked.session, asked.now, protocol) for protocol in protocols]
    return {
        "page": page, "all_clear": page.all_clear, "first_words": [first_words(stock) for stock in stocks],
        "several": len(protocols) > 1, "loaded": bool(protocols),
        "scheduled": any(review.stage == "scheduled" for review in page.reviews),
    }  # fmt: skip


PAGES = (Page(path="/console", title="Today", who=READS, read=_read, template="console/home.html", in_menu="/console"),)
