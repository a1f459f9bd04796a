"""Every command that the documentation shows is run, page by page, in the order in which it stands there."""

import re
import shlex
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import typer

from bench.__main__ import main as measure
from cli.app import app
from rules.instants import LONDON

ROOT = Path(__file__).parents[2]
PAGES = [
    "docs/guide-review.md",
    "docs/guide-operating.md",
    "docs/guide-breach.md",
    "docs/guide-legislation.md",
    "docs/guide-complaint.md",
]
# A page that tells a story says in a comment when it happens.
PARTS = re.compile(r"^<!-- clock: (?P<clock>\S+) -->$|^```console\n(?P<block>.*?)^```", re.MULTILINE | re.DOTALL)
# What the page shows of a report, and where the command says it.
SHOWN = {
    "BR-2026-7K3Q9M": re.compile(r"BR-\d{4}-\w{6}"),
    "1234 5678 9012 3456": re.compile(r"\d{4} \d{4} \d{4} \d{4}"),
}


def parts(page: str) -> Iterator[datetime | list[str]]:
    """Instants of the story, and the lines of `console` blocks without their `$ concordat` and comments."""
    for part in PARTS.finditer((ROOT / page).read_text()):
        if part["clock"]:
            yield datetime.fromisoformat(part["clock"]).replace(tzinfo=LONDON)
        else:
            for line in part["block"].splitlines():
                yield shlex.split(line.removeprefix("$ "), comments=True)[1:]


def commands(page: str) -> list[list[str]]:
    return [part for part in parts(page) if isinstance(part, list)]


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_guide_work_in_the_order_they_are_shown(page, fresh, clock, monkeypatch):
    monkeypatch.chdir(ROOT)
    if page == "docs/guide-breach.md":
        clock.now = datetime(2026, 10, 1, 9, tzinfo=LONDON)
    if page != "docs/guide-review.md":
        assert fresh("load", "protocols/bedfordshire").code == 0
    given: dict[str, str] = {}
    for part in parts(page):
        if isinstance(part, datetime):
            clock.now = part
            continue
        arguments = [given.get(word, str(fresh.data / word) if word.endswith(".db") else word) for word in part]
        said = fresh(*arguments)
        assert said.code == 0, f"concordat {shlex.join(arguments)}\n{said.out}\n{said.err}"
        if part[:2] == ["breach", "report"] and not given:
            given = {shown: found[0] for shown, form in SHOWN.items() if (found := form.search(said.out))}


def test_every_guide_shows_commands():
    assert all(len(commands(page)) > 5 for page in PAGES)


@pytest.mark.parametrize("case", ["breach", "complaint"])
def test_the_guide_to_a_case_shows_every_command_about_one(case):
    shown = {arguments[1] for arguments in commands(f"docs/guide-{case}.md") if arguments[0] == case}
    assert shown == set(typer.main.get_command(app).commands[case].commands)


def test_the_benches_that_the_pages_name_are_there(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["bench", "--help"])
    with pytest.raises(SystemExit, match="0"):
        measure()
    listed = capsys.readouterr().out.partition("one of")[2].partition(";")[0].replace(",", " ").split()
    pages = [ROOT / name for name in ("README.md", "docs/proof.md", "CHANGELOG.md")]
    named = re.findall(r"python -m bench ?([a-z ]*)`", "".join(page.read_text() for page in pages))
    assert "" in named
    assert set(" ".join(named).split()) <= set(listed)


def test_the_readme_shows_only_commands_that_there_are(concordat):
    pattern = r"^\$ (?:\.venv/bin/)?concordat ([\w-]+)"
    shown = re.findall(pattern, (ROOT / "README.md").read_text(), flags=re.MULTILINE)
    assert shown
    assert [name for name in shown if concordat(name, "--help").code != 0] == []
