"""What people write, before it is kept: PostgreSQL and UTF-8 cannot hold every string that Python can."""

import hashlib
import re

from rules.errors import Refused


class NotText(Refused):
    """A zero character, or half of a character: a file pasted as text, or an argument in another encoding."""

    def __init__(self) -> None:
        super().__init__("This holds a character that no text has (zero, or half of one): copy it again as plain text.")


def is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def plain(text: str) -> str:
    """Without the space around it. Raises NotText."""
    if not is_text(text):
        raise NotText
    return text.strip()


def folded(text: str) -> str:
    """By which the same words are known again, whatever their case and the space between them."""
    return " ".join(text.casefold().split())


def is_reworded(before: str, after: str) -> bool:
    """Not where only space, case or punctuation differ; a point or comma within a number is part of it."""
    return _bare(before) != _bare(after)


def _bare(text: str) -> str:
    return re.sub(r"(?<!\d)[\W_]|[\W_](?!\d)", "", folded(text))


def shown(text: str) -> str:
    """As a sentence may quote what somebody wrote: its beginning, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:60]}…"


def folded_name(name: str) -> str:
    """By which one person is known again, however the name was typed: without case, spaces and punctuation. Of a name
    that has neither letters nor digits, itself."""
    return "".join(sign for sign in name.casefold() if sign.isalnum()) or name


def fingerprint(text: str) -> str:
    """Sixteen characters by which the same words are known again, for a key of fixed length."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
