"""Prefect without an outbox: a flow on a server of its own, a task for each message, sent as the aiosmtplib manual
shows. Run as `python -m bench._prefect_alone SMTP-PORT MESSAGES CONNECTIONS` beside that server, with a message as JSON
on standard input.

The start of server and flow is not timed. So many tasks run at once as there are connections, which are kept; with one
connection a message it would be slower. A message that we have delivered is written down as accepted; with Prefect it
is when its server has the task run as completed, some time after the last one was sent.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from urllib.error import URLError
from urllib.request import Request, urlopen

import aiosmtplib
from prefect import flow, task

from bench import NotHere
from bench._smtp_sink import free_port

READY_WITHIN = 120  # seconds

clients: list[aiosmtplib.SMTP] = []
words: dict[str, str] = {}


@task
async def send(number: int) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = words["from"], words["to"], words["subject"]
    message["Message-ID"] = f"<{number}@isp-bedfordshire.example>"
    message.set_content(words["text"])
    message.add_alternative(words["html"], subtype="html")
    await clients[number % len(clients)].send_message(message)


@flow
async def send_all(port: int, messages: int, connections: int) -> tuple[float, float]:
    """When it began and ended."""
    for _ in range(connections):
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
        await client.connect()
        clients.append(client)

    async def share(first: int) -> None:
        for number in range(first, messages, connections):
            await send(number)

    began = time.time()
    await asyncio.gather(*(share(first) for first in range(connections)))
    return began, time.time()


def prefect_alone(port: int, messages: int, connections: int, said: dict[str, str]) -> tuple[float, float]:
    """Seconds a message, until all were sent and until all were also written down. Raises NotHere."""
    with tempfile.TemporaryDirectory() as home, _server(home) as environment:
        command = [sys.executable, "-m", "bench._prefect_alone", str(port), str(messages), str(connections)]
        done = subprocess.run(
            command, env=environment, input=json.dumps(said), check=True, capture_output=True, text=True
        )  # fmt: skip
        began, ended = map(float, done.stdout.split()[-2:])
        while _completed(environment["PREFECT_API_URL"]) < messages:
            time.sleep(0.1)
        return (ended - began) / messages, (time.time() - began) / messages


def _completed(api: str) -> int:
    asked = json.dumps({"task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}).encode()
    request = Request(f"{api}/task_runs/count", asked, {"Content-Type": "application/json"})
    with urlopen(request, timeout=30) as answer:
        return int(json.load(answer))


@contextmanager
def _server(home: str) -> Iterator[dict[str, str]]:
    """Yields the environment of its clients."""
    port = free_port()
    quiet = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "PREFECT_LOGGING_LEVEL": "WARNING"}
    environment = os.environ | quiet | {"PREFECT_HOME": home, "PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(command, env=environment, stdout=nowhere, stderr=nowhere)
    try:
        _wait_for(f"{environment['PREFECT_API_URL']}/health")
        yield environment
    finally:
        process.terminate()
        process.wait()


def _wait_for(url: str) -> None:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until:
        try:
            with urlopen(url, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise NotHere("Prefect's server did not start")


if __name__ == "__main__":
    words |= json.load(sys.stdin)
    print(*asyncio.run(send_all(*map(int, sys.argv[1:4]))))
