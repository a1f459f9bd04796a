"""A report of a breach as a file: each fact by its name, and who reports it; `docs/breach-report.example.yaml` is one.

What the value of a fact may be is asked where facts are read, as of every report; here, whether this is such a file.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.breach import ReporterKind
from models.protocol_file.faults import BadProtocolFile, Fault, one_of, shown
from models.protocol_file.nodes import Node, read_nodes
from rules.breach_facts import SHAPES, FactName, Shape

REPORTER, KEY = "reporter", "key"
ABOUT_REPORTER = ("kind", "name", "reach", "party")
# What the factors are called in a file, where no abbreviation has to be known.
FACTORS = {"data": "dpc", "identification": "ei", "circumstances": "cb"}


class BadReportFile(BadProtocolFile):
    """The file is refused whole. One fault a line, by line."""


@dataclass(frozen=True, kw_only=True)
class ReportFile:
    """`facts` are raw. `kind` is None where the file says nothing of the reporter."""

    facts: Mapping[FactName, Any]
    kind: ReporterKind | None
    reporter: str | None
    reach: str | None
    party: str | None
    key: str | None


NOTHING = ReportFile(facts={}, kind=None, reporter=None, reach=None, party=None, key=None)


def read_report(path: Path) -> ReportFile:
    """Raises BadReportFile with every fault."""
    tree, faults = read_nodes(path.parent, path.name)
    if tree is not None:
        faults += _faults(path.name, tree)
    if tree is None or faults:
        raise BadReportFile(faults)
    found = tree.plain()
    who, key = found.pop(REPORTER, None) or {}, found.pop(KEY, None)
    return ReportFile(
        facts={FactName(name): _value(FactName(name), value) for name, value in found.items()},
        kind=ReporterKind(who["kind"]) if who.get("kind") else None, reporter=who.get("name"), reach=who.get("reach"),
        party=who.get("party"), key=key,
    )  # fmt: skip


def _value(name: FactName, value: Any) -> Any:
    if name is not FactName.FACTORS or not isinstance(value, dict):
        return value
    said = {FACTORS[part]: inner for part, inner in value.items()}
    alone = said.get("ei")
    return said | ({"ei": [alone]} if isinstance(alone, str) else {})


def _faults(file: str, tree: Node) -> Iterator[Fault]:
    if not isinstance(tree.value, dict):
        yield Fault(file, tree.line, shown(tree.value), "facts by their names, such as “what happened: …”")
        return
    yield from _unknown_keys(file, tree, (*(name.value for name in FactName), REPORTER, KEY))
    for name, node in tree.value.items():
        if name == REPORTER:
            yield from _reporter(file, node)
        elif name == FactName.FACTORS and isinstance(node.value, dict):
            yield from _unknown_keys(file, node, FACTORS)
        elif isinstance(node.value, dict):
            yield Fault(file, node.line, "a mapping", f"what “{name}” is, or “unknown”")
        elif isinstance(node.value, list):
            yield from _list(file, name, node)


def _list(file: str, name: str, node: Node) -> Iterator[Fault]:
    if name == KEY or (name in tuple(FactName) and SHAPES[FactName(name)] not in (Shape.CHOICES, Shape.SLUGS)):
        yield Fault(file, node.line, "a list", f"what “{name}” is, or “unknown”")
    for each in node.value:
        if not isinstance(each.value, str):
            yield Fault(file, each.line, shown(each.value), "a word")


def _reporter(file: str, node: Node) -> Iterator[Fault]:
    if not isinstance(node.value, dict):
        yield Fault(file, node.line, shown(node.value), f"a mapping with {', '.join(ABOUT_REPORTER)}")
        return
    yield from _unknown_keys(file, node, ABOUT_REPORTER)
    kinds = [kind.value for kind in ReporterKind]
    for name, each in node.value.items():
        if isinstance(each.value, dict | list):
            yield Fault(file, each.line, shown(each.value), "one line of text")
        elif name == "kind" and each.value not in kinds:
            yield Fault(file, each.line, shown(each.value), one_of(kinds, each.value))


def _unknown_keys(file: str, node: Node, known: Collection[str]) -> Iterator[Fault]:
    for name in node.value:
        if name not in known:
            yield Fault(file, node.keys[name], f"the key '{name}'", one_of(known, name))
