"""Every command that the documentation shows is run, page by page, in the order in which it stands there."""

import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ["docs/guide-review.md", "docs/guide-operating.md"]


def commands(page: str) -> list[list[str]]:
    """Lines of `console` blocks that begin with `$ concordat`; comments behind them are left out."""
    blocks = re.findall(r"^```console\n(.*?)^```", (ROOT / page).read_text(), flags=re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line.removeprefix("$ "), comments=True)[1:] for line in lines]


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_guide_work_in_the_order_they_are_shown(page, fresh, monkeypatch):
    monkeypatch.chdir(ROOT)
    if page != "docs/guide-review.md":
        assert fresh("load", "protocols/bedfordshire").code == 0
    for arguments in commands(page):
        arguments = [str(fresh.data / part) if part.endswith(".db") else part for part in arguments]
        said = fresh(*arguments)
        assert said.code == 0, f"concordat {shlex.join(arguments)}\n{said.out}\n{said.err}"


def test_every_guide_shows_commands():
    assert all(len(commands(page)) > 5 for page in PAGES)


def test_the_readme_shows_only_commands_that_there_are(concordat):
    pattern = r"^\$ (?:\.venv/bin/)?concordat (\w+)"
    shown = re.findall(pattern, (ROOT / "README.md").read_text(), flags=re.MULTILINE)
    assert shown
    assert [name for name in shown if concordat(name, "--help").code != 0] == []
