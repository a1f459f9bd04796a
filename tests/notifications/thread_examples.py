"""Threads as they will be: a small one, a big one, and one written by somebody who means harm."""

from datetime import date

from rules.threads import Link, Node, NodeKind, Thread, connected

HOSTILE = '"]; click n1 "javascript:alert(1)"</text><script>x</script>\n\u202eevil\u202c שלום & \'`%%{init}%%|x|\ufffe'


def _node(ref: str, words: str, at: date | None = None, state: str = "", note: str | None = None) -> Node:
    return Node(ref, NodeKind(ref.partition(":")[0].replace("-", " ")), words, at, state, note)


def small() -> Thread:
    nodes = [
        _node("complaint:12", "The hospital passed on an address after consent ended", date(2027, 1, 14), "inadequacy"),
        _node("determination:12", "Clause 7 says nothing of withdrawn consent", date(2027, 2, 2), "inadequacy"),
        _node("gap:3", "Withdrawn consent: who tells whom", date(2027, 2, 2), "open", "not answered by version 5.0"),
        _node("proposal:8", "Partners are told within two working days", date(2027, 2, 20), "deferred"),
    ]
    links = [
        Link("complaint:12", "determination:12", "determined as"),
        Link("determination:12", "gap:3", "opened"),
        Link("gap:3", "proposal:8", "answered by"),
    ]
    return connected(nodes, links, "complaint:12")


def big() -> Thread:
    """Three breaches, two complaints, two gaps, three proposals merged, advice, a decision, and 17 signatures."""
    nodes = [_node("clause:7-consent", "7 Consent"), _node("feedback:31", "Shorten clause 9")]
    links = [Link("feedback:31", "proposal:10", "proposed")]
    for number in (12, 15):
        nodes += [
            _node(f"complaint:{number}", "Consent was withdrawn and nobody told the school", date(2027, 1, number)),
            _node(f"determination:{number}", "Not covered", date(2027, 2, number), "inadequacy"),
        ]
        links += [
            Link("clause:7-consent", f"complaint:{number}", "complained of in"),
            Link(f"complaint:{number}", f"determination:{number}", "determined as"),
            Link(f"determination:{number}", "gap:3", "opened"),
        ]
    for number in (4, 7, 9):
        nodes += [_node(f"breach:{number}", "Letter to the wrong surgery"), _node(f"lesson:{number}", "No second look")]
        links += [Link(f"breach:{number}", f"lesson:{number}", "taught"), Link(f"lesson:{number}", "gap:5", "opened")]
    nodes += [_node("gap:3", "Withdrawn consent"), _node("gap:5", "Second look", note="not answered by version 5.0")]
    for number, gap in ((8, 3), (9, 3), (10, 5)):
        nodes.append(_node(f"proposal:{number}", "Partners are told within two working days", state="major"))
        links.append(Link(f"gap:{gap}", f"proposal:{number}", "answered by"))
    nodes += [
        _node("advice:2", "Two working days are enough"),
        _node("decision:8", "Accepted; the police dissent", date(2027, 3, 10), "accepted with changes"),
        _node("change:5.0-7", "Clause 7, paragraph 4 added"),
        _node("version:5.0", "Information sharing protocol", date(2027, 3, 31), "partly adopted"),
    ]
    links += [
        Link("proposal:9", "proposal:8", "merged into"),
        Link("proposal:10", "proposal:8", "merged into"),
        Link("proposal:8", "advice:2", "advised on in"),
        Link("advice:2", "decision:8", "considered in"),
        Link("proposal:8", "decision:8", "decided in"),
        Link("decision:8", "change:5.0-7", "made"),
        Link("change:5.0-7", "version:5.0", "stands in"),
    ]
    for number in range(1, 18):
        nodes.append(_node(f"signature:{number}", f"Party {number} with a name of some length", date(2027, 4, number)))
        links.append(Link("version:5.0", f"signature:{number}", "signed by"))
    return connected(nodes, links, "complaint:12")


def hostile() -> Thread:
    nodes = [
        _node("complaint:1", HOSTILE, None, HOSTILE, HOSTILE),
        _node("gap:1", "W" * 300),
        _node("gap:2", "e" + "\u0301" * 50),
    ]
    return connected(nodes, [Link("complaint:1", "gap:1", HOSTILE), Link("complaint:1", "gap:2", "")], "complaint:1")


def circle() -> Thread:
    """A determination that opened an earlier kind of case, and two that cause each other."""
    nodes = [_node("breach:1", "b"), _node("determination:1", "d"), _node("gap:1", "g")]
    links = [
        Link("determination:1", "breach:1", "opened"),
        Link("breach:1", "gap:1", "opened"),
        Link("gap:1", "determination:1", "reopened"),
    ]
    return connected(nodes, links, "gap:1")


def alone() -> Thread:
    return connected([_node("complaint:1", "")], [], "complaint:1")
