"""What a paper is made of, in whatever form it is shown: sections of sentences, pictures and tables."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from notifications.pictures import Picture
from notifications.wording import single_line


class Table(NamedTuple):
    """The first cell of a row names it; the others are numbers, but for `words` columns at the left."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1


class Section(NamedTuple):
    heading: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()


class Paper(NamedTuple):
    title: str
    sentences: tuple[str, ...]
    sections: tuple[Section, ...]


def tabled(
    heading: str, caption: str, heads: Sequence[str], rows: Sequence[Sequence[object]], nothing: str, words: int = 1
) -> Section:
    if not rows:
        return Section(heading, (nothing,))
    return Section(heading, (), (table_of(caption, heads, rows, words),))


def table_of(caption: str, heads: Sequence[str], rows: Iterable[Sequence[object]], words: int = 1) -> Table:
    return Table(caption, tuple(heads), tuple(tuple(single_line(str(cell)) for cell in row) for row in rows), words)
