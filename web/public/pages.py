"""What these pages say of themselves: accessibility, privacy, cookies, and whom to ask."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from actions.access.party_links import LASTS as LINK_LASTS
from actions.access.sessions import LASTS, REPORTER_LASTS
from actions.overview import loaded_protocols
from actions.retention.cases import periods_of
from models.protocol import Protocol
from web.declaring import ANYBODY, Asked, Page
from web.limits import WINDOW_SECONDS
from web.openid import COOKIE, LASTS_SECONDS
from web.public.protocol_meant import shown_of

HOUR = timedelta(hours=1)


def _read(asked: Asked) -> Mapping[str, Any]:
    """Also before any protocol is loaded."""
    return {
        "protocols": [shown_of(asked, each) for each in loaded_protocols(asked.session)],
        "kept": [(each.short_name, *_kept(each)) for each in loaded_protocols(asked.session)],
        "visit_hours": LASTS // HOUR, "report_hours": REPORTER_LASTS // HOUR,
        "link_days": LINK_LASTS.days, "counted_minutes": WINDOW_SECONDS // 60,
        "openid_cookie": COOKIE, "openid_minutes": LASTS_SECONDS // 60,
    }  # fmt: skip


def _kept(protocol: Protocol) -> Iterator[str | None]:
    """For how long the words of breaches are kept, and of complaints."""
    for period in periods_of(protocol).values():
        yield str(period) if period is not None else None


def _page(path: str, title: str) -> Page:
    return Page(path=path, title=title, who=ANYBODY, read=_read, template=f"public{path}.html")


PAGES = (
    _page("/accessibility", "Accessibility statement"),
    _page("/privacy", "Privacy"),
    _page("/cookies", "Cookies"),
    _page("/contact", "Whom to ask"),
)
