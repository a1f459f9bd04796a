"""A YAML file as a tree whose every value knows its line.

Scalars stay the text that was written (`4.10` is no number, `2015-10-01` no date): the models say what they
mean. Anchors, aliases and tags are refused, so a file of a few lines cannot unfold into gigabytes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from models.protocol_file.faults import Fault, shown
from rules.errors import Refused

LARGEST_FILE = 2_000_000  # bytes; a protocol of 850 parties takes a quarter of a million
DEEPEST = 12  # levels; the deepest value of a good file stands on the seventh

TRUE = frozenset({"true", "yes", "on", "1", "t", "y"})  # what Pydantic reads as true
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
EACH = "*"


@dataclass(slots=True)
class Node:
    """`value` is a text, None, a dict of nodes or a list of nodes; `keys` holds the line of each key."""

    value: Any
    line: int
    keys: dict[str, int] = field(default_factory=dict)

    def plain(self) -> Any:
        match self.value:
            case dict():
                return {key: node.plain() for key, node in self.value.items()}
            case list():
                return [node.plain() for node in self.value]
            case text:
                return text

    def at(self, *path: str) -> Iterator["Node"]:
        """Every node under that path; EACH is every item of a list. What is not there is no error."""
        if not path:
            yield self
        elif path[0] == EACH and isinstance(self.value, list):
            for item in self.value:
                yield from item.at(*path[1:])
        elif isinstance(self.value, dict) and path[0] in self.value:
            yield from self.value[path[0]].at(*path[1:])

    def text(self, *path: str) -> str | None:
        """The one text under that path, if there is one."""
        return next((node.value for node in self.at(*path) if isinstance(node.value, str)), None)


class Unreadable(Refused):
    """The file cannot be understood any further."""

    def __init__(self, line: int, found: str, expected: str) -> None:
        super().__init__(f"found {found}, expected {expected}")
        self.line, self.found, self.expected = line, found, expected


def read_nodes(folder: Path, name: str) -> tuple[Node | None, list[Fault]]:
    """The file's tree, if it has one, and what is wrong with its form. Reads nothing outside the folder."""
    return _nodes(name, lambda: _text(folder, name))


def nodes_in(name: str, data: bytes) -> tuple[Node | None, list[Fault]]:
    """The same of what came in another way."""
    return _nodes(name, lambda: _small(data))


def _nodes(name: str, text: Callable[[], str]) -> tuple[Node | None, list[Fault]]:
    builder = _Builder()
    try:
        tree = builder.tree(text())
    except Unreadable as bad:
        builder.wrong.append(bad)
        tree = None
    return tree, [Fault(name, bad.line, bad.found, bad.expected) for bad in builder.wrong]


def _text(folder: Path, name: str) -> str:
    path = folder / name
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise Unreadable(1, "a link that leads out of the folder", "a file inside it")
        if path.exists() and not path.is_file():
            raise Unreadable(1, "something that is not a file", "a file")
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise Unreadable(1, "no such file", "a file of this name") from None
    except (OSError, RuntimeError) as error:  # RuntimeError: links that go in a circle, before Python 3.13
        raise Unreadable(1, f"a file that cannot be read ({error})", "a readable file") from None
    return _small(data)


def _small(data: bytes) -> str:
    if len(data) > LARGEST_FILE:
        raise Unreadable(1, f"more than {LARGEST_FILE} bytes", "a smaller file")
    return _decoded(data)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Unreadable(line, f"the byte 0x{data[error.start]:02x}", "text in UTF-8") from None


class _Builder:
    """Turns parser events into nodes; goes on after a repeated key, stops at anything worse."""

    def __init__(self) -> None:
        self.wrong: list[Unreadable] = []

    def tree(self, text: str) -> Node:
        """Read by the parser in C, twelve times as fast; by the one in Python where that finds a mistake, because its
        sentences and lines are the better ones."""
        try:
            return self._document(YAML(typ="safe").parse(text))
        except YAMLError:
            self.wrong.clear()
        return self._slowly(text)

    def _slowly(self, text: str) -> Node:
        try:
            return self._document(YAML(typ="safe", pure=True).parse(text))
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = min(mark.line + 1, text.count("\n") + 1) if mark else 1
            raise Unreadable(line, f"a mistake in the YAML ({error.problem})", "valid YAML") from None
        except YAMLError as error:  # a character YAML does not allow; its position counts characters
            line = text[: getattr(error, "position", 0)].count("\n") + 1
            raise Unreadable(line, "a character that YAML does not allow", "valid YAML") from None

    def _document(self, events: Iterator[Event]) -> Node:
        documents: list[Node] = []
        for event in events:
            if isinstance(event, DocumentStartEvent):
                if documents:
                    raise Unreadable(event.start_mark.line + 1, "a second document", "one document")
                documents.append(self._node(events, next(events), 1))
        if not documents or documents[0].value is None:
            raise Unreadable(1, "an empty file", "a mapping")
        return documents[0]

    def _node(self, events: Iterator[Event], event: Event, depth: int) -> Node:
        line = event.start_mark.line + 1
        self._refuse_cleverness(event, line, depth)
        match event:
            case MappingStartEvent():
                return self._mapping(events, line, depth)
            case SequenceStartEvent():
                return self._sequence(events, line, depth)
            case ScalarEvent():
                plain_null = event.implicit[0] and event.value in NULLS
                return Node(None if plain_null else event.value, line)
            case _:
                raise Unreadable(line, f"a {type(event).__name__}", "a value")

    def _refuse_cleverness(self, event: Event, line: int, depth: int) -> None:
        if isinstance(event, AliasEvent):
            raise Unreadable(line, f"the alias '*{event.anchor}'", "the value itself, without an alias")
        if isinstance(event, NodeEvent) and event.anchor is not None:
            raise Unreadable(line, f"the anchor '&{event.anchor}'", "the value itself, without an anchor")
        if (tag := getattr(event, "tag", None)) is not None:
            raise Unreadable(line, f"the tag '{tag}'", "a value without a tag")
        if depth > DEEPEST:
            raise Unreadable(line, "lists or mappings nested too deeply", f"at most {DEEPEST} levels")

    def _mapping(self, events: Iterator[Event], line: int, depth: int) -> Node:
        node = Node({}, line)
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            key_line = event.start_mark.line + 1
            key = self._node(events, event, depth + 1).value
            value = self._node(events, next(events), depth + 1)
            if not isinstance(key, str):
                raise Unreadable(key_line, f"{shown(key)} as a key", "a word as a key")
            if key in node.keys:
                self.wrong.append(Unreadable(key_line, f"the key '{key}' a second time", "each key once"))
                continue
            node.value[key], node.keys[key] = value, key_line
        return node

    def _sequence(self, events: Iterator[Event], line: int, depth: int) -> Node:
        node = Node([], line)
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            node.value.append(self._node(events, event, depth + 1))
        return node
