"""The factors of a severity as a file has them: in words, with the line of each that is wrong."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from models.protocol_file.faults import Fault, one_of, shown
from models.protocol_file.nodes import Node
from rules.severity_factors import CIRCUMSTANCES, DATA, IDENTIFYING, NONE, as_plain, decimal, read_factors

KINDS, EASE, CIRCUMSTANCES_KEY = "data", "identification", "circumstances"
PARTS = {
    KINDS: "each kind of data with its level, such as {sensitive: 4}",
    EASE: "how easily somebody is identified, such as 0.75",
    CIRCUMSTANCES_KEY: "the circumstances that apply, such as {intent: 0.5}; or none",
}


def factors_of(node: Node) -> Any:
    """As they are kept; what is not known stays as it is written. The node has no faults."""
    if not isinstance(node.value, dict):
        return node.value
    data, ease, circumstances = (node.value[part] for part in PARTS)
    return as_plain(read_factors(_pairs(data), [each.value for each in _items(ease)], _pairs(circumstances) or [NONE]))


def factor_faults(file: str, node: Node) -> Iterator[Fault]:
    """Every one of them."""
    if not isinstance(node.value, dict):
        yield Fault(file, node.line, shown(node.value), f"a mapping of {', '.join(PARTS)}, or unknown")
        return
    for key in node.value:
        if key not in PARTS:
            yield Fault(file, node.keys[key], f"the key {shown(key)}", one_of(PARTS, key))
    for part, expected in PARTS.items():
        if part not in node.value:
            yield Fault(file, node.line, f"no '{part}'", expected)
    for part, table, write in ((KINDS, DATA, str), (CIRCUMSTANCES_KEY, CIRCUMSTANCES, decimal)):
        for each in node.at(part):
            yield from _named_faults(file, part, each, table, write)
    for each in node.at(EASE):
        for item in _items(each):
            yield from _value_fault(file, item, IDENTIFYING, decimal)


def _named_faults(
    file: str, part: str, node: Node, table: Mapping[str, Mapping[int, str]], write: Callable[[int], str]
) -> Iterator[Fault]:
    if part == CIRCUMSTANCES_KEY and node.value in (NONE, {}):
        return
    if not isinstance(node.value, dict) or not node.value:
        yield Fault(file, node.line, shown(node.value), PARTS[part])
        return
    for name, value in node.value.items():
        if name not in table:
            yield Fault(file, node.keys[name], f"the key {shown(name)}", one_of(table, name))
        else:
            yield from _value_fault(file, value, table[name], write)


def _value_fault(file: str, node: Node, values: Mapping[int, str], write: Callable[[int], str]) -> Iterator[Fault]:
    """“0.50” is “0.5”, as everywhere."""
    text = node.value.strip() if isinstance(node.value, str) else ""
    shortest = text.rstrip("0").rstrip(".") if "." in text else text
    if shortest not in (allowed := [write(value) for value in values]):
        yield Fault(file, node.line, shown(node.value), one_of(allowed))


def _items(node: Node) -> list[Node]:
    return node.value if isinstance(node.value, list) and node.value else [node]


def _pairs(node: Node) -> list[str]:
    return [f"{name}={value.value}" for name, value in node.value.items()] if isinstance(node.value, dict) else []
