from pathlib import Path
from typing import get_args

from rules.diagrams import mermaid
from rules.review import MOVES, ClockStep, Stage

PAGE = Path(__file__).parents[2] / "docs" / "review.md"


def test_the_page_about_reviews_shows_the_lifecycle_as_it_is():
    assert mermaid(MOVES, Stage.SCHEDULED, get_args(ClockStep)) in PAGE.read_text()


def test_the_diagram_shows_every_move_once():
    drawn = mermaid(MOVES, Stage.SCHEDULED, get_args(ClockStep)).splitlines()
    arrows = [line for line in drawn if "-->" in line and "[*]" not in line]
    assert len(arrows) == len(set(arrows)) == len(MOVES)


def test_the_page_explains_every_stage():
    page = PAGE.read_text()
    assert [stage for stage in Stage if f"| {stage} |" not in page] == []
