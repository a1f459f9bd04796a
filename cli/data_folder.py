"""The data folder belongs to one `concordat up` at a time."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rules.errors import Refused

NEEDED_BYTES = 200 * 1024 * 1024  # Prefect's database and logs of some weeks; less ends in the middle of something


class AlreadyUp(Refused):
    def __init__(self, data: Path, pid: str) -> None:
        who = f"process {pid}" if pid else "another process"
        super().__init__(f"Concordat is already up on {data} ({who}): stop that one first, or name another folder.")


class DiskIsFull(Refused):
    def __init__(self, data: Path, free_bytes: int) -> None:
        super().__init__(
            f"The disk of {data} has {free_bytes // 1024**2} MB left; Concordat needs "
            f"{NEEDED_BYTES // 1024**2} MB to start. Nothing has been changed."
        )


def prepared(folder: Path) -> Path:
    """The folder, made if it is not there. Raises DiskIsFull, and OSError where it cannot be used."""
    data = folder.expanduser().resolve()
    data.mkdir(parents=True, exist_ok=True)
    (data / "up.lock").touch()
    free_bytes = shutil.disk_usage(data).free
    if free_bytes < NEEDED_BYTES:
        raise DiskIsFull(data, free_bytes)
    return data


@contextmanager
def held(data: Path) -> Iterator[None]:
    """Hold the folder's lock; the kernel lets go of it when we end, however that happens. Raises AlreadyUp."""
    with (data / "up.lock").open("r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyUp(data, lock.read().strip()) from error
        lock.truncate()
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)
            (data / "up.json").unlink(missing_ok=True)


def write_state(data: Path, state: dict[str, Any]) -> None:
    """For whoever looks from outside: addresses and process ids, in DATA/up.json while we are up."""
    partial = data / "up.json.partial"
    partial.write_text(json.dumps(state, indent=2), encoding="utf-8")
    partial.replace(data / "up.json")
