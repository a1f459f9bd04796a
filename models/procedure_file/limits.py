"""The limits of a step: a figure says what it counts from, and nothing counts towards no figure."""

from collections.abc import Iterator

from models.protocol_file.faults import Fault, one_of, shown
from models.protocol_file.nodes import TRUE, Node
from rules.procedure_limits import EXPECTED, MOMENTS, NotALimit, NotAMoment, read_limit
from rules.procedures import Limit, Urgency


def limit_faults(file: str, step: Node) -> Iterator[Fault]:
    within, final = _text(step, "within"), _text(step, "final within")
    for node in (within, final):
        if node and _read(node) is None:
            yield Fault(file, node.line, shown(node.value), EXPECTED)
    yield from _counted_from(file, within, _text(step, "from"))
    provisional = _text(step, "may be provisional")
    if final and (provisional is None or provisional.value.lower() not in TRUE):
        yield Fault(file, final.line, shown(final.value), "'may be provisional: true' beside it")


def _counted_from(file: str, within: Node | None, counted_from: Node | None) -> Iterator[Fault]:
    if counted_from is None:
        limit = within and _read(within)
        if within and limit and limit.urgency is None:
            expected = f"a 'from' beside it, from which it counts: one of {', '.join(MOMENTS)}"
            yield Fault(file, within.line, shown(within.value), expected)
        return
    if within is None:
        yield Fault(file, counted_from.line, shown(counted_from.value), "a 'within' beside it")
    try:
        read_limit(Urgency.IMMEDIATELY, counted_from.value)
    except NotAMoment:
        yield Fault(file, counted_from.line, shown(counted_from.value), one_of(MOMENTS, counted_from.value))


def _text(step: Node, key: str) -> Node | None:
    return next((node for node in step.at(key) if isinstance(node.value, str)), None)


def _read(within: Node) -> Limit | None:
    try:
        return read_limit(within.value)
    except NotALimit:
        return None
