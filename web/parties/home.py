"""What a party is asked for, across reviews, signatures, confirmations and follow-ups."""

from web.declaring import PARTIES_AND_ADVISER, Asked, Page


def _read(asked: Asked) -> dict[str, object]:
    return {"contact": asked.caller.contact, "party": asked.caller.party}


PAGES = (
    Page(path="/party", title="What you are asked for", who=PARTIES_AND_ADVISER, read=_read,
         template="parties/home.html", in_menu="/party"),
)  # fmt: skip
