"""A node as a box of lines: how it came about, its kind, its words, its state and day, and what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from notifications.lettering import lettered, plain_day, wrapped
from notifications.threads.wording import line, standing
from rules.threads import Node

PADDING = 10  # pixels, right of the coloured edge and left of the other
EDGE = 6  # pixels: the coloured edge
SIGN = 18  # pixels: the triangle before a note
SIZE = {"how": 11, "ref": 12, "words": 13, "standing": 12, "note": 12}
BOLD = {"ref", "note"}
MOST_LINES = {"how": 2, "ref": 2, "words": 4, "standing": 3, "note": 4}


@dataclass(frozen=True)
class Line:
    role: str  # "how", "ref", "words", "standing", "note"
    words: str
    down: float  # pixels from the top of the box to the foot of the letters
    right: float  # pixels from the left of the box


@dataclass(frozen=True)
class Box:
    node: Node
    said: str  # in full
    lines: tuple[Line, ...]
    height: float
    sign: float | None  # pixels down to the triangle


def box(node: Node, how: Sequence[str], wide: float, *, say_kind: bool) -> Box:
    """`how` are the words of the links into it, where the column's heading does not say them."""
    came = f"… {' / '.join(how)}" if how else ""
    ref = lettered(node.ref)
    named = ref if not say_kind or ref.startswith(node.kind.value) else f"{node.kind.value} {ref}"
    parts = {
        "how": came,
        "ref": named,
        "words": lettered(node.words),
        "standing": _with_whole_day(node),
        "note": lettered(node.note or ""),
    }
    lettering = [(role, words) for role, text in parts.items() for words in _fitted(role, text, wide)]
    feet = list(accumulate((SIZE[role] * 1.35 for role, _ in lettering), initial=PADDING - 3))[1:]
    lines = tuple(
        Line(role, words, round(foot - SIZE[role] * 0.25, 1), _left(role))
        for (role, words), foot in zip(lettering, feet, strict=True)
    )
    sign = next((line.down for line in lines if line.role == "note"), None)
    said = line(node) + (f". {lettered(node.note)}" if node.note else "")
    return Box(node, said, lines, (feet[-1] if feet else 0) + PADDING - 2, sign)


def _with_whole_day(node: Node) -> str:
    """The day is not broken over two lines."""
    day = plain_day(node.at) if node.at else ""
    short = " ".join(word[:3] if word.isalpha() else word for word in day.split())  # “December” is too wide for a box
    return standing(node).removesuffix(day) + short.replace(" ", "\N{NO-BREAK SPACE}")


def _left(role: str) -> float:
    return EDGE + PADDING + (SIGN if role == "note" else 0)


def _fitted(role: str, text: str, wide: float) -> Sequence[str]:
    room = wide - _left(role) - PADDING
    return wrapped(text, room, SIZE[role], lines=MOST_LINES[role], bold=role in BOLD)
