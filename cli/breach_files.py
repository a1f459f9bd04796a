"""A filled report of a breach, as a file: YAML or JSON, read whole or refused whole, with the line of every fault."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from actions.breaches.given_facts import require_facts
from actions.breaches.reporting import Report
from cli.breach_factors import factor_faults, factors_of
from models.breach import ReporterKind
from models.protocol_file.faults import BadProtocolFile, Fault, one_of, shown
from models.protocol_file.nodes import LARGEST_FILE, Node, nodes_in, read_nodes
from models.protocol_file.translating import read_model
from models.protocol_file.values import Model, Slug
from rules.breach_facts import (
    LONGEST_TEXT,
    UNKNOWN,
    FactName,
    FromTheFuture,
    NotAFact,
    Reading,
    TextTooLong,
    fact_called,
    read_value,
)
from rules.errors import Refused
from rules.instants import NeitherDayNorInstant, OutsideTheCalendar
from rules.texts import NotText, is_text

REPORTER, KEY = "reporter", "key"
STANDARD_INPUT = "-"
NAMES = {name.value.casefold(): name for name in FactName}
# For the form alone: whether a time has come yet, and which of two it is, the protocol's own zone and day say.
ANY_TIME = Reading(ZoneInfo("UTC"), datetime(9998, 12, 31, tzinfo=UTC))
EXPECTED: dict[type[Refused], str] = {
    FromTheFuture: "a day or a time that has come already",
    TextTooLong: f"at most {LONGEST_TEXT:,} characters: a summary",
    NotText: "text without zero characters and halves of characters",
    NeitherDayNorInstant: "a date such as 2026-10-23 or an instant such as 2026-10-23T16:20+01:00",
    OutsideTheCalendar: "a year from 2 to 9998",
}


class BadReportFile(BadProtocolFile):
    """The file is refused whole, before anything is written. One fault a line, by line."""


class ReporterEntry(Model):
    """Whoever reports it; left out, the report is anonymous."""

    kind: Literal["named", "confidential", "anonymous"]
    name: Annotated[str, Field(max_length=200)] | None = None
    reach: Annotated[str, Field(max_length=254)] | None = None
    party: Slug | None = None


def read_report_file(path: Path, at: Reading | None = None, *, anything: bool = False) -> Report:
    """The facts are as they were written; `at` is the protocol's zone and the instant they are read at, without
    which times are read for their form only; `anything`: what happened is said elsewhere. The path “-” reads standard
    input. Raises BadReportFile with all faults."""
    file, tree, faults = _tree(path)
    if tree is None or not isinstance(tree.value, dict):
        raise BadReportFile(faults or [Fault(file, 1, shown(tree.value if tree else None), "a mapping")])
    _join(tree)
    keys = {key: _name(key) for key in tree.value}
    reporter, wrong = _reporter(file, tree, keys)
    faults += [*wrong, *_key_faults(file, tree, keys, anything), *_value_faults(file, tree, keys, at or ANY_TIME)]
    if faults:
        raise BadReportFile(replace(each, found=_printable(each.found)) for each in faults)
    by_name = {name: tree.value[key] for key, name in keys.items()}
    facts = {
        fact: factors_of(by_name[name]) if fact is FactName.FACTORS else by_name[name].plain()
        for name, fact in NAMES.items()
        if name in by_name
    }
    key = by_name[KEY].value if KEY in by_name else None
    return Report(
        facts=facts, reporter_kind=ReporterKind(reporter.kind), reporter=reporter.name, reach=reporter.reach,
        party=reporter.party, key=key,
    )  # fmt: skip


def _tree(path: Path) -> tuple[str, Node | None, list[Fault]]:
    """The file as its faults name it: as somebody typed it."""
    if str(path) == STANDARD_INPUT:
        file, (tree, faults) = "standard input", nodes_in("standard input", sys.stdin.buffer.read(LARGEST_FILE + 1))
    else:
        file, (tree, faults) = str(path), read_nodes(path.parent, path.name)
    if path.suffix.casefold() == ".json" and not faults and (fault := _json_fault(file, path.read_bytes())):
        return file, None, [fault]
    return file, tree, [replace(each, file=file) for each in faults]


def _json_fault(file: str, data: bytes) -> Fault | None:
    """YAML allows what JSON does not, such as a comma after the last entry."""
    try:
        json.loads(data.decode("utf-8-sig"), parse_constant=_no_number)
    except json.JSONDecodeError as error:
        return Fault(file, error.lineno, f"a mistake in the JSON ({error.msg})", "valid JSON")
    except ValueError as error:
        return Fault(file, 1, str(error), "valid JSON")
    return None


def _no_number(word: str) -> None:
    raise ValueError(f"the word '{word}'")


def _name(key: str) -> str:
    plain = " ".join(key.replace("-", " ").replace("_", " ").casefold().split())
    fact = fact_called(plain)
    return fact.casefold() if fact else plain


def _join(node: Node) -> None:
    """JSON writes some characters as two halves; what is half alone stays so, and is refused."""
    if isinstance(node.value, str) and not is_text(node.value):
        node.value = node.value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    within = node.value.values() if isinstance(node.value, dict) else node.value
    for each in within if isinstance(node.value, dict | list) else ():
        _join(each)


def _printable(text: str) -> str:
    """What nobody can see, or turns the line about, is shown as a sign that everybody sees."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def _reporter(file: str, tree: Node, keys: dict[str, str]) -> tuple[ReporterEntry, list[Fault]]:
    given = [tree.value[key] for key, name in keys.items() if name == REPORTER]
    read, faults = read_model(ReporterEntry, file, given[0]) if given else (None, [])
    return read or ReporterEntry(kind="anonymous"), faults


def _key_faults(file: str, tree: Node, keys: dict[str, str], anything: bool) -> Iterator[Fault]:
    known, first = (*NAMES, REPORTER, KEY), dict[str, str]()
    for key, name in keys.items():
        if name not in known:
            yield Fault(file, tree.keys[key], f"the key {shown(key)}", one_of([*FactName, REPORTER, KEY], name))
        elif name in first:
            yield Fault(file, tree.keys[key], f"the key {shown(key)} beside {shown(first[name])}", "each fact once")
        elif name == KEY and not isinstance(tree.value[key].value, str):
            yield Fault(file, tree.value[key].line, shown(tree.value[key].value), "a text of the sender's own")
        first.setdefault(name, key)
    if FactName.HAPPENED not in keys.values() and not anything:
        yield Fault(file, tree.line, f"no '{FactName.HAPPENED}'", f"the key '{FactName.HAPPENED}' with a summary")


def _value_faults(file: str, tree: Node, keys: dict[str, str], at: Reading) -> Iterator[Fault]:
    for key, name in keys.items():
        fact, node = NAMES.get(name), tree.value[key]
        if fact is FactName.FACTORS and node.value is not None and node.value != UNKNOWN:
            yield from factor_faults(file, node)
        elif fact is not None:
            yield from _fault_of(file, fact, node, at)


def _fault_of(file: str, fact: FactName, node: Node, at: Reading) -> Iterator[Fault]:
    try:
        read = read_value(fact, require_facts({fact: node.plain()})[fact], at)
    except NotAFact as error:
        where = _item(node, error.found)
        yield Fault(file, where.line, shown(where.value), f"{error.expected}, or unknown")
    except Refused as error:
        expected = EXPECTED.get(type(error), f"another time: {error}")
        yield Fault(file, node.line, shown(node.value), expected)
    else:
        if fact is FactName.HAPPENED and read == UNKNOWN:
            yield Fault(file, node.line, shown(node.value), "what happened, in a sentence or two")


def _item(node: Node, found: object) -> Node:
    """Of a list, the item that is meant."""
    items = node.value if isinstance(node.value, list) else []
    return next((each for each in items if each.value == found or not isinstance(each.value, str)), node)
