"""What every test may ask for: a migrated store on both databases, and a morning in February."""

import atexit
import gc
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import settings as hypothesis_settings
from sqlalchemy.engine import make_url

from models.store import engine
from models.upgrading import upgrade
from tests.migrated_prefect import made_once
from tests.postgres import create_database, drop_database, postgres_server

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")
# otherwise a file in the data folder is made with it
os.environ.setdefault("CONCORDAT_SECRET_KEY", "a secret of the tests, which keeps nothing safe")

hypothesis_settings.register_profile("concordat", deadline=None)
hypothesis_settings.load_profile("concordat")


def examples_in_ci(number: int) -> int:
    """How many whole cases the slow tests draw: so many in CI, as many as `CONCORDAT_EXAMPLES` says by command."""
    return int(os.environ.get("CONCORDAT_EXAMPLES", number))


# Whole files go to the processes in this order (--no-loadscope-reorder): were one of these among the last, one
# process would go on alone for as long as it takes. From the longest, as `--durations` has it.
LONG_FILES = (
    "faults/test_killed_everywhere.py",
    "faults/test_simulated_years_on_postgres.py",
    "faults/test_simulated_years.py",
    "faults/test_stories_killed.py",
    "cli/test_up.py",
    "flows/test_a_year_for_real.py",
    "cli/test_deploying.py",
    "cli/test_rehearse.py",
    "flows/test_scaling_guide.py",
    "flows/test_flows.py",
    "cli/test_waking.py",
    "web/test_walks.py",
    "actions/breaches/test_breach_machine.py",
    "faults/test_postgres_restarts.py",
    "web/test_api_fuzzed.py",
    "models/test_upgrade.py",
    "web/test_walls.py",
    "actions/test_forecast_is_what_is_sent.py",
    "cli/test_breach_commands.py",
    "faults/test_backup_amid_writers.py",
    "actions/test_review_machine.py",
    "web/test_hostile_words_shown.py",
    "actions/complaints/test_complaint_machine.py",
    "actions/breaches/test_merging.py",
    "actions/breaches/test_closing.py",
    "actions/breaches/test_the_referral.py",
)
TESTS = Path(__file__).parent
TEMPLATE = f"concordat_template_{os.getpid()}"


# What is proven under these does not hang on the database: there it is run in CI, by `pytest -m slow` ...
SLOW_ON_POSTGRES = ("actions", "cli", "flows", "models/test_upgrade.py")
# ... but for where two meet, and for what one of the two databases refuses.
ON_BOTH = (
    "actions/access",
    "actions/complaints/test_determining.py",
    "actions/complaints/test_paper.py",
    "actions/test_hostile_words.py",
    "actions/test_reminding.py",
    "actions/test_watching.py",
    "actions/test_what_they_owe_is_found.py",
    "actions/test_whoever_meets_does_not_wait_forever.py",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        where = item.path.relative_to(TESTS)
        named = "postgres" in item.name and _is_in(where, SLOW_ON_POSTGRES)
        if named and not _is_in(where, ON_BOTH):
            item.add_marker(pytest.mark.slow)
    place = {TESTS / name: number for number, name in enumerate(LONG_FILES)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()


def _is_in(file: Path, names: Sequence[str]) -> bool:
    return any(file.is_relative_to(name) for name in names)


@cache
def sqlite_template() -> bytes:
    """Migrating costs a second; every test starts from a copy of one migrated file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        made = engine(f"sqlite:///{path}")
        upgrade(made)
        made.dispose()
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return path.read_bytes()


@cache
def postgres_template() -> str:
    server = postgres_server()
    assert server is not None
    drop_database(server, TEMPLATE)
    made = engine(psycopg_url(create_database(server, TEMPLATE)))
    upgrade(made)
    made.dispose()
    return server


def psycopg_url(url: str) -> str:
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> Iterator[sa.Engine]:
    """A migrated, empty store; every test that takes it runs on both databases."""
    match request.param:
        case "sqlite":
            yield from _sqlite_store()
        case _:
            yield from _postgres_store()


# For a heavy test in which the database matters little: PostgreSQL is asked in CI, by `pytest -m slow`.
on_postgres_among_the_slow = pytest.mark.parametrize(
    "store", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)], indirect=True
)


@pytest.fixture
def sqlite_store() -> Iterator[sa.Engine]:
    """For what does not depend on the database."""
    yield from _sqlite_store()


# Every test has its own database, and all have one name: the engine keeps the statements it has compiled.


@cache
def _folder() -> Path:
    """In memory where there is such a place: nothing here has to survive a power cut."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="concordat-tests-", dir=memory if memory.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _sqlite_store() -> Iterator[sa.Engine]:
    path = _folder() / "concordat.db"
    for left in _folder().glob("concordat.db*"):
        left.unlink()  # a connection that was left open keeps what it had
    path.write_bytes(sqlite_template())
    made = engine(f"sqlite:///{path}")
    made.dispose()
    yield made
    made.dispose()


def _postgres_store() -> Iterator[sa.Engine]:
    if postgres_server() is None:
        pytest.skip("PostgreSQL is not installed here")
    server, name = postgres_template(), f"concordat_test_{os.getpid()}"
    drop_database(server, name)
    made = engine(psycopg_url(create_database(server, name, template=TEMPLATE)))
    made.dispose()
    yield made
    made.dispose()
    drop_database(server, name)


@pytest.fixture(scope="session")
def migrated_prefect(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For `put_into`."""
    return made_once(tmp_path_factory)


@pytest.fixture
def london() -> Callable[..., datetime]:
    """`london(2027, 2, 26, 9)`: that wall-clock time in London, as UTC."""
    from zoneinfo import ZoneInfo

    def instant(*parts: int) -> datetime:
        return datetime(*parts, tzinfo=ZoneInfo("Europe/London")).astimezone(UTC)  # type: ignore[arg-type]

    return instant
