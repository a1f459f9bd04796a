"""0 done, 1 refused with a sentence and nothing changed, 2 a wrong command line."""

import builtins
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cli.__main__ import main as start
from tests.cli.conftest import COMMAND, Concordat, Said, forget, in_a_process
from web.refusing import sentence_for


def contents(concordat: Concordat) -> list[str]:
    """Everything the store holds, and the names of the files around it."""
    forget()
    connection = sqlite3.connect(concordat.data / "concordat.db")
    said = list(connection.iterdump())
    connection.close()
    return [*said, *sorted(path.name for path in concordat.data.iterdir() if "-" not in path.name)]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["review", "open", "wales"], "There is no protocol “wales” here. Loaded: bedfordshire."),
        (["review", "show", "7"], "There is no review 7"),
        (["review", "close-feedback", "7"], "There is no review 7"),
        (["party", "leave", "nobody", "--because", "x"], "There is no party “nobody” in bedfordshire"),
        (["proposal", "show", "7"], "There is no proposal 7"),
        (["proposal", "decide", "7", "accepted", "--because", "x"], "There is no proposal 7"),
        (["obligation", "waive", "7", "--because", "x"], "There is no obligation 7"),
        (["version", "show", "9.9"], "bedfordshire has no version 9.9"),
        (["message", "show", "7"], "There is no message 7"),
        (["outbox", "resolve", "7", "sent"], "There is no message 7"),
        (["matter", "close", "777", "--because", "x"], "There is no matter 777"),
        (["succession", "apply", "77"], "There is no succession 77"),
        (["history", "review:7"], "There is no history of “review:7”"),
        (["review", "schedule", "bedfordshire", "2020-01-01"], "Wednesday 1 January 2020 has passed"),
        (["review", "schedule", "bedfordshire", "2050-03-31"], "holidays of England and Wales are published"),
        (["review", "open", "bedfordshire", "--extraordinary"], "Give a reason"),
        (["contact", "set", "bedfordshire-police", "deputy", "nobody"], "“nobody” is not an e-mail address"),
        (["load", "/nowhere"], "no such folder"),
    ],
)
def test_a_refusal_is_one_sentence_and_changes_nothing(
    concordat: Concordat, arguments: list[str], sentence: str
) -> None:
    before = contents(concordat)
    assert sentence in concordat(*arguments).refusal
    assert contents(concordat) == before


def test_an_interruption_while_the_commands_are_read_is_silent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(name: str, *rest: Any) -> Any:
        if name == "cli.app":
            raise KeyboardInterrupt
        return real(name, *rest)

    real = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", interrupted)
    with pytest.raises(SystemExit) as stop:
        start()
    assert stop.value.code == 130
    assert capsys.readouterr() == ("", "")


def test_with_json_a_refusal_is_also_an_object(concordat: Concordat) -> None:
    said = concordat("review", "show", "7", "--json")
    sentence, as_json, rest = said.err.split("\n")
    assert (said.code, said.out, rest) == (1, "", "")
    assert as_json == f'{{"refused": "{sentence}"}}'


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["review"],
        ["review", "show"],
        ["review", "show", "one"],
        ["review", "show", "0"],
        ["review", "show", "99999999999999999999"],
        ["review", "cancel", "1"],
        ["review", "schedule", "bedfordshire", "tomorrow"],
        ["review", "open", "bedfordshire", "--because", "it is time"],
        ["review", "feedback", "1", "bedfordshire-police", "--propose", "no wording"],
        ["review", "feedback", "1", "bedfordshire-police", "--problem", "no proposal"],
        ["proposal", "classify", "1", "middling", "--because", "x"],
        ["proposal", "decide", "1", "perhaps", "--because", "x"],
        ["proposal", "decide", "1", "accepted", "--because", "x", "--for", "a", "--against", "a"],
        ["contact", "set", "bedfordshire-police", "friend", "a@b.example"],
        ["party", "join", "bedfordshire", "x", "X", "--lead", "a@b.example", "--nation", "france"],
        ["confirm", "1", "bedfordshire-police"],
        ["confirm", "1", "bedfordshire-police", "--item", "secure-transfer"],
        ["confirm", "1", "bedfordshire-police", "--item", "secure-transfer=not-yet:soon"],
        ["outbox", "--state", "lost"],
        ["outbox", "resolve", "1", "perhaps"],
        ["status", "--by", " "],
        ["matter", "close", "1", "--because", "x", "--by", ""],
    ],
)
def test_a_wrong_command_line_is_exit_2(concordat: Concordat, arguments: list[str]) -> None:
    before = contents(concordat)
    said = concordat(*arguments)
    assert said.code == 2
    assert "Traceback" not in said.err
    assert contents(concordat) == before


def test_a_database_of_a_newer_release_is_refused(concordat: Concordat) -> None:
    _at_revision(concordat.data, "9999_future")
    before = contents(concordat)
    for arguments in (["status"], ["review", "open", "bedfordshire"], ["upgrade"]):
        assert "written by a newer Concordat (its revision is 9999_future)" in concordat(*arguments).refusal
    assert contents(concordat) == before


def _at_revision(data: Path, revision: str) -> None:
    connection = sqlite3.connect(data / "concordat.db")
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", [revision])
    connection.close()


def test_a_file_that_is_no_database_is_refused(fresh: Concordat) -> None:
    fresh.data.mkdir()
    (fresh.data / "concordat.db").write_text("Dear Sir or Madam, " * 100)
    assert "not a database" in fresh("status").refusal


def test_a_data_folder_that_cannot_be_is_refused(fresh: Concordat) -> None:
    fresh.data.write_text("a file, where the folder should be")
    assert f"“{fresh.data}”" in fresh("status").refusal


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root may write anywhere")
def test_a_data_folder_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o555)
    done = _without_privileges("status", data=data)
    assert done.returncode == 1
    assert "cannot be opened" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(data.iterdir()) == []


def _without_privileges(*arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    """Root may write everywhere unless it gives that up."""
    if os.geteuid() != 0:
        return in_a_process(*arguments, data=data)
    give_up = ["setpriv", "--inh-caps=-dac_override", "--bounding-set=-dac_override"]
    environment = os.environ | {"CONCORDAT_DATA": str(data)}
    return subprocess.run([*give_up, *COMMAND, *arguments], env=environment, capture_output=True, text=True)


def test_a_full_disk_is_refused_and_nothing_is_half_written(concordat: Concordat, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if not _mounted(small):
        pytest.skip("only root can make a disk of two megabytes")
    try:
        (small / "concordat.db").write_bytes((concordat.data / "concordat.db").read_bytes())
        _fill(small / "ballast")
        done = in_a_process("review", "open", "bedfordshire", data=small)
        assert (done.returncode, done.stdout) == (1, "")
        assert "The disk is full" in done.stderr
        assert "Nothing has been changed" in done.stderr
        (small / "ballast").unlink()
        assert "None yet" in in_a_process("review", "list", data=small).stdout
        assert in_a_process("verify", data=small).returncode == 0
    finally:
        subprocess.run(["umount", small], check=True)


def _mounted(folder: Path) -> bool:
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]
    return subprocess.run(mount, capture_output=True).returncode == 0


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while os.statvfs(path.parent).f_bavail:
            file.write(b"\0" * 4096)


@pytest.mark.parametrize(("free_bytes", "sentence"), [(0, "The disk is full"), (10**9, "The disk refused to read")])
def test_a_full_disk_is_told_from_a_broken_one(
    concordat: Concordat, monkeypatch: pytest.MonkeyPatch, free_bytes: int, sentence: str
) -> None:
    """SQLite calls it an error of reading and writing where only the write-ahead log's index was to grow."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free_bytes))
    said = sentence_for(error)
    assert said is not None
    assert said.startswith(sentence)


def test_a_limit_on_files_is_refused_too(concordat: Concordat) -> None:
    """Where nobody may mount: the kernel refuses to let the write-ahead log grow."""
    limited = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536)); from cli.app import main; main()"
    )
    forget()
    environment = os.environ | {"CONCORDAT_DATA": str(concordat.data)}
    command = [sys.executable, "-c", limited, "review", "open", "bedfordshire"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Nothing has been changed." in done.stderr
    assert "Traceback" not in done.stderr
    assert concordat("review", "list", "--json").json == []


def test_a_database_server_that_is_away_is_a_sentence(fresh: Concordat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCORDAT_DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/none")
    forget()
    said = fresh("status")
    assert "The database server cannot be reached" in said.refusal
    assert "secret" not in said.err
    monkeypatch.delenv("CONCORDAT_DATABASE_URL")


@pytest.mark.parametrize(
    "url", ["our server", "sqlite:///here.db", "mysql://host/name", "postgresql://u:hunter2@host:port/name"]
)
def test_an_address_of_no_database_is_a_sentence_without_its_password(
    fresh: Concordat, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("CONCORDAT_DATABASE_URL", url)
    settings_are_read_anew()
    refusal = fresh("status").refusal
    assert refusal.startswith("CONCORDAT_DATABASE_URL is “")
    assert refusal.endswith("give postgresql://user:password@host/name, or sqlite:/// with an absolute path.")
    assert "hunter2" not in refusal
    monkeypatch.delenv("CONCORDAT_DATABASE_URL")


@pytest.mark.parametrize("address", ["", "nobody", "a b@c", "a@b@c"])
def test_a_sender_nobody_can_answer_is_refused_at_start(
    fresh: Concordat, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("CONCORDAT_MAIL_FROM", address)
    settings_are_read_anew()
    assert "CONCORDAT_MAIL_FROM" in fresh("status").refusal
    monkeypatch.delenv("CONCORDAT_MAIL_FROM")


def test_a_wrong_setting_is_named(fresh: Concordat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCORDAT_SMTP_PORT", "smtp")
    settings_are_read_anew()
    assert "CONCORDAT_SMTP_PORT is “smtp”" in fresh("status").refusal
    monkeypatch.delenv("CONCORDAT_SMTP_PORT")


def settings_are_read_anew() -> None:
    from settings import settings

    settings.cache_clear()


def test_a_locked_database_is_a_sentence(concordat: Concordat, monkeypatch: pytest.MonkeyPatch) -> None:
    from models import store

    monkeypatch.setattr(store, "LOCK_WAIT_SECONDS", 0.1)
    other = sqlite3.connect(concordat.data / "concordat.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert "The database is in use" in concordat("review", "open", "bedfordshire").refusal
    other.execute("ROLLBACK")
    other.close()
    assert concordat("review", "list", "--json").json == []


def test_a_bug_keeps_its_traceback(concordat: Concordat, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise LookupError("a bug")

    monkeypatch.setattr("actions.overview.status", broken)
    with pytest.raises(LookupError):
        concordat("status")


def test_ctrl_c_is_130_and_undoes_what_was_begun(concordat: Concordat, monkeypatch: pytest.MonkeyPatch) -> None:
    import actions.review_opening as opening

    real = opening.open_annual

    def interrupted(*arguments: Any) -> None:
        real(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(opening, "open_annual", interrupted)
    said = concordat("review", "open", "bedfordshire")
    assert (said.code, said.out, said.err.strip()) == (130, "", "")
    assert concordat.does("review", "list") == []


def test_a_closed_pipe_is_quiet(concordat: Concordat) -> None:
    environment = os.environ | {"CONCORDAT_DATA": str(concordat.data)}
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen(
        [*COMMAND, "parties"], stdout=writing, stderr=subprocess.PIPE, env=environment, text=True
    )
    os.close(writing)
    assert process.communicate(timeout=60)[1] == ""


def test_help_is_exit_0(concordat: Concordat) -> None:
    said = concordat("--help")
    assert isinstance(said, Said)
    assert said.code == 0
