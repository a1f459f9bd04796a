from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.threads import ORDER, Link, Node, NodeKind, NothingKnown, Thread, connected


def node(ref: str, note: str | None = None) -> Node:
    kind = NodeKind(ref.partition(":")[0].replace("-", " "))
    return Node(ref, kind, f"words of {ref}", note=note)


def known(*chains: str) -> tuple[list[Node], list[Link]]:
    """“complaint:1 gap:1” is two nodes and the link between them."""
    refs = dict.fromkeys(ref for chain in chains for ref in chain.split())
    pairs = dict.fromkeys(pair for chain in chains for pair in pairwise(chain.split()))
    return [node(ref) for ref in refs], [Link(cause, effect, "led to") for cause, effect in pairs]


PROTOCOL = known(
    "clause:7 complaint:12 determination:1 gap:3 proposal:8 decision:8 change:7 version:5.0 signature:1",
    "clause:7 complaint:15 determination:2 gap:3",
    "complaint:15 determination:3 gap:4",  # its other finding led elsewhere
    "clause:7 complaint:20 determination:4 local-action:1",
    "proposal:8 advice:1 decision:8",
    "clause:9 breach:7 lesson:1 gap:5 proposal:9 decision:9 change:9 version:5.0 signature:2",
)


def refs(asked: str) -> set[str]:
    return {each.ref for each in connected(*PROTOCOL, asked).nodes}


class TestTheThreadOfAComplaint:
    def test_runs_to_every_signature(self):
        assert {"gap:3", "proposal:8", "decision:8", "change:7", "version:5.0", "signature:1", "signature:2"} <= refs(
            "complaint:12"
        )

    def test_shows_the_other_origins_of_its_gap_and_the_advice_but_not_what_else_came_of_those(self):
        assert {"complaint:15", "determination:2", "advice:1"} <= refs("complaint:12")
        assert not {"determination:3", "gap:4"} & refs("complaint:12")

    def test_leaves_out_what_only_shares_its_version_or_its_clause(self):
        assert not {"gap:5", "breach:7", "change:9", "complaint:20", "clause:9"} & refs("complaint:12")

    def test_follows_both_findings_of_a_complaint_that_is_split(self):
        assert {"gap:3", "gap:4"} <= refs("complaint:15")


class TestHubs:
    def test_a_version_that_is_asked_shows_everything_that_led_to_it(self):
        assert {"complaint:12", "complaint:15", "breach:7", "gap:3", "gap:5", "signature:1"} <= refs("version:5.0")
        assert "local-action:1" not in refs("version:5.0")

    def test_a_clause_that_is_asked_shows_every_complaint_and_what_came_of_it(self):
        assert {"complaint:12", "complaint:15", "complaint:20", "local-action:1", "version:5.0"} <= refs("clause:7")
        assert "breach:7" not in refs("clause:7")

    def test_a_signature_is_of_its_version_and_says_no_more(self):
        assert refs("signature:1") == {"signature:1", "version:5.0"}

    def test_the_version_in_force_when_it_happened_does_not_bring_its_signatures_or_its_own_origins(self):
        nodes, links = known("gap:1 version:4.3 complaint:12 gap:2", "version:4.3 signature:1")
        assert {each.ref for each in connected(nodes, links, "complaint:12").nodes} == {
            "version:4.3", "complaint:12", "gap:2",
        }  # fmt: skip

    def test_what_comes_after_a_version_is_another_thread(self):
        nodes, links = known("complaint:1 version:5.0 complaint:2 gap:2", "version:5.0 local-action:1")
        assert {each.ref for each in connected(nodes, links, "complaint:1").nodes} == {
            "complaint:1", "version:5.0", "local-action:1",
        }  # fmt: skip


class TestWhatIsRefused:
    def test_what_is_not_known_is_a_sentence(self):
        with pytest.raises(NothingKnown, match="Nothing is known of “complaint:99”"):
            connected(*PROTOCOL, "complaint:99")

    def test_a_link_to_nothing_is_a_mistake_and_not_passed_over(self):
        nodes, links = known("complaint:1 gap:1")
        with pytest.raises(ValueError, match="gap:2"):
            connected(nodes, [*links, Link("gap:1", "gap:2", "")], "complaint:1")


def test_nodes_stand_by_kind_then_day_then_number():
    nodes, links = known("gap:10 version:1", "gap:2 version:1", "gap:7 version:1", "breach:1 gap:2")
    dated = Node("gap:7", NodeKind.GAP, "early", at=date(2027, 1, 1))
    thread = connected([dated if each.ref == "gap:7" else each for each in nodes], links, "version:1")
    assert [each.ref for each in thread.nodes] == ["breach:1", "gap:7", "gap:2", "gap:10", "version:1"]


def test_what_is_noted_is_found_in_order():
    thread = Thread("gap:1", (node("gap:1", "open"), node("gap:2"), node("version:1", "unsigned")), ())
    assert [each.ref for each in thread.noted] == ["gap:1", "version:1"]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Node], list[Link]]:
    """Anything linked to anything, forwards, backwards, in circles and to itself."""
    kinds = draw(st.lists(st.sampled_from(list(NodeKind)), min_size=1, max_size=14))
    days = st.none() | st.integers(0, 3).map(lambda days: date(2027, 1, 1) + timedelta(days))
    nodes = [Node(f"{kind}:{n}", kind, "words", at=draw(days)) for n, kind in enumerate(kinds)]
    ref = st.sampled_from([each.ref for each in nodes])
    return nodes, draw(st.lists(st.builds(Link, ref, ref, st.sampled_from(["opened", "joined"])), max_size=30))


@settings(max_examples=30, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_every_thread_holds_together(world, random):
    nodes, links = world
    kept = (list(nodes), list(links))
    for asked in nodes:
        thread = connected(nodes, links, asked.ref)
        inside = {each.ref for each in thread.nodes}
        assert asked.ref in inside
        ends = {ref for link in thread.links for ref in (link.cause, link.effect)}
        assert ends == inside or (ends == set() and inside == {asked.ref})
        shuffled = random.sample(nodes, len(nodes)), random.sample(links, len(links))
        assert connected(*shuffled, asked.ref) == thread
    assert (nodes, links) == kept


CHAIN = [NodeKind.DETERMINATION, NodeKind.GAP, NodeKind.PROPOSAL, NodeKind.DECISION, NodeKind.CHANGE]


@settings(max_examples=30, deadline=None)
@given(worlds())
def test_a_complaint_and_the_version_it_led_to_show_each_other(world):
    nodes, links = world
    story = ["complaint:a", *(f"{kind}:a" for kind in CHAIN), "version:a"]
    nodes = [*nodes, *(Node(ref, NodeKind(ref.partition(":")[0]), "") for ref in story)]
    links = [*links, *(Link(one, next_one, "") for one, next_one in pairwise(story))]
    forwards = {each.ref for each in connected(nodes, links, "complaint:a").nodes}
    backwards = {each.ref for each in connected(nodes, links, "version:a").nodes}
    assert forwards >= set(story)
    assert backwards >= set(story)


def test_the_kinds_run_from_cause_to_effect():
    assert ORDER[NodeKind.CLAUSE] < ORDER[NodeKind.COMPLAINT] < ORDER[NodeKind.GAP] < ORDER[NodeKind.SIGNATURE]
