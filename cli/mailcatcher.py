"""The local mail catcher: a real SMTP server that keeps every message as a file and sends none on.

`python -m cli.mailcatcher --port N --folder DIR`
"""

import argparse
import asyncio
import contextlib
import os
import re
import signal
from datetime import UTC, datetime
from email import policy
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST_MESSAGE_BYTES = 50 * 1024 * 1024


class KeepAsFiles:
    """aiosmtpd's handler; a message is accepted (250) only when its file is on the disk under its name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        now = datetime.now(UTC)
        try:
            path = keep(self.folder, envelope, now)
        except OSError as error:
            return f"452 4.3.1 Cannot keep the message: {error.strerror}"
        with contextlib.suppress(OSError):  # a full disk may cost the line, not the answer about the message
            print(f"{now:%Y-%m-%dT%H:%M:%SZ} {', '.join(envelope.rcpt_tos)} {path.name} {_subject(path)}", flush=True)
        return f"250 2.0.0 Kept as {path.name}"


def keep(folder: Path, envelope: Envelope, now: datetime) -> Path:
    """Write the message under its own name at once: whoever lists the folder never sees half of one."""
    path = _free_name(folder, f"{now:%Y%m%dT%H%M%S.%fZ}-{_plain(envelope.rcpt_tos[0])}")
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        file.write(_trace(envelope) + bytes(envelope.original_content or b""))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    return path


def _trace(envelope: Envelope) -> bytes:
    """The two lines a mailbox adds on delivery; bounces and blind copies cannot be told apart without them."""
    lines = [f"Return-Path: <{envelope.mail_from or ''}>", *(f"Delivered-To: {to}" for to in envelope.rcpt_tos)]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8")


def _free_name(folder: Path, stem: str) -> Path:
    path, number = folder / f"{stem}.eml", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.eml"
    return path


def _plain(address: str) -> str:
    return re.sub(r"[^A-Za-z0-9@._+-]", "_", address)[:120]


def _subject(path: Path) -> str:
    with path.open("rb") as file:
        return str(BytesHeaderParser(policy=policy.default).parse(file).get("Subject", "(no subject)"))


async def serve(port: int, folder: Path) -> None:
    """Until SIGTERM or SIGINT; loopback only, so nothing needs a password."""
    folder.mkdir(parents=True, exist_ok=True)
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    handler = KeepAsFiles(folder)
    server = await loop.create_server(lambda: _smtp(handler, loop), "127.0.0.1", port)
    print(f"Listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}, keeping mail in {folder}", flush=True)
    await ended.wait()
    server.close()


def _smtp(handler: KeepAsFiles, loop: asyncio.AbstractEventLoop) -> Any:
    return SMTP(handler, loop=loop, enable_SMTPUTF8=True, data_size_limit=LARGEST_MESSAGE_BYTES, ident="Concordat")


def main() -> None:
    parser = argparse.ArgumentParser(description="Keep every mail as a file; send none on.")
    parser.add_argument("--port", type=int, required=True, help="0: any free one; the first line says which.")
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(arguments.port, arguments.folder))


if __name__ == "__main__":
    main()
