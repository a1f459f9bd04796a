"""A Prefect database whose tables are there: to make them anew takes each server that starts three seconds of a core.

Made once in a run of the tests, by whichever of its processes is the first to need it. On an empty folder start the
first `concordat up` of tests/cli/test_up.py, and that of the installed wheel in `.ci/run`.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# What a server does when it starts.
MAKE = """
import asyncio
from prefect.server.database import provide_database_interface
asyncio.run(provide_database_interface().create_db())
"""


def put_into(home: Path, made: Path, name: str = "prefect.db") -> None:
    """Before a server starts there."""
    home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(made, home / name)


def made_once(temporary: pytest.TempPathFactory) -> Path:
    """The file to be copied, in the folder that the processes of this run have in common."""
    own = temporary.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    made = shared / "migrated-prefect.db"
    with (shared / "migrated-prefect.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _make(shared / "migrating-prefect", made)
    return made


def _make(home: Path, made: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)  # of one who was killed while making it
    url = f"sqlite+aiosqlite:///{home / 'prefect.db'}"
    environment = {"PREFECT_HOME": str(home), "PREFECT_SERVER_DATABASE_CONNECTION_URL": url}
    subprocess.run([sys.executable, "-c", MAKE], env=os.environ | environment, check=True, timeout=120)
    (home / "prefect.db").rename(made)
