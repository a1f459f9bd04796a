"""`concordat trace`: a thread on a terminal, as data and drawn."""

import json

import pytest

from tests.cli.conftest import Concordat

PARTIES = 17


def test_a_proposals_thread_runs_to_every_partys_signature(adopted: Concordat) -> None:
    """Proposal 2 was merged into 1; the police have signed, the others may yet."""
    thread = adopted.does("trace", "proposal:2")
    refs = {node["ref"]: node for node in thread["nodes"]}
    assert {"feedback:2", "proposal:1", "decision:1", "change:5.0/12-security", "version:5.0"} <= set(refs)
    signatures = [node for node in thread["nodes"] if node["kind"] == "signature"]
    assert sorted(node["state"] for node in signatures) == ["due"] * (PARTIES - 1) + ["signed"]
    assert {each["note"] for each in thread["not_answered"]} == {"not signed yet"}


def test_it_is_an_outline_on_a_terminal(adopted: Concordat) -> None:
    said = adopted("trace", "version:5.0")
    assert said.code == 0
    assert said.out.startswith("Thread of version:5.0")
    assert "Bedfordshire Police, Chief Constable (signed, 22 November 2026)" in " ".join(said.out.split())
    assert max(map(len, said.out.splitlines())) <= 79


def test_it_is_drawn_into_a_file_and_as_mermaid(adopted: Concordat) -> None:
    drawing = adopted.data / "thread.svg"
    assert f"Drawn in {drawing}." in " ".join(adopted("trace", "version:5.0", "--svg", str(drawing)).out.split())
    assert drawing.read_text(encoding="utf-8").startswith("<svg")
    drawing.unlink()
    assert adopted.does("trace", "version:5.0", "--svg", str(drawing))["svg"] == str(drawing)
    assert drawing.exists()
    assert adopted("trace", "version:5.0", "--mermaid").out.startswith("flowchart LR")


def test_two_forms_at_once_are_a_wrong_command_line(concordat: Concordat) -> None:
    assert concordat("trace", "version:4.2", "--mermaid", "--json").code == 2


@pytest.mark.parametrize("ref", ["complaint:99", "clause:none", "review:1"])
def test_what_is_not_there_is_a_sentence(concordat: Concordat, ref: str) -> None:
    said = concordat("trace", ref)
    assert said.refusal
    assert json.loads(concordat("trace", ref, "--json").err.splitlines()[-1])["refused"] == said.refusal


def test_a_drawing_that_cannot_be_written_is_a_sentence(concordat: Concordat) -> None:
    assert "there is no such file or folder" in concordat("trace", "version:4.2", "--svg", "nowhere/x.svg").refusal
