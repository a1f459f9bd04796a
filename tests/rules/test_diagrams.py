from pathlib import Path
from typing import get_args

import pytest

from rules import breach, complaint, gap, review
from rules.diagrams import mermaid

DOCS = Path(__file__).parents[2] / "docs"
LIFECYCLES = [
    pytest.param(review.MOVES, review.Stage, review.ClockStep, "review.md", id="review"),
    pytest.param(breach.MOVES, breach.Stage, breach.ClockStep, "breach.md", id="breach"),
    pytest.param(complaint.MOVES, complaint.Stage, complaint.ClockStep, "complaint.md", id="complaint"),
    pytest.param(gap.MOVES, gap.Stage, (), "gap.md", id="gap"),
]


@pytest.mark.parametrize(("moves", "stages", "by_clock", "page"), LIFECYCLES)
class TestTheLifecycle:
    def test_the_page_shows_it_as_it_is(self, moves, stages, by_clock, page):
        assert mermaid(moves, next(iter(stages)), get_args(by_clock)) in (DOCS / page).read_text()

    def test_the_diagram_shows_every_move_once(self, moves, stages, by_clock, page):
        drawn = mermaid(moves, next(iter(stages)), get_args(by_clock)).splitlines()
        arrows = [line for line in drawn if "-->" in line and "[*]" not in line]
        assert len(arrows) == len(set(arrows)) == len(moves)

    def test_the_page_explains_every_stage(self, moves, stages, by_clock, page):
        text = (DOCS / page).read_text()
        assert [stage for stage in stages if f"| {stage} |" not in text] == []
