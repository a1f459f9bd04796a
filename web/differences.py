"""What changed between two texts, word by word, for the eye and for a screen reader."""

import re
from difflib import SequenceMatcher

from markupsafe import Markup

WORDS = re.compile(r"\s+|\w+|[^\w\s]")
ADDED = Markup('<ins class="concordat-added">{}</ins>')
DELETED = Markup('<del class="concordat-deleted">{}</del>')
LONGEST = 6000  # words and spaces; above that whole paragraphs are compared, which takes no longer


def marked(before: str, after: str) -> Markup:
    """The new text with what was added and deleted marked; everything escaped, lines kept as they are."""
    old, new = _pieces(before, after)
    made = Markup("")
    for kind, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            made += Markup("{}").format("".join(new[c:d]))
            continue
        made += _deleted("".join(old[a:b])) + _added("".join(new[c:d]))
    return Markup('<div class="concordat-words">{}</div>').format(made)


def is_changed(before: str, after: str) -> bool:
    return before.split() != after.split()


def _pieces(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = WORDS.findall(before), WORDS.findall(after)
    if len(old) + len(new) > LONGEST:
        return before.splitlines(keepends=True), after.splitlines(keepends=True)
    return old, new


def _deleted(text: str) -> Markup:
    """Space alone is not spoken of."""
    return _marked(DELETED, "deleted: ", text) if text.strip() else Markup("")


def _added(text: str) -> Markup:
    return _marked(ADDED, "added: ", text) if text.strip() else Markup("{}").format(text)


def _marked(around: Markup, said: str, text: str) -> Markup:
    return around.format(Markup('<span class="govuk-visually-hidden">{}</span>{}').format(said, text))
