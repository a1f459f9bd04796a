"""A site for every test of the pages."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

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


@pytest.fixture(autouse=True)
def no_running_concordat_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one of this checkout may be up, on somebody's own data: no test begins anything there."""
    monkeypatch.setattr("web.waking.settings", lambda: SimpleNamespace(data=Path("no data folder")))


@pytest.fixture
def site(sqlite_store: sa.Engine) -> Site:
    return loaded_site(sqlite_store)
