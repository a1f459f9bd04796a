"""`python -m bench._deliverer STORE-URL SMTP-PORT CONNECTIONS [MESSAGES]`: says when it is ready, and at a line of
input delivers all that is due, as one of several at once; or, beside whoever queues them, in rounds until so many have
been accepted, or none has been for a minute."""

import sys
import time

from bench.delivery import deliver_all
from models.store import engine, reading

IN_ONE_ROUND = 1_000  # as `deliver` has it
PATIENCE_SECONDS = 60


def delivered(url: str, port: int, connections: int, messages: int) -> int:
    accepted, heard = 0, time.monotonic()
    while accepted < messages and time.monotonic() - heard < PATIENCE_SECONDS:
        if more := deliver_all(engine(url), port, connections, IN_ONE_ROUND):
            accepted, heard = accepted + more, time.monotonic()
    return accepted


if __name__ == "__main__":
    url, *load = sys.argv[1:]
    port, connections, *messages = map(int, load)
    with reading(engine(url)) as session:
        session.connection()
    print("ready", flush=True)
    sys.stdin.readline()
    sent = deliver_all(engine(url), port, connections) if not messages else delivered(url, port, connections, *messages)
    print(sent, flush=True)
