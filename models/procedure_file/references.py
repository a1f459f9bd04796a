"""What must fit between the parts of a procedure: every role and step that is named is there, nothing waits for
itself, and a limit says what it counts from.

Checked on the file's tree, not on the model, so all faults of all parts are found in one go.
"""

from collections.abc import Collection, Iterator

from models.procedure_file.circles import fallback_circles, step_circles
from models.procedure_file.conditions import condition_faults, under
from models.procedure_file.limits import limit_faults
from models.protocol_file.faults import Fault, one_of, shown
from models.protocol_file.nodes import EACH, TRUE, Node
from rules.procedure_limits import step_key
from rules.procedures import SHARING_PARTNERS, Standing

ROLES = (
    ("roles", EACH, "fallback", EACH),
    ("steps", EACH, "by"),
    ("steps", EACH, "advised by", EACH),
    ("steps", EACH, "inform", EACH),
    ("steps", EACH, "escalate", EACH, "to"),
    ("statistics", "to"),
)
STEPS = (("steps", EACH, "after", EACH), ("steps", EACH, "repeat", "until"))
ONCE = (("roles", EACH, "id"), ("steps", EACH, "id"), ("parties", EACH), ("kinds", EACH), ("covers", EACH))


def faults_within(file: str, tree: Node, parties: Collection[str] | None, kinds: Collection[str]) -> Iterator[Fault]:
    """Every fault that no part shows by itself."""
    yield from _repeated(file, tree)
    yield from _unknown_roles(file, tree)
    yield from _unknown_steps(file, tree)
    yield from step_circles(file, tree)
    yield from fallback_circles(file, tree)
    for step in tree.at("steps", EACH):
        yield from limit_faults(file, step)
        if "when" in step.keys:
            yield from condition_faults(file, under(step, "when"))
    yield from _stand_ins_of_nobody(file, tree)
    yield from _unknown(file, tree, ("kinds", EACH), kinds, "a kind of party")
    if parties is not None:
        yield from _unknown(file, tree, ("parties", EACH), parties, "a party")
    yield from _for_whom(file, tree)


def _texts(tree: Node, *path: str) -> Iterator[Node]:
    yield from (node for node in tree.at(*path) if isinstance(node.value, str))


def _repeated(file: str, tree: Node) -> Iterator[Fault]:
    for path in ONCE:
        first: dict[str, int] = {}
        for node in _texts(tree, *path):
            if node.value in first:
                expected = f"each {'id' if path[-1] == 'id' else 'one'} once (line {first[node.value]})"
                yield Fault(file, node.line, shown(node.value), expected)
            first.setdefault(node.value, node.line)


def _unknown(file: str, tree: Node, path: tuple[str, ...], known: Collection[str], what: str) -> Iterator[Fault]:
    for node in _texts(tree, *path):
        if node.value not in known:
            yield Fault(file, node.line, shown(node.value), f"{what}: {one_of(known, node.value)}")


def _ids(tree: Node, part: str) -> list[str] | None:
    """None where there is no such list, which is a fault of its own."""
    nodes = list(tree.at(part))
    return [node.value for node in _texts(tree, part, EACH, "id")] if nodes and nodes[0].value else None


def _unknown_roles(file: str, tree: Node) -> Iterator[Fault]:
    roles = _ids(tree, "roles")
    for path in ROLES if roles else ():
        known = [*(roles or ()), *([SHARING_PARTNERS] if "inform" in path else [])]
        yield from _unknown(file, tree, path, known, "a role")


def _unknown_steps(file: str, tree: Node) -> Iterator[Fault]:
    steps = _ids(tree, "steps") or []
    for path in STEPS:
        yield from _unknown(file, tree, path, steps, "a step")
    for node in _texts(tree, "steps", EACH, "from"):
        prefix, _, named = node.value.partition(step_key(""))
        if prefix == "" and named.strip() not in steps:
            yield Fault(file, node.line, shown(node.value), f"a step: {one_of(steps, named.strip())}")


def _stand_ins_of_nobody(file: str, tree: Node) -> Iterator[Fault]:
    for role in tree.at("roles", EACH):
        for only in _texts(role, "only"):
            if only.value.lower() in TRUE and any(node.value for node in role.at("fallback")):
                yield Fault(file, only.line, "'only' beside a 'fallback'", "one of the two: nobody else, or somebody")


def _for_whom(file: str, tree: Node) -> Iterator[Fault]:
    """A party's own names its parties, a model its kinds; the default is for whoever has none."""
    wanted = {Standing.OWN: "parties", Standing.MODEL: "kinds"}
    for standing in _texts(tree, "standing"):
        if standing.value not in tuple(Standing):
            return
        key = wanted.get(Standing(standing.value))
        if key and not any(node.value for node in tree.at(key)):
            yield Fault(file, standing.line, f"no '{key}'", f"'{key}' of which this is the {standing.value} procedure")
        for other in ("parties", "kinds"):
            if other != key and other in tree.keys:
                yield Fault(file, tree.keys[other], f"the key '{other}'", f"none, where 'standing' is {standing.value}")
