"""What led to what, drawn: from any case, clause or version its thread both ways, the same as a table beside it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from sqlmodel import Session, SQLModel, col, select

from actions.cast import known_id
from actions.clauses import clause_headings
from actions.threads.tracing import trace
from models.breach import Breach
from models.complaint import Complaint
from models.gap import Gap
from models.protocol import Clause, Protocol, Version
from notifications import threads as forms
from rules.errors import Refused
from rules.thread_refs import parse_ref
from rules.threads import Node, NodeKind, Thread
from web.commands import page_of_command
from web.declaring import READS, Answer, Asked, Page
from web.rendering import as_markup
from web.wording import without_links

HERE = "/console/threads"
NEWEST = 30  # of each kind, to begin at
# Which command shows a node of that kind; the page that does the same is linked.
SHOWN_BY = {
    "complaint": "complaint show", "breach": "breach show", "gap": "gap show", "proposal": "proposal show",
    "review": "review show",
}  # fmt: skip


CASES: dict[NodeKind, type[Breach] | type[Complaint] | type[Gap]] = {
    NodeKind.BREACH: Breach, NodeKind.COMPLAINT: Complaint, NodeKind.GAP: Gap,
}  # fmt: skip


class Joined(NamedTuple):
    """How a row of the table is joined to another: `row` is its number on the page."""

    words: str
    ref: str
    row: int


class ThreadRow(NamedTuple):
    row: int
    ref: str
    kind: str
    words: str
    at: object
    state: str
    note: str | None
    page: str | None
    thread: str | None
    causes: tuple[Joined, ...]
    effects: tuple[Joined, ...]


def page_of(ref: str) -> str:
    return f"{HERE}/{quote(ref, safe=':')}"


def thread_of(asked: Asked, ref: str) -> Thread:
    """Raises NotAThread, NotThere."""
    return trace(asked.session, _protocol_of(asked, ref), ref)


def _protocol_of(asked: Asked, ref: str) -> Protocol:
    """A case is of one protocol, whether or not the address names it."""
    kind, number, _ = parse_ref(ref)
    table = CASES.get(kind) if not asked.query.get("protocol") else None
    of = asked.session.exec(select(table.protocol_id).where(table.id == int(number))).first() if table else None
    return asked.session.get_one(Protocol, of) if of else asked.protocol


def rows_of(thread: Thread) -> list[ThreadRow]:
    number = {node.ref: row for row, node in enumerate(thread.nodes, 1)}
    causes: dict[str, list[Joined]] = {node.ref: [] for node in thread.nodes}
    effects: dict[str, list[Joined]] = {node.ref: [] for node in thread.nodes}
    for link in thread.links:
        causes[link.effect].append(Joined(link.words, link.cause, number[link.cause]))
        effects[link.cause].append(Joined(link.words, link.effect, number[link.effect]))
    return [
        ThreadRow(
            row=number[node.ref], ref=node.ref, kind=node.kind.value, words=node.words, at=node.at, state=node.state,
            note=node.note, page=_page(node, causes[node.ref]), thread=_thread(node, thread),
            causes=tuple(causes[node.ref]), effects=tuple(effects[node.ref]),
        )
        for node in thread.nodes
    ]  # fmt: skip


def _page(node: Node, causes: Sequence[Joined]) -> str | None:
    """The case's own; of a determination or a lesson, its complaint's or breach's."""
    for ref in (node.ref, *(each.ref for each in causes)):
        kind, _, name = ref.partition(":")
        if kind in SHOWN_BY and (found := page_of_command(f"{SHOWN_BY[kind]} {name}")):
            return found[0]
        if node.ref.partition(":")[0] not in ("finding", "lesson"):
            return None
    return None


def _thread(node: Node, thread: Thread) -> str | None:
    if node.ref == thread.asked:
        return None
    try:
        return page_of(parse_ref(node.ref).ref)
    except Refused:
        return None


def _drawn(thread: Thread) -> Mapping[str, object]:
    return {
        "thread": forms.as_json(thread), "rows": rows_of(thread), "drawing": as_markup(forms.as_svg(thread)),
        "noted": len(thread.noted), "asked": thread.asked, "here": page_of(thread.asked),
    }  # fmt: skip


def _show(asked: Asked) -> dict[str, object]:
    thread = thread_of(asked, asked.place["ref"])
    return {"title": f"The thread of {thread.asked.replace(':', ' ', 1)}", **_drawn(thread)}


def _svg(asked: Asked) -> Answer:
    thread = thread_of(asked, asked.place["ref"])
    return Answer(content=forms.as_svg(thread).encode(), media_type="image/svg+xml", filename=_name(thread, "svg"))


def _json(asked: Asked) -> Answer:
    thread = thread_of(asked, asked.place["ref"])
    content = json.dumps(forms.as_json(thread), ensure_ascii=False, indent=2).encode()
    return Answer(content=content, media_type="application/json", filename=_name(thread, "json"))


def _mermaid(asked: Asked) -> Answer:
    thread = thread_of(asked, asked.place["ref"])
    content = forms.as_mermaid(thread).encode()
    return Answer(content=content, media_type="text/plain; charset=utf-8", filename=_name(thread, "mmd"))


def _name(thread: Thread, ending: str) -> str:
    plain = "".join(sign if sign.isalnum() or sign in ".-" else "-" for sign in thread.asked)
    return f"thread-{plain}.{ending}"


def _pick(asked: Asked) -> dict[str, object]:
    """Where to begin; `?ref=` is what the field of the page asks for."""
    ref, found, problem = asked.query.get("ref", "").strip(), None, ""
    if ref:
        try:
            found = page_of(thread_of(asked, ref).asked)
        except Refused as refused:
            problem = without_links(str(refused))
    return {
        "ref": ref, "found": found, "problem": problem, "here": HERE,
        "begin": [
            (heading, [(page_of(begin), said) for begin, said in lines])
            for heading, lines in _beginnings(asked.session, asked.protocol)
        ],
    }  # fmt: skip


def _beginnings(session: Session, protocol: Protocol) -> Iterator[tuple[str, Iterator[tuple[str, str]]]]:
    headings = dict(clause_headings(session, protocol))
    clauses = session.exec(select(Clause).where(Clause.protocol_id == protocol.id).order_by(col(Clause.position)))
    versions = session.exec(
        select(Version).where(Version.protocol_id == protocol.id).order_by(col(Version.major), col(Version.minor))
    )
    yield "Gaps", _numbered(session, protocol, Gap, "gap")
    yield "Complaints", _numbered(session, protocol, Complaint, "complaint")
    yield "Breaches", _numbered(session, protocol, Breach, "breach")
    yield "Versions", ((f"version:{each.label}", f"Version {each.label}") for each in versions)
    yield "Clauses", ((f"clause:{each.key}", f"{each.key}: {headings.get(each.key, 'no text')}") for each in clauses)


def _numbered(session: Session, protocol: Protocol, table: type[SQLModel], kind: str) -> Iterator[tuple[str, str]]:
    """The newest first."""
    of = table.protocol_id == protocol.id  # type: ignore[attr-defined]
    rows = session.exec(select(table).where(of).order_by(col(table.id).desc()).limit(NEWEST))  # type: ignore[attr-defined]
    return ((f"{kind}:{known_id(row)}", f"{kind.capitalize()} {known_id(row)}") for row in rows)


PAGES = (
    Page(path=HERE, title="Threads", who=READS, read=_pick, template="console/threads.html", in_menu="/console/gaps",
         filters={"ref": "What the thread is of, such as gap:1: its page is among the answer.",
                  "protocol": "Its short name."}),
    Page(path="/console/threads/{ref}", title="A thread", who=READS, read=_show, template="console/thread.html",
         in_menu="/console/gaps"),
    Page(path="/console/threads/{ref}/thread.svg", title="A thread, drawn", who=READS, read=_svg),
    Page(path="/console/threads/{ref}/thread.json", title="A thread as data", who=READS, read=_json),
    Page(path="/console/threads/{ref}/thread.mmd", title="A thread for a wiki", who=READS, read=_mermaid),
)  # fmt: skip
