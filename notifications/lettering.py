"""Words in drawings: what may stand in them, how wide they are, where they break; and the environment."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from notifications.render import templates
from notifications.wording import single_line
from rules.sentences import written_day

FOLDERS = (Path(__file__).parent / "threads", Path(__file__).parent / "pictures")

FONT = "system-ui, 'Segoe UI', Arial, Helvetica, sans-serif"
INK = "#0b0c0c"
GREY = "#505a5f"  # 7 : 1 on white

# Widths in parts of the size of the type, of a broad face (Verdana, DejaVu): in a narrower one there is room left.
_WIDTHS = {
    **dict.fromkeys("iljI.,:;'|!’‘ ", 0.36),
    **dict.fromkeys("ftr()[]/-", 0.42),
    **dict.fromkeys("mwMW@%—…", 0.98),
}
_LETTER, _CAPITAL, _WIDE = 0.63, 0.74, 1.05
_BOLD = 1.12


def drawn(template: str, context: Mapping[str, Any]) -> str:
    """As strict as the messages, and everything escaped."""
    return drawings().get_template(template).render(font=FONT, ink=INK, grey=GREY, **context)


@cache
def drawings() -> Environment:
    return templates(html=True).overlay(loader=FileSystemLoader(FOLDERS))


def lettered(words: str) -> str:
    """One line that XML can hold, without characters that turn the reading direction or pile up over other lines."""
    line = re.sub("[\ufffe\uffff]", "", single_line(words))
    line = re.sub(r"\S+", lambda word: _unpiled(word[0]), line)
    return line.strip()


def _unpiled(word: str) -> str:
    """At most two marks on a letter: more would be painted over the lines above and below."""
    kept, marks = [], 0
    for character in word:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= 2:
            kept.append(character)
    return "".join(kept)


def plain_day(day: date) -> str:
    """“31 March 2027”: a drawing has no room for the day of the week."""
    return written_day(day).partition(" ")[2]


def width(words: str, size: float, bold: bool = False) -> float:
    """Pixels, rather too many than too few."""
    return sum(map(_part_of_size, words)) * size * (_BOLD if bold else 1)


def _part_of_size(character: str) -> float:
    if character in _WIDTHS:
        return _WIDTHS[character]
    if unicodedata.east_asian_width(character) in "WF":
        return _WIDE
    return _CAPITAL if character.isupper() or not character.isascii() else _LETTER


def wrapped(words: str, room: float, size: float, *, lines: int, bold: bool = False) -> tuple[str, ...]:
    """At most so many lines, none wider than `room` pixels; “…” stands for what was cut off. A hard space holds."""
    broken: list[str] = []
    for word in filter(None, words.split(" ")):
        pieces = _pieces(word, room, size, bold)
        joined = f"{broken[-1]} {pieces[0]}" if broken else ""
        if joined and width(joined, size, bold) <= room:
            broken[-1] = joined
            pieces = pieces[1:]
        broken.extend(pieces)
        if len(broken) > lines:
            return (*broken[: lines - 1], cut(f"{broken[lines - 1]}…", room, size, bold))
    return tuple(broken)


def cut(words: str, room: float, size: float, bold: bool = False) -> str:
    """The beginning that fits, with “…” where it is not all."""
    if width(words, size, bold) <= room:
        return words
    kept = words.rstrip("…")
    while kept and width(f"{kept}…", size, bold) > room:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def _pieces(word: str, room: float, size: float, bold: bool) -> Sequence[str]:
    """A word as long as a line, or longer, is broken behind a “-”, “:” or “/”; where a line has none, anywhere."""
    pieces = [""]
    for character in word:
        if pieces[-1] and width(pieces[-1] + character, size, bold) > room:
            kept = re.match(r".*[-:/]", pieces[-1])
            rest = pieces[-1][kept.end() :] if kept else ""
            if width(rest + character, size, bold) > room:
                rest = ""
            pieces[-1] = pieces[-1].removesuffix(rest)
            pieces.append(rest)
        pieces[-1] += character
    return pieces
