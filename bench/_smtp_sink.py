"""Postfix's `smtp-sink`: takes every message and keeps none."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench import NotHere


def postfix_program(name: str) -> str:
    """Its path; Debian keeps it where only root looks. Raises NotHere."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        raise NotHere(f"{name} is missing; it comes with Postfix (apt-get install postfix)")
    return found


def postfix_version() -> str | None:
    try:
        command = [postfix_program("postconf"), "-h", "mail_version"]
    except NotHere:
        return None
    return subprocess.run(command, capture_output=True, text=True).stdout.strip() or None


@contextmanager
def smtp_sink() -> Iterator[int]:
    """Yields its port. Raises NotHere."""
    port = free_port()
    account = ["-u", "nobody"] if os.geteuid() == 0 else []  # it refuses to stay root
    process = subprocess.Popen([postfix_program("smtp-sink"), *account, f"127.0.0.1:{port}", "200"])
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise NotHere("smtp-sink did not start")
