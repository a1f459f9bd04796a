"""A run of the clock is a process of its own, every few minutes: it loads no more than it needs."""

import subprocess
import sys

import pytest

from settings import HERE

pytestmark = pytest.mark.slow
NOT_NEEDED = ("alembic", "numpy", "bm25s", "weasyprint", "fastapi.testclient")


def test_a_run_of_the_clock_loads_no_migrations_and_nothing_that_counts_words() -> None:
    code = f"import flows.sweep, flows.delivery, sys; print([m for m in {NOT_NEEDED} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=HERE, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
