"""`python -m bench._deliverer STORE-URL SMTP-PORT CONNECTIONS [MESSAGES]`: says when it is ready, and at a line of
input delivers all that is due, as one of several at once; or, beside whoever queues them, in rounds until so many have
been accepted."""

import sys

from bench.delivery import deliver_all
from models.store import engine, reading

IN_ONE_ROUND = 1_000  # as `deliver` has it


def delivered(url: str, port: int, connections: int, messages: int) -> int:
    accepted = 0
    while accepted < messages:
        accepted += deliver_all(engine(url), port, connections, IN_ONE_ROUND)
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
