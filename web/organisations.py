"""Organisations to choose from: as a list while they are few; where they are many, by their names as written."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from actions.cast import active_on
from actions.policy import today_of
from models.protocol import Party, Protocol, Succession, SuccessionKind
from rules.errors import Refused
from rules.texts import shown
from web.declaring import Asked

FEW = 60  # of more than these nobody reads a list, and its page is slow on a telephone
MOST = 100  # that one answer may name, where not all have to answer
NEAR, EXPLAINED = 5, 3
WEAK = frozenset(["and", "for", "of", "the", "council", "trust", "service", "services"])
Offered = Sequence[tuple[str, str]]


class NobodyOfThatName(Refused):
    def __init__(self, near: Mapping[str, Sequence[str]]) -> None:
        said = [
            f"There is no organisation “{shown(text)}” here. "
            + (f"Did you mean {_either(names)}?" if names else "Look it up under “Who has signed”.")
            for text, names in list(near.items())[:EXPLAINED]
        ]
        super().__init__(" ".join(said))


class TooMany(Refused):
    def __init__(self, most: int) -> None:
        super().__init__(f"Name {most} organisations at most")


def _either(names: Sequence[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return ", ".join(quoted[:-1]) + " or " + quoted[-1] if len(quoted) > 1 else quoted[0]


class ByName(Sequence[tuple[str, str]]):
    """In the place of a list of options, and empty as such: nothing is loaded but what somebody named."""

    def __init__(
        self, session: Session, of: Sequence[ColumnElement[bool]], more: Mapping[str, str], most: int = MOST
    ) -> None:
        """`of`: which parties there are to choose from. `more`: other answers there are, by their value; names that
        parties are known by too among them. `most`: that one answer may name."""
        self._session, self._of, self.most = session, of, most
        self._names = dict(more)
        self._found = {text.casefold(): value for value, name in more.items() for text in (value, name)}

    def or_else(self, more: Mapping[str, str]) -> "ByName":
        return ByName(self._session, self._of, more, self.most)

    def __len__(self) -> int:
        return 0

    def __getitem__(self, at: Any) -> Any:
        raise IndexError(at)

    def chosen(self, said: Sequence[str]) -> list[str]:
        """The short name of each. Raises NobodyOfThatName, TooMany."""
        texts = _lines(said)
        if len(texts) > self.most:
            raise TooMany(self.most)
        self._look_up(texts)
        unknown = [text for text in texts if text.casefold() not in self._found]
        if unknown:
            self._look_everywhere(unknown)
        return list(dict.fromkeys(self._found[text.casefold()] for text in texts))

    def written(self, said: Sequence[str]) -> str:
        """As a person reads it: by name what is known, and as it was written what is not."""
        texts = _lines(said)
        self._look_up(texts[: self.most])
        found = [self._found.get(text.casefold(), text) for text in texts]
        return "\n".join(self._names.get(text, text) for text in found)

    def _look_up(self, texts: Sequence[str]) -> None:
        wanted = {text for text in texts if text.casefold() not in self._found}
        for column in (col(Party.slug), col(Party.name), func.lower(col(Party.name))):
            if wanted:
                self._keep(column.in_(sorted({text.lower() for text in wanted} | wanted)))
                wanted = {text for text in wanted if text.casefold() not in self._found}

    def _keep(self, where: Any) -> None:
        for slug, name in self._session.exec(select(Party.slug, Party.name).where(*self._of, where)):
            self._names[slug] = name
            self._found |= {slug.casefold(): slug, name.casefold(): slug}

    def _look_everywhere(self, texts: Sequence[str]) -> None:
        """By the other names that the register knows; else whoever is called nearly so. Raises NobodyOfThatName."""
        known = self._session.exec(select(Party.slug, Party.name, Party.aliases).where(*self._of)).all()
        names = {slug: name for slug, name, _ in known}
        also = {alias.casefold(): (slug, names[slug]) for slug, alias in self._successors() if slug in names} | {
            alias.casefold(): (slug, name) for slug, name, aliases in known for alias in (*aliases, name)
        }
        near: dict[str, Sequence[str]] = {}
        for text in texts:
            if text.casefold() in also:
                slug, self._names[slug] = also[text.casefold()]
                self._found[text.casefold()] = slug
            elif len(near) < EXPLAINED:
                near[text] = _near(text, list(names.values()))
        if near:
            raise NobodyOfThatName(near)

    def _successors(self) -> Sequence[tuple[str, str]]:
        """What has taken a party's place is what people know it by now."""
        rows = select(Party.slug, Succession.successor_name).join(Party, col(Party.id) == Succession.party_id)
        return self._session.exec(rows.where(Succession.kind != SuccessionKind.PART_OF, *self._of)).all()


def _near(text: str, names: Sequence[str]) -> list[str]:
    """Names that hold what was written, or most of its words: a name begun, or with a word left out."""
    sought, whole = _words(text), text.casefold()
    scored = [(-_likeness(sought, whole, name.casefold()), name) for name in names]
    return [name for score, name in sorted(scored) if score < 0][:NEAR]


def _likeness(sought: set[str], whole: str, name: str) -> int:
    return (10 if whole in name else 0) + len(sought & _words(name))


def _words(text: str) -> set[str]:
    return set(text.casefold().split()) - WEAK


def _lines(said: Sequence[str]) -> list[str]:
    return [text for each in said for line in each.splitlines() if (text := " ".join(line.split()))]


def organisations(
    asked: Asked, more: Mapping[str, str] | None = None, protocol: Protocol | None = None, most: int = MOST
) -> Offered:
    """Parties of today, by name, and then what else may be answered (`more`). `most` as in ByName."""
    protocol = protocol or asked.protocol
    of = active_on(protocol, today_of(protocol, asked.now))
    # One more than are listed, in no order: the store does not look at all of them to say that they are many.
    rows = select(Party.slug, Party.name).where(*of).limit(FEW + 1)
    known = asked.session.exec(rows).all()
    if len(known) > FEW:
        return ByName(asked.session, of, more or {}, most)
    return [*sorted(known, key=lambda each: each[1]), *(more or {}).items()]
