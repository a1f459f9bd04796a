"""A site in the middle of its year: a review under way, breaches and complaints open and closed, mail sent."""

from datetime import UTC, datetime

import sqlalchemy as sa

from cli.rehearse.world import World
from tests.actions.world import put_back, saved
from tests.web.site import START, Site, loaded_site

SEED = 3
YEAR_ENDS = datetime(2028, 1, 23, 9, tzinfo=UTC)
DRAFTING = datetime(2027, 4, 12, 9, tzinfo=UTC)
SIGNING = datetime(2027, 7, 1, 9, tzinfo=UTC)
AFTERWARDS = datetime(2027, 11, 22, 9, tzinfo=UTC)

PLAYED: dict[datetime, bytes] = {}


def rich_site(store: sa.Engine, until: datetime = DRAFTING) -> Site:
    """As the rehearsal's people have left it by then. Played once a process."""
    site = loaded_site(store)
    if until in PLAYED:
        put_back(store, PLAYED[until])
    else:
        for now, _ in World(store, "bedfordshire", START, YEAR_ENDS, SEED).moments():
            if now >= until:
                break
        PLAYED[until] = saved(store)
    site.now = until
    return site
