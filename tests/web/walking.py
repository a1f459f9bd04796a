"""Every route there is, from the declarations: a new page cannot be forgotten."""

from collections.abc import Iterator
from typing import Any

from starlette.testclient import TestClient

from models.access import Standing
from tests.web.site import Site
from web.commands import PLACES
from web.declared import ACTS, PAGES
from web.declaring import Act, Page


def addresses() -> Iterator[tuple[str, Page | Act]]:
    """With something in every place, whether or not it exists."""
    for declared in (*PAGES, *ACTS):
        yield PLACES.sub(lambda place: "1" if ":int}" in place[0] else "bedfordshire", declared.path), declared


def everybody(site: Site) -> dict[Standing, TestClient]:
    """A browser for each standing; a reporter's needs a report."""
    return {
        Standing.ANYBODY: site.browser(),
        Standing.REPORTER: site.reporter(site.report()),
        Standing.PARTY: site.party("bedford-borough-council"),
        Standing.ADVISER: site.adviser(),
        Standing.AUDITOR: site.console(Standing.AUDITOR),
        Standing.ASSISTANT: site.console(Standing.ASSISTANT),
        Standing.SECRETARY: site.console(),
    }


def is_kept_out(response: Any) -> bool:
    """Sent to sign in, to come back with a code, or told that it is not for them."""
    if response.status_code == 303:
        return response.headers["location"] in ("/sign-in", "/report/return")
    return response.status_code == 403
