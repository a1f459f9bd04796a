"""What must hold for every command there is."""

import ast
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from cli.app import app
from settings import HERE

# It does not answer, it runs: what it prints is for whoever sits in front of it.
WITHOUT_JSON = {"up"}


COMMAND: Any = typer.main.get_command(app)


def every_command(group: Any = COMMAND, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if hasattr(command, "commands"):
            yield from every_command(command, (*path, name))


EVERY = {" ".join(path): command for path, command in every_command()}
ACTING = {name: command for name, command in EVERY.items() if not getattr(command, "no_args_is_help", False)}


def test_the_commands_are_those_the_readme_may_name() -> None:
    assert set(ACTING) == {
        "up", "sign-in", "load", "status", "matters", "matter close", "protocols", "parties", "party join",
        "party leave", "contact set", "contact correct", "succession list", "succession apply", "review list",
        "review show",
        "review open", "review schedule", "review feedback", "review close-feedback", "review seek-advice",
        "review begin-deciding", "review return", "review conclude", "review adopt", "review cancel", "proposal show",
        "proposal add", "proposal merge", "proposal classify", "proposal withdraw", "proposal advise",
        "proposal waive-advice", "proposal decide", "version show", "version register", "version sign",
        "version decline", "confirm", "obligation list", "obligation extend", "obligation waive",
        "obligation delegate", "forecast", "rehearse", "outbox", "outbox resolve", "outbox again", "message show",
        "bounce", "history",
        "sweep", "deliver", "nightly", "severity", "contact away", "retention list", "retention emptied",
        "retention keep", "retention release", "gap list", "gap show", "gap open",
        "gap join", "gap own", "gap urgent", "gap review", "gap close", "gap reopen", "proposal answers",
        "complaint suggest", "trace", "complaint receive", "complaint list", "complaint show", "complaint refer",
        "complaint days", "complaint letter", "complaint acknowledge", "complaint progress", "complaint outcome",
        "complaint determine", "complaint correct", "complaint read-again", "complaint action", "complaint done",
        "complaint breach", "complaint gap", "complaint nothing", "complaint close", "complaint end",
        "complaint look-again", "complaint recheck", "complaint paper", "complaint signals",
        "procedure check", "procedure show", "procedure list", "procedure load", "procedure assign",
        "breach report", "breach list", "breach show", "breach fact", "breach facts", "breach assess", "breach affect",
        "breach not-affected", "breach aware", "breach conclude", "breach regime", "breach duty", "breach notice",
        "breach notify", "breach people", "breach partners", "breach step", "breach hold", "breach consult",
        "breach answer", "breach lesson", "breach action", "breach merge", "breach finish", "breach close",
        "breach end", "breach reopen", "breach follow", "breach add", "breach code",
        "legislation list", "legislation show", "legislation change", "legislation settled", "legislation withdraw",
        "deadline", "verify", "upgrade", "backup", "restore",
    }  # fmt: skip


@pytest.mark.parametrize("name", EVERY)
def test_it_has_a_line_of_help_that_is_not_cut_off(name: str) -> None:
    line = EVERY[name].get_short_help_str(62)
    assert line
    assert not line.endswith("...")


@pytest.mark.parametrize("name", ACTING)
def test_every_argument_and_option_says_what_it_is(name: str) -> None:
    for parameter in ACTING[name].params:
        assert parameter.help, parameter.name


@pytest.mark.parametrize("name", sorted(set(ACTING) - WITHOUT_JSON))
def test_it_prints_json_when_asked(name: str) -> None:
    assert "--json" in {option for parameter in ACTING[name].params for option in parameter.opts}


def test_help_waits_for_neither_the_database_nor_prefect() -> None:
    code = (
        "import sys; from cli.app import run; run(['--help']); run(['review', 'open', '--help']); "
        "print([m for m in ('prefect', 'sqlalchemy', 'sqlmodel', 'alembic', 'jinja2', 'rich') "
        "if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=HERE, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "rehearse" in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 80


def test_every_command_that_a_sentence_names_is_there() -> None:
    """What a refusal, a matter or a message tells somebody to type."""
    rooms = ("rules", "models", "notifications", "actions", "cli")
    places = [file for room in rooms for file in (HERE / room).rglob("*") if file.suffix in (".py", ".txt", ".html")]
    texts = {file: file.read_text(encoding="utf-8") for file in places}
    named = {(file.name, words) for file, text in texts.items() for words in NAMED.findall(text)}
    assert {(file, " ".join(words).strip()) for file, words in named if not _is_command(*words)} == set()


NAMED = re.compile(r"[`\"']concordat ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?(?=[ `\"'{])")


def _is_command(first: str, second: str) -> bool:
    group = EVERY.get(first)
    return group is not None and (not second or not hasattr(group, "commands") or f"{first} {second}" in EVERY)


# What a command shows for a reader to fill in, where it is no free text; and what a source's own expressions stand for.
FILLED_IN = {"DATE": "2027-03-31", "NUMBER": "1", "FINDING": "1", "CODE": "1234567890123456"}
STANDS_FOR = {
    "at": "1 party",
    "of": "1 party",
    "suggested.review_on": "2027-03-31",
    "late": "",
    "QUESTIONS": " ".join(f"--{name} ANSWER --why-{name} TEXT" for name in ("covered", "followed", "clear", "harm")),
    "since": "2018-05-25",
    "until": "2027-03-31",
    "touched": "",
    "because": "--because TEXT",
}
WHOLE = re.compile(r"(?:^|[`>]|: |^    )concordat ([a-z][^`\n”<]*)", re.MULTILINE)


def test_a_command_that_is_shown_with_arguments_can_be_typed() -> None:
    """Apart from its placeholders: every argument and option that it needs is there."""
    wrong = {}
    for file, line in sorted(_shown()):
        try:
            words = [FILLED_IN.get(word, word) for word in shlex.split(line)]
        except ValueError as error:
            wrong[f"{file}: concordat {line}"] = str(error)
            continue
        if (said := _parsed(words)) is not None:
            wrong[f"{file}: concordat {line}"] = said
    assert wrong == {}
    assert len(_shown()) > 50


def _parsed(words: list[str]) -> str | None:
    """What the command line says against them; a command that is only named, without arguments, is none."""
    command = COMMAND
    while words and hasattr(command, "commands") and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    if not words:
        return None
    try:
        command.make_context("concordat", words)
    except Exception as error:  # Typer brings a Click of its own
        return str(error) or repr(error)
    return None


@cache
def _shown() -> frozenset[tuple[str, str]]:
    return frozenset(_lines_shown())


def _lines_shown() -> Iterator[tuple[str, str]]:
    for room in ("rules", "models", "notifications", "actions", "cli"):
        for file in (HERE / room).rglob("*"):
            if file.suffix not in (".py", ".txt", ".html"):
                continue
            for text in _strings(file) if file.suffix == ".py" else [re.sub(r"\{\{.*?\}\}", "1", file.read_text())]:
                for line in WHOLE.findall(text):
                    yield file.name, line.split(", or ")[0].strip()


def _strings(file: Path) -> Iterator[str]:
    """Every text of a source, whole where it is written in parts."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(_part(part) for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value.replace("{}", "1 party")


def _part(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    assert isinstance(part, ast.FormattedValue)
    return "" if isinstance(part.value, ast.IfExp) else STANDS_FOR.get(ast.unparse(part.value), "1")
