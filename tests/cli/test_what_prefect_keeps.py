"""Prefect's own database must not grow for ever; its settings are read by Prefect's own class."""

import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from prefect.settings.models.server.services import ServerServicesDBVacuumSettings

from cli.machine import Machine
from settings import HERE

PREFIX = "PREFECT_SERVER_SERVICES_DB_VACUUM_"


def of_up(folder: Path) -> dict[str, str]:
    return Machine(folder, 1, None, 2).environment()


def of_the_guide(_folder: Path) -> dict[str, str]:
    return dict(re.findall(r"^export (PREFECT_\w+)=(\S+)$", (HERE / "docs" / "guide-scaling.md").read_text(), re.M))


@pytest.mark.parametrize("environment", [of_up, of_the_guide])
def test_runs_are_removed_after_a_week_on_one_machine_and_on_several(
    environment: Callable[[Path], dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    for name, value in environment(tmp_path).items():
        if name.startswith(PREFIX):
            monkeypatch.setenv(name, value)
    vacuum = ServerServicesDBVacuumSettings()
    assert vacuum.enabled_vacuum_types == {"events", "flow_runs", "orphans"}
    assert vacuum.retention_period == timedelta(days=7)
