"""A PostgreSQL server for the tests: the one the environment names, or our own for as long as we run.

`python tests/postgres.py` prints the URL of such a server and keeps it until it is ended; `.ci/run` uses
that before anything is installed, so only creating databases needs a driver.
"""

import atexit
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

URL_VARIABLE = "CONCORDAT_TEST_POSTGRES_URL"
START_SECONDS = 60

# A throw-away server: what a crash would lose is of no interest, and syncing is most of what a test costs.
OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=100")


class PostgresMissingError(RuntimeError):
    """CI promises PostgreSQL: a test that silently skipped there would prove nothing."""


@cache
def postgres_server() -> str | None:
    """URL of a server this session may create databases on, or None: then the caller skips.

    With `CI=true` and no server to be had it raises instead.
    """
    if url := os.environ.get(URL_VARIABLE):
        return url
    binaries = _binaries()
    if binaries is not None:
        return _start(binaries, OPTIONS, _in_memory())
    if os.environ.get("CI") == "true":
        raise PostgresMissingError(f"CI=true, but {URL_VARIABLE} is not set and there is no initdb.")
    return None


def lasting_server() -> str | None:
    """URL of a server that keeps what it was told, with its own defaults and its files on a disk: for measuring.

    None where there are no server's programs.
    """
    binaries = _binaries()
    return _start(binaries, ("max_connections=100",), None) if binaries is not None else None


def create_database(url: str, name: str, template: str | None = None) -> str:
    """Make an empty database, or a copy of `template` (nobody may be connected to it); returns its URL."""
    _execute(url, "CREATE DATABASE {} TEMPLATE {}", name, template or "template0")
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def drop_database(url: str, name: str) -> None:
    """Remove a database if it is there, ending whoever is still connected."""
    _execute(url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _execute(url: str, statement: str, *names: str) -> None:
    import psycopg
    from psycopg import sql

    plain = url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _binaries() -> Path | None:
    """Debian keeps the server's programs off the PATH, one folder a version: take the newest."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True
    )
    on_path = shutil.which("initdb")
    if on_path is not None:
        folders.append(Path(on_path).resolve().parent)
    return next((f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()), None)


def _start(binaries: Path, options: tuple[str, ...], where: Path | None) -> str:
    folder = Path(tempfile.mkdtemp(prefix="concordat-postgres-", dir=where))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    account = _account()
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    _initdb(binaries, folder / "data", account)
    port = _free_port()
    server = _run_server(binaries, folder, port, account, options)
    atexit.register(_stop, server)
    _wait_until_ready(server, folder)
    return f"postgresql://concordat@127.0.0.1:{port}/postgres"


def _in_memory() -> Path | None:
    """Every test makes a database and drops it: six times faster where no disk is asked."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > 2 * 2**30 else None


def _account() -> pwd.struct_passwd | None:
    """The account the server runs under, when we are root: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _initdb(binaries: Path, data: Path, account: pwd.struct_passwd | None) -> None:
    command = [str(binaries / "initdb"), "--pgdata", str(data), "--username=concordat", "--auth=trust"]
    settings = ["--no-sync", "--encoding=UTF8", "--locale=C"]
    done = subprocess.run([*command, *settings], capture_output=True, text=True, **_as(account))
    if done.returncode != 0:
        raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")


def _run_server(
    binaries: Path, folder: Path, port: int, account: pwd.struct_passwd | None, options: tuple[str, ...]
) -> subprocess.Popen[bytes]:
    given = [f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", *options]
    server = [str(binaries / "postgres"), "-D", str(folder / "data"), *(f"--{option}" for option in given)]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [*_ending_with_parent(), *server],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the tests; they end the server themselves
            **_as(account),
        )


def _as(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """Keywords that make a subprocess run under the account, in a folder it may enter."""
    if account is None:
        return {"cwd": "/"}
    return {"cwd": "/", "user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _ending_with_parent() -> list[str]:
    """A killed test run runs no exit handlers: where util-linux is there, the kernel ends the server then."""
    return ["setpriv", "--pdeathsig=QUIT"] if shutil.which("setpriv") else []


def _wait_until_ready(server: subprocess.Popen[bytes], folder: Path) -> None:
    """The eighth line of postmaster.pid says "ready"; pg_ctl waits for the same."""
    deadline = time.monotonic() + START_SECONDS
    state = folder / "data" / "postmaster.pid"
    while time.monotonic() < deadline and server.poll() is None:
        lines = state.read_text().splitlines() if state.exists() else []
        if len(lines) >= 8 and lines[7].strip() == "ready":
            return
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGQUIT)  # at once: nothing in it is worth an orderly end
    server.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _serve() -> None:
    """Print the URL and keep the server until somebody ends us."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    os.environ.pop(URL_VARIABLE, None)
    url = postgres_server()
    if url is None:
        sys.exit("PostgreSQL's server programs (initdb, postgres) are not installed.")
    print(url, flush=True)
    signal.pause()


if __name__ == "__main__":
    _serve()
