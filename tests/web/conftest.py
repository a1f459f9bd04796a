"""A site for every test of the pages."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from anyio.from_thread import start_blocking_portal

from tests.web.site import PORTAL, Site, loaded_site


@pytest.fixture(autouse=True, scope="session")
def loop() -> Iterator[None]:
    with start_blocking_portal() as portal:
        PORTAL.append(portal)
        yield
        PORTAL.clear()


@pytest.fixture
def site(sqlite_store: sa.Engine) -> Site:
    return loaded_site(sqlite_store)
