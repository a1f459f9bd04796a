"""A store of our own for the flows, and one Prefect for all of them: it takes seconds to start."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from actions.cast import protocol_named
from actions.loading import load_protocol
from actions.review_opening import set_review_date
from models.protocol_file import read_protocol
from models.store import engine, transaction
from settings import settings
from tests.migrated_prefect import put_into

BEDFORDSHIRE = Path(__file__).parents[2] / "protocols" / "bedfordshire"
LOADED_AT = datetime(2025, 11, 3, 9, tzinfo=UTC)
REVIEW_ON = date(2026, 3, 31)


@pytest.fixture(scope="session")
def prefect(tmp_path_factory: pytest.TempPathFactory, migrated_prefect: Path) -> Iterator[None]:
    from prefect.testing import utilities  # brings a second of Prefect's server with it

    folder = tmp_path_factory.mktemp("prefect")
    put_into(folder, migrated_prefect, name="prefect-test.db")  # as the harness calls its own
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(utilities, "mkdtemp", lambda: str(folder))
        with utilities.prefect_test_harness(server_startup_timeout=60):
            yield


@pytest.fixture
def bedfordshire(store: sa.Engine, monkeypatch: pytest.MonkeyPatch, prefect: None) -> Iterator[sa.Engine]:
    """The flows find this store as they do in production; its review date is set, nobody has been asked yet."""
    monkeypatch.setenv("CONCORDAT_DATABASE_URL", store.url.render_as_string(hide_password=False))
    settings.cache_clear()
    engine.cache_clear()
    with transaction(store) as session:
        load_protocol(session, LOADED_AT, read_protocol(BEDFORDSHIRE), "secretary")
        set_review_date(session, LOADED_AT, protocol_named(session, "bedfordshire"), REVIEW_ON, "secretary")
    yield store
    engine().dispose()
    settings.cache_clear()
    engine.cache_clear()
