"""`python -m bench._deliverer STORE-URL SMTP-PORT CONNECTIONS`: says when it is ready, and at a line of input delivers
all that is due. One of several at once."""

import sys

from bench.delivery import deliver_all
from models.store import engine, reading

if __name__ == "__main__":
    store = engine(sys.argv[1])
    with reading(store) as session:
        session.connection()
    print("ready", flush=True)
    sys.stdin.readline()
    print(deliver_all(store, int(sys.argv[2]), int(sys.argv[3])), flush=True)
