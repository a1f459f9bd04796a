import json
import re
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.lettering import lettered, width, wrapped
from notifications.threads import as_json, as_mermaid, as_svg, as_text
from notifications.threads.layout import BETWEEN, laid_out, stacked
from rules.threads import Link, Node, NodeKind, Thread, connected
from tests.notifications.thread_examples import alone, big, circle, hostile, small

THREADS = [
    pytest.param(make(), id=make.__name__) for make in (small, big, hostile, circle, alone)
]  # fmt: skip
# What XML forbids, what turns the direction, what piles up, what is wide, and what means something to HTML or Mermaid.
CHARACTERS = "ab W é漢ש\u0301\u202e\u2028\x00\x0b\n\t\ufffe\uffff\ud800\U0001f600\u00ad\u0085<>&\"'`]|;#%{"
SVG = "{http://www.w3.org/2000/svg}"


def boxes_of(svg: str) -> list[tuple[float, float, float, float]]:
    rounded = [each for each in ElementTree.fromstring(svg).iter(f"{SVG}rect") if each.get("rx")]
    return [tuple(float(each.get(name)) for name in ("x", "y", "width", "height")) for each in rounded]


class TestTheOutline:
    def test_reads_from_cause_to_effect_and_ends_with_what_is_not_answered(self):
        assert as_text(small()) == (
            "Thread of complaint:12, from causes to effects\n"
            "\n"
            "complaint:12: The hospital passed on an address after consent ended\n"
            "    (inadequacy, 14 January 2027) <- asked\n"
            "  determined as determination:12: Clause 7 says nothing of withdrawn consent\n"
            "      (inadequacy, 2 February 2027)\n"
            "    opened gap:3: Withdrawn consent: who tells whom (open, 2 February 2027)\n"
            "        ! not answered by version 5.0\n"
            "      answered by proposal:8: Partners are told within two working days\n"
            "          (deferred, 20 February 2027)\n"
            "\n"
            "Not answered:\n"
            "- gap:3: not answered by version 5.0\n"
        )

    @pytest.mark.parametrize("thread", THREADS)
    def test_says_each_node_once_in_lines_of_at_most_78_characters(self, thread):
        text = as_text(thread)
        assert max(map(len, text.splitlines())) <= 78
        flat = " ".join(text.split())
        for node in thread.nodes:
            assert (
                len(re.findall(rf"(?<!of )(?<!- ){re.escape(node.ref)}(?: \(|: ?)", flat.split("Not answered:")[0]))
                == 1
            )

    def test_says_see_above_where_a_node_is_met_again(self):
        assert as_text(big()).count("gap:5, see above") == 2

    def test_says_so_where_nothing_is_unanswered(self):
        assert as_text(circle()).endswith("Nothing in this thread is noted as unanswered.\n")

    def test_holds_a_thousand_steps(self):
        refs = [f"gap:{number}" for number in range(1500)]
        links = tuple(Link(one, other, "") for one, other in pairwise(refs))
        nodes = tuple(Node(ref, NodeKind.GAP, "again and again") for ref in refs)
        assert as_text(Thread("gap:0", nodes, links)).count("again and again") == 1500


def test_the_data_hold_every_node_and_link_and_survive_json():
    data = json.loads(json.dumps(as_json(small())))
    assert data["asked"] == "complaint:12"
    assert data["nodes"][0] == {
        "ref": "complaint:12", "kind": "complaint", "at": "2027-01-14", "state": "inadequacy", "note": None,
        "words": "The hospital passed on an address after consent ended",
    }  # fmt: skip
    assert data["links"][0] == {"cause": "complaint:12", "effect": "determination:12", "words": "determined as"}
    assert data["not_answered"] == [{"ref": "gap:3", "note": "not answered by version 5.0"}]


class TestMermaid:
    def test_shows_every_node_and_link(self):
        drawn = as_mermaid(small())
        assert drawn.startswith("flowchart LR\n")
        assert '    n3["gap#58;3<br/>Withdrawn consent#58; who tells whom<br/>open, 2 February 2027<br/>' in drawn
        assert '    n2 -->|"opened"| n3\n' in drawn
        assert "    class n1 asked\n" in drawn
        assert "    class n3 unanswered\n" in drawn

    @pytest.mark.parametrize("thread", THREADS)
    def test_nothing_that_anybody_wrote_breaks_out(self, thread):
        word = r"(?:[^\W_]|[ ,.]|#\d+;)*"
        forms = (
            r"flowchart LR", r"accTitle: [\w ,.:-]*", rf'n\d+\["{word}(?:<br/>{word})*"\]',
            rf'n\d+ -->(?:\|"{word}"\|)? n\d+', r"classDef (?:asked|unanswered) [a-z:,0-9 -]+", r"class n\d+ \w+",
        )  # fmt: skip
        for line in as_mermaid(thread).splitlines():
            assert any(re.fullmatch(form, line.strip()) for form in forms), line


class TestTheDrawing:
    @pytest.mark.parametrize("thread", THREADS)
    def test_is_an_image_with_a_title_and_a_description_and_nothing_active(self, thread):
        root = ElementTree.fromstring(as_svg(thread))
        assert root.get("role") == "img"
        ids = [root.find(f"{SVG}title").get("id"), root.find(f"{SVG}desc").get("id")]
        assert root.get("aria-labelledby").split() == ids
        tags = {element.tag.removeprefix(SVG) for element in root.iter()}
        assert tags <= {"svg", "title", "desc", "defs", "marker", "path", "rect", "text", "g"}
        for element in root.iter():
            for name, value in element.attrib.items():
                assert not name.startswith("on")
                assert "href" not in name
                assert "url(" not in value or value.startswith("url(#")

    @pytest.mark.parametrize("thread", THREADS)
    def test_no_box_overlaps_another_or_leaves_the_page(self, thread):
        svg = as_svg(thread)
        root = ElementTree.fromstring(svg)
        wide, high = float(root.get("width")), float(root.get("height"))
        boxes = boxes_of(svg)
        assert wide <= 1280
        assert len(boxes) == len(thread.nodes)
        for x, y, w, h in boxes:
            assert 0 <= x <= x + w <= wide
            assert 0 <= y <= y + h <= high
        for (x, y, w, h), (a, b, c, d) in combinations(boxes, 2):
            assert x + w <= a or a + c <= x or y + h <= b or b + d <= y

    @pytest.mark.parametrize("thread", THREADS)
    def test_every_line_of_words_ends_inside_its_box(self, thread):
        for group in ElementTree.fromstring(as_svg(thread)).iter(f"{SVG}g"):
            box = group.find(f"{SVG}rect")
            right, foot = (float(box.get(a)) + float(box.get(b)) for a, b in (("x", "width"), ("y", "height")))
            for text in group.iter(f"{SVG}text"):
                bold = text.get("font-weight") == "bold"
                assert float(text.get("x")) + width(text.text, float(text.get("font-size")), bold) <= right
                assert float(text.get("y")) < foot

    def test_hostile_words_are_shown_as_words(self):
        svg = as_svg(hostile())
        assert "<script" not in svg
        assert "\u202e" not in svg
        assert "javascript:alert(1)" in "".join(ElementTree.fromstring(svg).itertext())

    def test_marks_what_is_not_as_it_should_be_by_sign_border_and_words(self):
        root = ElementTree.fromstring(as_svg(small()))
        (marked,) = [g for g in root.iter(f"{SVG}g") if g.find(f"{SVG}rect").get("stroke-dasharray")]
        assert "not answered by version 5.0" in marked.find(f"{SVG}title").text
        assert len(marked.findall(f"{SVG}path")) == 2
        assert "gap:3: not answered by version 5.0" in root.find(f"{SVG}desc").text

    def test_a_line_for_every_link_but_those_to_many_signatures(self):
        ways = [
            p for p in ElementTree.fromstring(as_svg(big())).iter(f"{SVG}path") if p.find(f"{SVG}title") is not None
        ]
        assert len(ways) == len([link for link in big().links if link.words != "signed by"])
        assert ">version:5.0 signed by</text>" in as_svg(big())

    def test_is_the_same_every_time(self):
        assert as_svg(big()) == as_svg(big())

    @settings(max_examples=20, deadline=None)
    @given(st.text(CHARACTERS, max_size=80), st.text(CHARACTERS, max_size=30))
    def test_whatever_is_written_is_valid_xml(self, words, note):
        nodes = [Node("gap:1", NodeKind.GAP, words, state=note, note=note), Node("gap:2", NodeKind.GAP, note)]
        ElementTree.fromstring(as_svg(connected(nodes, [Link("gap:1", "gap:2", words)], "gap:1")))


class TestTheLayout:
    def test_a_line_takes_a_free_lane_through_the_columns_between(self):
        laid = laid_out([["a", "b"], ["c"], ["d"]], dict.fromkeys("abcd", 50.0), [("a", "c"), ("b", "d"), ("c", "d")])
        _, lane, _ = laid.routes["b", "d"]
        assert not laid.tops["c"] < laid.tops[lane] < laid.tops["c"] + 50

    def test_lines_do_not_cross_where_they_need_not(self):
        laid = laid_out([["a", "b"], ["c", "d"]], dict.fromkeys("abcd", 50.0), [("a", "d"), ("b", "c")])
        assert (laid.tops["a"] < laid.tops["b"]) == (laid.tops["d"] < laid.tops["c"])

    @settings(max_examples=50, deadline=None)
    @given(st.lists(st.tuples(st.floats(-500, 500), st.floats(1, 90)), max_size=12))
    def test_stacked_boxes_keep_their_order_and_distance(self, boxes):
        tops = stacked([top for top, _ in boxes], [height for _, height in boxes])
        assert all(top >= 0 for top in tops)
        for number in range(1, len(tops)):
            assert tops[number] >= tops[number - 1] + boxes[number - 1][1] + BETWEEN - 1e-6


def test_a_clauses_name_is_broken_behind_its_signs_not_inside_a_word():
    assert wrapped("clause:7-consent", 95, 12, lines=2, bold=True) == ("clause:7-", "consent")
    assert wrapped("clause:7-consent", 300, 12, lines=2, bold=True) == ("clause:7-consent",)
    assert wrapped("complaints", 50, 12, lines=3) == ("compla", "ints"), "where there is none, anywhere"


@settings(max_examples=40, deadline=None)
@given(st.text(CHARACTERS, max_size=80), st.integers(20, 200), st.integers(1, 4))
def test_wrapped_words_fit(words, room, lines):
    fitted = wrapped(lettered(words), room, 13, lines=lines)
    assert len(fitted) <= lines
    assert all(width(line, 13) <= room for line in fitted)
