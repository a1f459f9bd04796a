"""What must fit between the files: every id that is named exists, no id or name is used twice, chains end.

Checked on the files' trees, not on the models: a file with one wrong word still tells which ids it declares,
so all faults of all files are found in one go.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from models.protocol_file.clauses import vocabulary_faults
from models.protocol_file.faults import Fault, one_of, shown
from models.protocol_file.known_dates import NotADate, read_date
from models.protocol_file.nodes import EACH, TRUE, Node
from rules.reminding import ESCALATION

Trees = Mapping[str, Node | None]
Path = tuple[str, ...]


class Place(NamedTuple):
    file: str
    path: Path


class Reference(NamedTuple):
    """At `place` stands the id of a `kind`."""

    place: Place
    kind: str


PARTIES = Place("parties.yaml", ("parties", EACH, "id"))
BODIES = Place("changes.yaml", ("bodies", EACH, "id"))
CLAUSES = Place("clauses.yaml", ("clauses", EACH, "id"))
OUTSIDE = Place("clauses.yaml", ("outside", EACH, "id"))
VERSIONS = Place("versions.yaml", ("versions", EACH, "numbers", EACH))
LEGISLATION = Place("legislation.yaml", ("legislation", EACH, "id"))

DECLARED = {
    "party": (PARTIES,),
    "body": (PARTIES, BODIES),
    "clause": (CLAUSES,),
    "version": (VERSIONS,),
    "legislation": (LEGISLATION,),
}

REFERENCES = (
    Reference(Place("register.yaml", ("signatures", EACH, "party")), "party"),
    Reference(Place("register.yaml", ("signatures", EACH, "version")), "version"),
    Reference(Place("legislation.yaml", ("legislation", EACH, "clauses", EACH)), "clause"),
    Reference(Place("confirmations.yaml", ("items", EACH, "clause")), "clause"),
    Reference(Place("changes.yaml", ("law", EACH, "legislation")), "legislation"),
    Reference(Place("changes.yaml", ("law", EACH, "clauses", EACH)), "clause"),
    Reference(Place("changes.yaml", ("successions", EACH, "from")), "body"),
    Reference(Place("changes.yaml", ("successions", EACH, "to")), "body"),
)

# Places whose texts may each stand there once; the places of one line share one set.
UNIQUE = (
    (PARTIES, BODIES),
    (CLAUSES, OUTSIDE),
    (LEGISLATION,),
    (Place("confirmations.yaml", ("items", EACH, "id")),),
    (Place("changes.yaml", ("law", EACH, "id")),),
)

# Dates of the protocol's own life. Successions and laws may be older than the protocol.
OWN_DATES = (
    Place("protocol.yaml", ("policies", "review", "anchor")),
    Place("protocol.yaml", ("policies", "review", "next_on")),
    Place("parties.yaml", ("parties", EACH, "joined")),
    Place("parties.yaml", ("parties", EACH, "left")),
    Place("versions.yaml", ("versions", EACH, "dated")),
    Place("register.yaml", ("signatures", EACH, "signed_on")),
)


def faults_between(trees: Trees) -> Iterator[Fault]:
    """Every fault that no file shows by itself."""
    yield from _unknown_ids(trees)
    for places in UNIQUE:
        yield from _repeated(trees, places)
    yield from _repeated_versions(trees)
    yield from _repeated_names(trees)
    yield from _repeated_steps(trees)
    yield from _chains_without_end(trees)
    yield from _before_the_founding(trees)
    yield from _not_one_current(trees)
    yield from _a_procedures_own_rung(trees)
    yield from vocabulary_faults(trees)


def _texts(trees: Trees, place: Place) -> Iterator[Node]:
    tree = trees.get(place.file)
    for node in tree.at(*place.path) if tree else ():
        if isinstance(node.value, str):
            yield node


def _unknown_ids(trees: Trees) -> Iterator[Fault]:
    """Nothing is known to be unknown while a file that declares such ids cannot be read."""
    for place, kind in REFERENCES:
        if any(trees.get(declaring.file) is None for declaring in DECLARED[kind]):
            continue
        known = {node.value: None for declaring in DECLARED[kind] for node in _texts(trees, declaring)}
        for node in _texts(trees, place):
            if node.value not in known:
                expected = f"a {kind}: {one_of(known, node.value)}"
                yield Fault(place.file, node.line, shown(node.value), expected)


def _repeated(trees: Trees, places: tuple[Place, ...]) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for place in places:
        for node in _texts(trees, place):
            if node.value in first:
                expected = f"an id not used before ({first[node.value]})"
                yield Fault(place.file, node.line, shown(node.value), expected)
            first.setdefault(node.value, f"{place.file}:{node.line}")


def _repeated_versions(trees: Trees) -> Iterator[Fault]:
    """`4` and `4.0` are one version."""
    first: dict[tuple[int, ...], str] = {}
    for node in _texts(trees, VERSIONS):
        try:
            number = tuple(int(part) for part in f"{node.value}.0".split(".")[:2])
        except ValueError:
            continue
        if number in first:
            used = f"a version not listed before ({first[number]})"
            yield Fault(VERSIONS.file, node.line, shown(node.value), used)
        first.setdefault(number, f"{VERSIONS.file}:{node.line}")


def _repeated_names(trees: Trees) -> Iterator[Fault]:
    """One name or alias stands for one body, whatever its case and spacing."""
    owners: dict[str, tuple[str, str]] = {}
    for file, owner, node in _names(trees):
        folded = " ".join(node.value.split()).casefold()
        first, where = owners.setdefault(folded, (owner, f"{file}:{node.line}"))
        if first != owner:
            expected = f"a name that no other party or body has ({where})"
            yield Fault(file, node.line, shown(node.value), expected)


def _names(trees: Trees) -> Iterator[tuple[str, str, Node]]:
    for file, key in (("parties.yaml", "parties"), ("changes.yaml", "bodies")):
        tree = trees.get(file)
        for number, entry in enumerate(tree.at(key, EACH) if tree else ()):
            for node in (*entry.at("name"), *entry.at("aliases", EACH)):
                if isinstance(node.value, str):
                    yield file, f"{file} {number}", node


def _steps(trees: Trees) -> Iterator[tuple[str, str, int]]:
    """From whom, to whom, and the line of the latter."""
    tree = trees.get("changes.yaml")
    for entry in tree.at("successions", EACH) if tree else ():
        source, target = entry.text("from"), entry.text("to")
        if source and target:
            yield source, target, next(entry.at("to")).line


def _repeated_steps(trees: Trees) -> Iterator[Fault]:
    first: dict[tuple[str, str], int] = {}
    for source, target, line in _steps(trees):
        if (source, target) in first:
            expected = f"a step not listed before (line {first[source, target]})"
            yield Fault("changes.yaml", line, f"'{source} → {target}'", expected)
        first.setdefault((source, target), line)


def _chains_without_end(trees: Trees) -> Iterator[Fault]:
    """A body cannot succeed itself, directly or through others. Told at the step that closes the circle."""
    after: dict[str, set[str]] = {}
    for source, target, line in _steps(trees):
        if source == target or source in _reached(after, target):
            circle = f"'{source} → {target}', which leads back to '{source}'"
            yield Fault("changes.yaml", line, circle, "successions that come to an end")
            continue
        after.setdefault(source, set()).add(target)


def _reached(after: Mapping[str, set[str]], start: str) -> set[str]:
    reached, waiting = set[str](), [start]
    while waiting:
        for body in after.get(waiting.pop(), set()) - reached:
            reached.add(body)
            waiting.append(body)
    return reached


def _before_the_founding(trees: Trees) -> Iterator[Fault]:
    tree = trees.get("protocol.yaml")
    try:
        founded = read_date((tree and tree.text("founded")) or "")
    except NotADate:
        return
    for place in OWN_DATES:
        for node in _texts(trees, place):
            try:
                early = read_date(node.value).last < founded.first
            except NotADate:
                continue  # its own file's fault
            if early:
                expected = f"a date not before the founding ({founded.words})"
                yield Fault(place.file, node.line, shown(node.value), expected)


def _not_one_current(trees: Trees) -> Iterator[Fault]:
    tree = trees.get("versions.yaml")
    if tree is None:
        return
    flags = [node for node in tree.at("versions", EACH, "current") if str(node.value).lower() in TRUE]
    if not flags:
        yield Fault("versions.yaml", tree.line, "no current version", "'current: true' at one version")
    for node in flags[1:]:
        expected = f"one only (line {flags[0].line})"
        yield Fault("versions.yaml", node.line, "a second current version", expected)


def _a_procedures_own_rung(trees: Trees) -> Iterator[Fault]:
    """A party's procedure brings a rung of this key beside the ladder's: taking one would take the other."""
    tree = trees.get("protocol.yaml")
    for ladders in tree.at("operating", "ladders") if tree else ():
        for ladder in ladders.value.values() if isinstance(ladders.value, dict) else ():
            for node in ladder.at("rungs", EACH, "key"):
                if str(node.value).strip() == ESCALATION:
                    expected = f"another key: '{ESCALATION}' is the rung of a party's own procedure"
                    yield Fault("protocol.yaml", node.line, shown(node.value), expected)
