"""The secretary's first page: what is urgent, and where each of it is done."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from actions.first_page import ROWS, OwedLine, first_page
from actions.overview import loaded_protocols
from actions.stock import stock_of
from models.access import Standing
from web.commands import lets_in
from web.console.home_words import FirstWords, first_words
from web.declaring import READS, Asked, Page


@dataclass(frozen=True, kw_only=True)
class DueLine:
    """What `others` besides the first owe alike: in the same case, the same thing, by the same limit."""

    first: OwedLine
    others: int


def alike(owed: Iterable[OwedLine]) -> list[DueLine]:
    """A round in which every party owes the same is one line, in the order of the limits."""
    found: dict[tuple[object, ...], list[OwedLine]] = {}
    for duty in owed:
        reached = (duty.reachable, None) if duty.reachable else (False, duty.number)  # each of these is work
        found.setdefault((duty.case, duty.what, duty.due_at, duty.asked_at, *reached), []).append(duty)
    return [DueLine(first=duties[0], others=len(duties) - 1) for duties in found.values()]


def theirs(words: FirstWords, standing: Standing) -> FirstWords:
    """Without the links to what they may not do."""
    found = (
        replace(each, links=tuple(link for link in each.links if lets_in(link[0], standing))) for each in words.findings
    )
    return replace(words, findings=tuple(found))


def _read(asked: Asked) -> dict[str, object]:
    """Taking stock reads much: it is done before anything has begun, when there is little."""
    page = first_page(asked.session, asked.now)
    protocols = loaded_protocols(asked.session)
    stocks = [] if page.begun else [stock_of(asked.session, asked.now, protocol) for protocol in protocols]
    words = [theirs(first_words(stock), asked.caller.standing) for stock in stocks]
    return {
        "page": page, "due_first": alike(page.owed), "cut": len(page.owed) == ROWS,
        "all_clear": page.all_clear, "first_words": words,
        "several": len(protocols) > 1, "loaded": bool(protocols),
        "scheduled": any(review.stage == "scheduled" for review in page.reviews),
    }  # fmt: skip


PAGES = (Page(path="/console", title="Today", who=READS, read=_read, template="console/home.html", in_menu="/console"),)
