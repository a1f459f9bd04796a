"""A site for every test of the pages."""

import pytest
import sqlalchemy as sa

from tests.web.site import Site, loaded_site


@pytest.fixture
def site(sqlite_store: sa.Engine) -> Site:
    return loaded_site(sqlite_store)
