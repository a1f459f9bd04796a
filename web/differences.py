"""What changed between two texts, word by word, for the eye and for a screen reader."""

import re
from difflib import SequenceMatcher

from markupsafe import Markup

WORDS = re.compile(r"\s+|\w+|[^\w\s]")
ADDED = Markup('<ins class="concordat-added">{}</ins>')
DELETED = Markup('<del class="concordat-deleted">{}</del>')
# What comparing costs grows with the product of both: so many pairs take half a second at worst.
MOST_PAIRS = 300_000


def marked(before: str, after: str) -> Markup:
    """The new text with what was added and deleted marked; everything escaped, lines kept as they are."""
    head, old, new, tail = _pieces(before, after)
    made = Markup("{}").format(head)
    for kind, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            made += Markup("{}").format("".join(new[c:d]))
            continue
        made += _deleted("".join(old[a:b])) + _added("".join(new[c:d]))
    return Markup('<div class="concordat-words">{}{}</div>').format(made, tail)


def is_changed(before: str, after: str) -> bool:
    return before.split() != after.split()


def _pieces(before: str, after: str) -> tuple[str, list[str], list[str], str]:
    """What both begin with, what is to be compared, what both end with: by words, else by lines, else as a whole."""
    for split in (WORDS.findall, _lines, _whole):
        head, old, new, tail = _trimmed(split(before), split(after))
        if len(old) * len(new) <= MOST_PAIRS:
            break
    return head, old, new, tail


def _trimmed(old: list[str], new: list[str]) -> tuple[str, list[str], list[str], str]:
    shortest = min(len(old), len(new))
    first = next((at for at in range(shortest) if old[at] != new[at]), shortest)
    rest = shortest - first
    last = next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)
    between, tail = new[first : len(new) - last], new[len(new) - last :]
    return "".join(new[:first]), old[first : len(old) - last], between, "".join(tail)


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _whole(text: str) -> list[str]:
    return [text]


def _deleted(text: str) -> Markup:
    """Space alone is not spoken of."""
    return _marked(DELETED, "deleted: ", text) if text.strip() else Markup("")


def _added(text: str) -> Markup:
    return _marked(ADDED, "added: ", text) if text.strip() else Markup("{}").format(text)


def _marked(around: Markup, said: str, text: str) -> Markup:
    return around.format(Markup('<span class="govuk-visually-hidden">{}</span>{}').format(said, text))
