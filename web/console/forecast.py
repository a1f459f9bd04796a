"""The forecast: a calendar of what is sent to whom if nobody answers, as a page, as CSV, and as a feed."""

from typing import Any

from pydantic import BaseModel

from actions.access.feeds import make_feed
from actions.forecasting import as_rows
from notifications.calendar_file import calendar_feed
from notifications.message_words import MESSAGE_WORDS
from notifications.wording import capitalised
from settings import settings
from web.console.access import note
from web.console.complaint_sheet import address, sheet
from web.console.forecast_days import MOST_MONTHS, entries, messages_of, months, months_of, names_of, sendings
from web.declaring import READS, WORKS, Act, Answer, Asked, Done, Page, Shown
from web.fields import line
from web.places import protocol_if_one

MENU = "/console/forecast"
CHOICES = (1, 3, 6, 12, MOST_MONTHS)
HEADS = ("At", "To", "Party", "Message", "Obligation")


class Feed(BaseModel):
    name: str = line(
        "Whose calendar is it?", missing="Say whose calendar it is", longest=60,
        hint="Such as “the secretary’s telephone”: so that you know later which one to revoke.",
    )  # fmt: skip


def _read(asked: Asked) -> dict[str, Any]:
    found = messages_of(asked)
    filters = {name: asked.query.get(name, "") for name in ("party", "kind", "protocol")}
    filters |= {"months": str(months_of(asked))}
    return {
        "months": months(sendings(found)), "messages": len(found), "filters": filters, "parties": names_of(asked),
        "kinds": {kind: capitalised(many) for kind, (_, many) in MESSAGE_WORDS.items()}, "spans": CHOICES,
        "sheet": address(f"{MENU}.csv", filters), "file": address(f"{MENU}.ics", filters),
    }  # fmt: skip


def _sheet(asked: Asked) -> Answer:
    columns = ("at", "to", "party", "message", "obligation")
    rows = ([row[name] for name in columns] for row in as_rows(messages_of(asked)))
    return sheet("forecast.csv", HEADS, rows)


def calendar_of(asked: Asked) -> Answer:
    found = sendings(messages_of(asked))
    of = protocol_if_one(asked)
    text = calendar_feed(f"Forecast: {of.short_name}" if of else "Forecast", entries(found), now=asked.now)
    return Answer(content=text.encode(), media_type="text/calendar; charset=utf-8", filename="forecast.ics")


def _make(asked: Asked, given: Feed) -> Done:
    assert asked.caller.user is not None
    row, secret = make_feed(asked.session, asked.now, asked.caller.user, given.name)
    note(asked, "calendar address made", token=row.id)
    place = f"{str(settings().pages_url).rstrip('/')}/forecast/{secret}.ics"
    shown = {"title": "Your calendar’s address", "token": row, "place": place, "in_menu": MENU}
    return Done(
        sentence="The calendar’s address is made.", to=MENU, facts={"token": row.id},
        page=Shown(template="console/forecast_feed.html", context=shown),
    )  # fmt: skip


PAGES = (
    Page(path=MENU, title="Forecast", who=READS, read=_read, template="console/forecast.html", in_menu=MENU),
    Page(path=f"{MENU}.csv", title="The forecast as CSV", who=READS, read=_sheet),
    Page(path=f"{MENU}.ics", title="The forecast as a calendar file", who=READS, read=calendar_of),
)
ACTS = (
    Act(path=f"{MENU}/subscribe", title="Subscribe in a calendar program", who=WORKS, fields=Feed, do=_make,
        button="Make the address", in_menu=MENU, api=False,
        words="A calendar program cannot sign in. It is given an address that nobody can guess: whoever has it can "
        "read the forecast, with the addresses it writes to, and nothing else. It lasts for a year, and can be "
        "revoked at any time."),
)  # fmt: skip
