"""The thread of one case, clause or version, both ways: from complaint to signature, and back to every origin."""

from collections.abc import Iterator

from sqlmodel import Session

from actions.cast import NotThere
from actions.threads.known import Known, known_of
from actions.threads.of_breaches import of_breaches
from actions.threads.of_complaints import of_complaints
from actions.threads.of_gaps import left_open_by, of_gaps, of_legislation
from actions.threads.of_reviews import of_reviews
from actions.threads.of_versions import of_versions
from models.protocol import Protocol
from rules.texts import shown
from rules.thread_refs import ThreadRef, parse_ref
from rules.threads import Link, Node, NodeKind, Thread, connected

PIECES = (of_versions, of_legislation, of_complaints, of_breaches, of_gaps, of_reviews)
# Where somebody finds the numbers there are.
LISTS = {
    NodeKind.COMPLAINT: "complaint list", NodeKind.BREACH: "breach list", NodeKind.GAP: "gap list --all",
    NodeKind.PROPOSAL: "review show", NodeKind.FEEDBACK: "review show", NodeKind.LEGISLATION: "legislation list",
    NodeKind.VERSION: "version register",
}  # fmt: skip


def trace(session: Session, protocol: Protocol, ref: str) -> Thread:
    """Raises NotAThread, NotThere. Reads only; no label holds what somebody told in a complaint."""
    asked, known = parse_ref(ref), known_of(session, protocol)
    nodes, links = gathered(known)
    if asked.ref not in nodes:
        raise NotThere(_nothing(known, asked))
    if asked.kind is NodeKind.VERSION:
        links |= _left_open(known, asked)
    return connected(nodes.values(), links, asked.ref)


def gathered(known: Known) -> tuple[dict[str, Node], set[Link]]:
    """Nodes by their refs. A link to what is no case of this protocol, or is gone, is left out."""
    nodes: dict[str, Node] = {}
    links: set[Link] = set()
    for each in _pieces(known):
        if isinstance(each, Node):
            nodes[each.ref] = each
        else:
            links.add(each)
    return nodes, {link for link in links if link.cause in nodes and link.effect in nodes}


def _pieces(known: Known) -> Iterator[Node | Link]:
    for piece in PIECES:
        yield from piece(known)


def _left_open(known: Known, asked: ThreadRef) -> set[Link]:
    """A version says what it does not answer. In a gap's own thread the note says so: the version would bring along
    signatures that have nothing to do with it."""
    return {
        Link(gap.case, asked.ref, "not answered by")
        for version in known.versions.values()
        if version.label == asked.name
        for gap in left_open_by(known, version)
    }


def _nothing(known: Known, asked: ThreadRef) -> str:
    slug = known.protocol.slug
    if asked.kind is NodeKind.CLAUSE:
        keys = [clause.key for clause in sorted(known.clauses.values(), key=lambda clause: clause.position)]
        return f"There is no clause “{shown(asked.name)}” in {slug}: choose one of {', '.join(keys)}."
    where = f"see `concordat {LISTS[asked.kind]}`"
    if asked.kind is NodeKind.VERSION:
        return f"There is no version {shown(asked.name)} of {slug}: {where}."
    return f"There is no {asked.kind} {asked.name} in {slug}: {where}."
