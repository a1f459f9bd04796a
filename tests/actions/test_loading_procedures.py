"""The breach procedures of a protocol's folder: loaded with it, refused with it, never changed by it."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

import protocols
from actions.breaches.kept_procedures import kept_procedures
from actions.breaches.procedures import OtherContent, choose_procedure
from actions.breaches.shown import KeptProcedure
from actions.cast import party_named, protocol_named
from actions.load_report import LoadReport
from actions.loading import load_protocol
from models.procedure import ProcedureVersion
from models.protocol_file import BadProtocolFile, read_protocol
from models.store import reading, transaction
from rules.procedures import Standing

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
BEDFORDSHIRE = Path(protocols.__file__).parent / "bedfordshire"
LUTON, CENTRAL = "luton-borough-council", "central-bedfordshire-council"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the protocol's folder, to be changed."""
    return Path(shutil.copytree(BEDFORDSHIRE, tmp_path / "bedfordshire"))


def load(store: sa.Engine, folder: Path, now: datetime = NOW) -> LoadReport:
    with transaction(store) as session:
        return load_protocol(session, now, read_protocol(folder), "secretary")


def kept(store: sa.Engine) -> dict[str, KeptProcedure]:
    with reading(store) as session:
        return {each.key: each for each in kept_procedures(session, NOW, protocol_named(session, "bedfordshire"))}


def own(folder: Path, *parties: str, version: int = 1, hours: int = 8, name: str = "own.yaml") -> None:
    """The model of the councils, as the own procedure of these."""
    text = (BEDFORDSHIRE / "procedures" / "council.yaml").read_text()
    for before, after in {
        "id: council-model": "id: own", "standing: model": "standing: own", "version: 1": f"version: {version}",
        "kinds: [council]": f"parties: [{', '.join(parties)}]", "within: PT8H": f"within: PT{hours}H",
    }.items():  # fmt: skip
        assert before in text
        text = text.replace(before, after)
    (folder / "procedures" / name).write_text(text)


def test_every_procedure_of_the_folder_is_kept_and_one_for_whoever_has_none(store: sa.Engine) -> None:
    load(store, BEDFORDSHIRE)
    files = {path.stem for path in (BEDFORDSHIRE / "procedures").glob("*.yaml")}
    found = kept(store)
    assert len(found) == len(files) + 1
    assert [each.key for each in found.values() if each.standing == Standing.DEFAULT] != []
    assert sum(len(each.parties) for each in found.values()) == 17
    again = load(store, BEDFORDSHIRE, NOW + timedelta(days=1))
    assert f"{len(found)} breach procedures are as before." in again.unchanged
    assert (again.created, again.changed) == ((), ())


def test_a_folder_may_bring_its_own_default(sqlite_store: sa.Engine, folder: Path) -> None:
    default = (BEDFORDSHIRE.parent / "default-procedure.yaml").read_text()
    (folder / "procedures" / "ours.yaml").write_text(default.replace("id: default", "id: ours", 1))
    load(sqlite_store, folder)
    [ours] = [each for each in kept(sqlite_store).values() if each.standing == Standing.DEFAULT]
    assert ours.key == "ours"


def test_a_new_version_is_added_and_the_old_one_stays(store: sa.Engine, folder: Path) -> None:
    own(folder, LUTON)
    load(store, folder)
    own(folder, LUTON, version=2, hours=4)
    report = load(store, folder, NOW + timedelta(days=1))
    assert report.created == (
        "“Breach procedure of a council (model)”, version 2, is kept; Luton Borough Council follows it.",
    )
    assert (kept(store)["own"].version, kept(store)["own"].versions) == (2, 2)


def test_a_version_whose_text_was_changed_is_refused_with_the_whole_folder(store: sa.Engine, folder: Path) -> None:
    own(folder, LUTON)
    load(store, folder)
    own(folder, LUTON, hours=4)
    parties = folder / "parties.yaml"
    parties.write_text(parties.read_text().replace("name: Virgin Health", "name: Another Name"))
    with pytest.raises(OtherContent, match="versions never change"):
        load(store, folder)
    with reading(store) as session:
        assert party_named(session, protocol_named(session, "bedfordshire"), "virgin-health").name == "Virgin Health"


def test_what_somebody_has_given_a_party_since_stands(store: sa.Engine, folder: Path) -> None:
    own(folder, LUTON)
    load(store, folder)
    with transaction(store) as session:
        party = party_named(session, protocol_named(session, "bedfordshire"), LUTON)
        choose_procedure(session, NOW, party, "council-model", "secretary")
    load(store, folder, NOW + timedelta(days=1))
    assert LUTON in kept(store)["council-model"].parties


def test_a_bad_procedure_is_refused_with_the_faults_of_the_other_files(sqlite_store: sa.Engine, folder: Path) -> None:
    own(folder, LUTON, "nobody-here")
    (folder / "procedures" / "broken.yaml").write_text("id: [\n")
    parties = folder / "parties.yaml"
    parties.write_text(parties.read_text().replace("nation: england-and-wales", "nation: france", 1))
    with pytest.raises(BadProtocolFile) as bad:
        load(sqlite_store, folder)
    assert {fault.file for fault in bad.value.faults} == {
        "parties.yaml", "procedures/broken.yaml", "procedures/own.yaml",
    }  # fmt: skip
    with reading(sqlite_store) as session:
        assert session.exec(select(ProcedureVersion)).all() == []


def test_one_text_a_version_and_one_procedure_a_party(folder: Path) -> None:
    own(folder, LUTON)
    own(folder, LUTON, CENTRAL, name="same.yaml")
    other = (folder / "procedures" / "own.yaml").read_text().replace("id: own\n", "id: other\n")
    (folder / "procedures" / "z-other.yaml").write_text(other)
    with pytest.raises(BadProtocolFile) as bad:
        read_protocol(folder)
    assert [str(fault) for fault in bad.value.faults] == [
        "procedures/same.yaml:1: found version 1 of 'own' a second time, "
        "expected another number than in procedures/own.yaml",
        f"procedures/z-other.yaml:1: found the party '{LUTON}', expected one procedure a party; 'own' names it too",
    ]
