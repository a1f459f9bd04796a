"""Peers that are no dependency of ours are run by a Python of their own, which has them."""

import os
import subprocess
import sys
from pathlib import Path

from bench import NotHere

PEERS = "BENCH_PEERS_PYTHON"  # that Python, where this one has not what is asked for
INSTALLED = """
from importlib.metadata import distributions
print(*(f"{each.name}={each.version}" for each in distributions() if each.name in ("dbos", "procrastinate")))
"""


def run_by_peers(peer: str, script: str, *arguments: str, said: str | None = None) -> list[float]:
    """The numbers on the last line that the script of this folder prints. Raises NotHere."""
    command = [os.environ.get(PEERS, sys.executable), str(Path(__file__).parent / script), *arguments]
    done = subprocess.run(command, input=said, capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise NotHere(f"{peer}, of the Python that {PEERS} names: {done.stderr.strip().splitlines()[-1]}")
    return [float(number) for number in done.stdout.splitlines()[-1].split()]


def peers_versions() -> dict[str, str]:
    """Of those that are there."""
    command = [os.environ.get(PEERS, sys.executable), "-c", INSTALLED]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return dict(each.split("=") for each in sorted(said))
