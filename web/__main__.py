"""`python -m web --port N`: the pages and the API, on loopback, until SIGTERM."""

import argparse
import asyncio
import gc
import logging
import sys
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from rules.errors import Refused
from settings import settings

AT_ONCE = 500  # connections; more are told 503 at once
IDLE_SECONDS = 30
ENDING_SECONDS = 5
HEAD_SECONDS = 10  # for the whole head of a request, from the first byte; of the first one from the connection on
LONGEST_HEAD = 32_768  # bytes of a request before its body


class Impatient(H11Protocol):
    """Whoever connects and says nothing, or never ends what they began, keeps a place from somebody who would. uvicorn
    itself waits without end once a byte has come."""

    waits: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_answering():
            self._wait_no_more()
        elif self.waits is None:  # not begun anew by every byte: a drip would never end
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self.waits = self.loop.call_later(HEAD_SECONDS, self._leave)

    def _wait_no_more(self) -> None:
        if self.waits is not None:
            self.waits.cancel()
            self.waits = None

    def _leave(self) -> None:
        if not self._is_answering():
            self.transport.close()

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve Concordat's pages.")
    parser.add_argument("--port", type=int, default=_web_port())
    parser.add_argument("--host", default="127.0.0.1", help="Where to listen; put a server with TLS in front.")
    arguments = parser.parse_args()
    from web.application import create_app
    from web.rendering import has_style

    if not has_style():
        print("The pages' style could not be fetched when this was installed: they work without it.", file=sys.stderr)
    _write_access_log()
    app = create_app()
    gc.collect()
    sys.setswitchinterval(0.0005)  # whoever holds the store waits after each answer for its turn to go on
    gc.freeze()  # what was imported stays: looking through it again and again held every page up by 0.2 s
    uvicorn.run(
        app, http=Impatient, host=arguments.host, port=arguments.port, access_log=False, server_header=False,
        log_level="warning", limit_concurrency=AT_ONCE, timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=ENDING_SECONDS, proxy_headers=settings().web_behind_proxy,
        h11_max_incomplete_event_size=LONGEST_HEAD,
    )  # fmt: skip


def _web_port() -> int:
    """Ends here, with a sentence, where a setting is wrong."""
    try:
        return settings().web_port
    except Refused as refusal:
        sys.exit(str(refusal))


def _write_access_log() -> None:
    """To standard output, which `concordat up` keeps in its folder of logs; errors to standard error."""
    lines = logging.StreamHandler(sys.stdout)
    lines.setFormatter(logging.Formatter('{"at": "%(asctime)s", "request": %(message)s}', "%Y-%m-%dT%H:%M:%S%z"))
    access = logging.getLogger("concordat.access")
    access.addHandler(lines)
    access.setLevel(logging.INFO)
    access.propagate = False
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.WARNING)


if __name__ == "__main__":
    main()
