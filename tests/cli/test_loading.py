"""`concordat load`."""

import shutil
from pathlib import Path

from tests.cli.conftest import BEDFORDSHIRE, Concordat


def test_load_tells_what_is_new_and_the_second_time_nothing(fresh: Concordat) -> None:
    first = fresh.does("load", str(BEDFORDSHIRE))
    assert first["protocol"] == "bedfordshire"
    assert len(first["created"]) > 17
    second = fresh.does("load", str(BEDFORDSHIRE))
    assert (second["created"], second["changed"]) == ([], [])
    assert "nothing changed" in fresh("load", str(BEDFORDSHIRE)).out


def test_check_changes_nothing(fresh: Concordat) -> None:
    checked = fresh.does("load", str(BEDFORDSHIRE), "--check")
    assert (checked["protocol"], checked["parties"]) == ("bedfordshire", 17)
    assert not fresh.data.exists()


def test_bad_files_are_refused_whole_with_their_lines(fresh: Concordat, tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    shutil.copytree(BEDFORDSHIRE, bad)
    parties = bad / "parties.yaml"
    parties.write_text(parties.read_text().replace("nation: england-and-wales", "nation: france", 2))
    for arguments in (["load", str(bad)], ["load", str(bad), "--check"]):
        said = fresh(*arguments)
        assert (said.code, said.out) == (1, "")
        assert said.err.count("parties.yaml:") == 2
        assert "'france'" in said.err
    assert fresh.does("protocols") == []
