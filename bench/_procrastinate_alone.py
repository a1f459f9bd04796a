"""A peer of `bench.delivery`, run with a Python that has Procrastinate and aiosmtplib:
`python _procrastinate_alone.py DATABASE-URL SMTP-PORT JOBS CONNECTIONS`, with a message as JSON on standard input;
prints seconds until all were deferred, and until all were sent and recorded as succeeded.

A job a message, sent as the aiosmtplib manual shows. All jobs are deferred in one statement; then one worker does so
many at once as there are connections, which are kept; with one connection a message it would be slower. Otherwise
Procrastinate has its own settings, as has its pool of connections to the database: finished jobs stay there. A worker
that is killed leaves its jobs as `doing`; whether they were sent nobody knows.
"""

import asyncio
import json
import sys
import time
from email.message import EmailMessage

import aiosmtplib
import procrastinate


def main(url: str, port: str, jobs: str, connections: str) -> None:
    print(*asyncio.run(_sent(url, int(port), int(jobs), int(connections), json.load(sys.stdin))))


async def _sent(url: str, port: int, jobs: int, connections: int, words: dict[str, str]) -> tuple[float, float]:
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))
    free: asyncio.Queue[aiosmtplib.SMTP] = asyncio.Queue()

    @app.task
    async def send(number: int) -> None:
        client = await free.get()
        await client.send_message(_email(words, number))
        free.put_nowait(client)

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for _ in range(connections):
            client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
            await client.connect()
            free.put_nowait(client)
        began = time.perf_counter()
        await send.batch_defer_async(*({"number": number} for number in range(jobs)))
        deferred = time.perf_counter()
        await app.run_worker_async(concurrency=connections, wait=False, install_signal_handlers=False)
        ended = time.perf_counter()
        done = len(list(await app.job_manager.list_jobs_async(status="succeeded")))
    if done != jobs:
        raise RuntimeError(f"{done} of {jobs} jobs have succeeded")
    return deferred - began, ended - began


def _email(words: dict[str, str], number: int) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = words["from"], words["to"], words["subject"]
    message["Message-ID"] = f"<{number}@isp-bedfordshire.example>"
    message.set_content(words["text"])
    message.add_alternative(words["html"], subtype="html")
    return message


if __name__ == "__main__":
    main(*sys.argv[1:])
