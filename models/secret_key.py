"""What links and codes in e-mails are made with, so that neither the database nor a backup of it holds one.

`token("party-link", 17, …)` is the same on every machine that has the same key: the worker that sends a message writes
it into the bytes, the page that is asked for it makes it again and compares.
"""

import base64
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from functools import cache
from pathlib import Path

from settings import settings

TOKEN_BYTES = 16
CODE_DIGITS = 6
LONGEST_NUMBER = 9  # digits


@cache
def secret_key() -> bytes:
    """From the settings, else from a file in the data folder that only its owner may read, made when there is none."""
    said = settings().secret_key
    if said is not None:
        return said.get_secret_value().encode()
    return _kept(settings().data / "secret.key")


def _kept(path: Path) -> bytes:
    """Two processes that make it at once end with one key: the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        mine = path.with_suffix(f".{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(mine, path)
        mine.unlink()
    return path.read_bytes()


def token(purpose: str, number: int, whose: str) -> str:
    """26 characters, a–z and 2–7. `whose` is what else the row is: after a restore numbers are given out again, and
    the row of that number is another."""
    return base64.b32encode(_mac(purpose, number, whose)[:TOKEN_BYTES]).decode("ascii").rstrip("=").lower()


def is_token(purpose: str, number: int, whose: str, said: str) -> bool:
    return hmac.compare_digest(token(purpose, number, whose).encode(), said.encode())


def number_and_token(said: str) -> tuple[int, str] | None:
    """Of `17-abc…`, as an address has it."""
    number, _, secret = said.partition("-")
    if not number.isascii() or not number.isdecimal() or len(number) > LONGEST_NUMBER:
        return None
    return int(number), secret


def digits(purpose: str, number: int, whose: str) -> str:
    """Six digits: guessed in a million attempts, of which few are allowed."""
    return f"{int.from_bytes(_mac(purpose, number, whose)[:8], 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def signed(purpose: str, words: str) -> str:
    """A signature for something that a browser keeps for us."""
    return hmac.new(secret_key(), f"{purpose}:{words}".encode(), hashlib.sha256).hexdigest()[:32]


def _mac(purpose: str, number: int, whose: str) -> bytes:
    return hmac.digest(secret_key(), f"{purpose}:{number}:{whose}".encode(), "sha256")
