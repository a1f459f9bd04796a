"""The peers of `bench.delivery`: seconds a message, into the sink that listens on `port`."""

import asyncio
import json
import subprocess
import time
from email.message import EmailMessage

import aiosmtplib

from bench._peers_python import run_by_peers
from bench._smtp_sink import postfix_program
from bench._stores import postgres_database
from models.outbox import Message as OutboxRow

SENDER = "concordat@isp-bedfordshire.example"


def source(port: int, sessions: int, messages: int, size: int) -> float:
    load = ["-s", str(sessions), "-m", str(messages), "-l", str(size)]
    options = ["-d", *load, "-f", SENDER, "-t", "lead@party.example"]
    began = time.perf_counter()
    subprocess.run([postfix_program("smtp-source"), *options, f"127.0.0.1:{port}"], check=True)
    return (time.perf_counter() - began) / messages


def plain(port: int, messages: int, row: OutboxRow) -> float:
    async def send() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
            for number in range(messages):
                await client.send_message(_email(row, number))

    began = time.perf_counter()
    asyncio.run(send())
    return (time.perf_counter() - began) / messages


def words_of(row: OutboxRow) -> dict[str, str]:
    """What a peer that runs by itself is told to send."""
    return {"from": SENDER, "to": row.address, "subject": row.subject, "text": row.text, "html": row.html}


def _email(row: OutboxRow, number: int) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SENDER, row.address, row.subject
    message["Message-ID"] = f"<{number}@isp-bedfordshire.example>"
    message.set_content(row.text)
    message.add_alternative(row.html, subtype="html")
    return message


def procrastinate(port: int, jobs: int, connections: int, row: OutboxRow) -> float:
    """On a database of its own, on the server that ours is on; deferring the jobs is in the time. Raises NotHere."""
    with postgres_database() as url:
        plain_url = url.replace("+psycopg", "")
        load = (plain_url, str(port), str(jobs), str(connections))
        _, sent = run_by_peers("Procrastinate", "_procrastinate_alone.py", *load, said=json.dumps(words_of(row)))
    return sent / jobs
