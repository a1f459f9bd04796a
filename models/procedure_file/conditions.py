"""The `when` of a step: `{risk: {at least: likely}}`, joined by `all`, `any` and `not`.

Short forms: `{ICT involved: true}` means `is`, `{kind: [breach, loss]}` means `any of`.
"""

from collections.abc import Iterator
from typing import Any

from models.protocol_file.faults import Fault, one_of, shown
from models.protocol_file.nodes import Node
from rules.procedure_conditions import ANY_OF, IS, SUBJECTS, CannotBeAsked, read_operand, verbs_of
from rules.procedures import Condition, Every, Negation, Some, Test

ALL, ANY, NOT = "all", "any", "not"
EXAMPLE = "a condition such as {risk: {at least: likely}}"


def under(mapping: Node, key: str) -> Node:
    """The value of a key. What is empty stands where its key does, not where the parser goes on."""
    found: Node = mapping.value[key]
    return Node(None, mapping.keys[key]) if found.value is None else found


def condition_faults(file: str, node: Node) -> Iterator[Fault]:
    if not isinstance(node.value, dict):
        yield Fault(file, node.line, shown(node.value), EXAMPLE)
        return
    if len(node.value) != 1:
        found = f"{len(node.value)} conditions" if node.value else "a condition on nothing"
        yield Fault(file, node.line, found, "one condition; several stand under 'all' or 'any'")
        return
    (key,) = node.value
    inner = under(node, key)
    if key in (ALL, ANY):
        yield from _parts(file, key, inner)
    elif key == NOT:
        yield from condition_faults(file, inner)
    elif key not in SUBJECTS:
        yield Fault(file, node.keys[key], f"the subject '{key}'", one_of((*SUBJECTS, ALL, ANY, NOT), key))
    else:
        yield from _comparison(file, key, inner)


def _parts(file: str, word: str, node: Node) -> Iterator[Fault]:
    if not isinstance(node.value, list) or not node.value:
        found = "an empty list" if node.value == [] else shown(node.value)
        yield Fault(file, node.line, found, f"a list of conditions under '{word}'")
        return
    for part in node.value:
        yield from condition_faults(file, part)


def _comparison(file: str, subject: str, node: Node) -> Iterator[Fault]:
    verbs = verbs_of(subject)
    if isinstance(node.value, dict) and len(node.value) != 1:
        yield Fault(file, node.line, f"{len(node.value)} comparisons", f"one comparison: {one_of(verbs)}")
        return
    verb, operand = _verb_and_operand(node)
    if verb not in verbs:
        line = node.keys.get(verb, node.line)
        found = f"'{verb}'" if isinstance(node.value, dict) else shown(node.value)
        yield Fault(file, line, found, f"how '{subject}' compares: {one_of(verbs, verb)}")
        return
    yield from _operand(file, subject, verb, operand)


def _verb_and_operand(node: Node) -> tuple[str, Node]:
    if isinstance(node.value, dict):
        (verb,) = node.value
        return verb, under(node, verb)
    return (ANY_OF if isinstance(node.value, list) else IS), node


def _operand(file: str, subject: str, verb: str, node: Node) -> Iterator[Fault]:
    many = verb == ANY_OF and isinstance(node.value, list) and node.value
    for each in node.value if many else (node,):
        try:
            read_operand(subject, verb, [each.plain()] if many else each.plain())
        except CannotBeAsked as wrong:
            found = "an empty list" if each.value == [] else shown(each.value)
            yield Fault(file, each.line, found, f"for '{subject}' {wrong.expected}")


def condition_of(written: Any) -> Condition:
    """What was written without a fault. Raises CannotBeAsked for the rest of what could be wrong."""
    ((key, inner),) = written.items()
    match key:
        case "all":
            return Every(tuple(condition_of(part) for part in inner))
        case "any":
            return Some(tuple(condition_of(part) for part in inner))
        case "not":
            return Negation(condition_of(inner))
    if isinstance(inner, dict):
        ((verb, operand),) = inner.items()
    else:
        verb, operand = (ANY_OF if isinstance(inner, list) else IS), inner
    return Test(key, verb, read_operand(key, verb, operand))


def written(condition: Condition) -> dict[str, Any]:
    """In the long form, which `condition_of` reads back."""
    match condition:
        case Every(parts):
            return {ALL: [written(part) for part in parts]}
        case Some(parts):
            return {ANY: [written(part) for part in parts]}
        case Negation(part):
            return {NOT: written(part)}
        case Test(subject, verb, value):
            return {subject: {verb: list(value) if isinstance(value, tuple) else value}}
