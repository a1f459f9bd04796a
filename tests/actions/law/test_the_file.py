"""The Bedfordshire file: version 4.2 rests on an Act that was repealed, and the secretary's list says what to type."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

import protocols
from actions.annual_report import year_report
from actions.law.changing import record_change
from actions.law.marks import standing_marks
from actions.law.told import ChangeOfLaw
from actions.law.withdrawing import withdraw_change
from actions.loading import load_protocol
from models.protocol import Legislation, LegislationChange, Matter, Protocol
from models.protocol_file import ProtocolFile, read_protocol
from models.store import reading, transaction
from tests.actions.world import NOVEMBER, SECRETARY

ACT = "data-protection-act-1998"
REPEALED = ChangeOfLaw(key=ACT, in_force_from=date(2018, 5, 25), what="The UK GDPR and the Act of 2018 took its place.")


@pytest.fixture(scope="module")
def file() -> ProtocolFile:
    return read_protocol(Path(protocols.__file__).parent / "bedfordshire")


@pytest.fixture
def loaded(sqlite_store: sa.Engine, file: ProtocolFile) -> sa.Engine:
    with transaction(sqlite_store) as session:
        load_protocol(session, NOVEMBER, file, SECRETARY)
    return sqlite_store


def the_protocol(session: Session) -> Protocol:
    return session.exec(select(Protocol)).one()


def open_matters(store: sa.Engine) -> dict[str, str]:
    with reading(store) as session:
        return {row.key: row.todo for row in session.exec(select(Matter).where(col(Matter.closed_at).is_(None)))}


def test_the_clauses_marked_are_those_of_the_file(loaded: sa.Engine, file: ProtocolFile) -> None:
    with transaction(loaded) as session:
        record_change(session, NOVEMBER, the_protocol(session), REPEALED, SECRETARY)
    with reading(loaded) as session:
        marked = [mark.clause for mark in standing_marks(session, the_protocol(session))]
    [entry] = [entry for entry in file.legislation if entry.id == ACT]
    assert marked == list(entry.clauses)
    assert len(marked) == 10


def test_a_matter_of_the_file_names_the_command_whole(loaded: sa.Engine) -> None:
    todo = open_matters(loaded)
    change = "concordat legislation change"
    repealed, complaints, caldicott = (
        todo[f"bedfordshire:legislation:{key}"]
        for key in ("data-protection-act-repealed", "complaints-duty", "caldicott-1997-superseded")
    )
    assert f"`{change} {ACT} --protocol bedfordshire --in-force-from 2018-05-25 --what TEXT`." in repealed
    assert (
        f"`{change} --act 'Data Protection Act 2018' --section 164A --protocol bedfordshire "
        "--in-force-from 2026-06-19 --clause 9-complaints --clause 14-monitoring --what TEXT`."
    ) in complaints
    assert "--in-force-from DATE --what TEXT`." in caldicott, "the file knows no more than the month"


def test_a_matter_is_done_once_its_command_was_carried_out(loaded: sa.Engine, file: ProtocolFile) -> None:
    duty, repealed = (
        "bedfordshire:legislation:complaints-duty",
        "bedfordshire:legislation:data-protection-act-repealed",
    )
    told = ChangeOfLaw(
        act="Data Protection Act 2018", section="164A", in_force_from=date(2026, 6, 19), what="Thirty days.",
        clauses=("9-complaints",),
    )  # fmt: skip
    with transaction(loaded) as session:
        number = record_change(session, NOVEMBER, the_protocol(session), told, SECRETARY).id
    assert duty not in open_matters(loaded)
    assert repealed in open_matters(loaded), "that is another change"
    with reading(loaded) as session:
        [row] = session.exec(select(Matter).where(Matter.key == duty))
        assert row.outcome == f"recorded as change {number} of the law"
    with transaction(loaded) as session:
        load_protocol(session, NOVEMBER, file, SECRETARY)
    assert duty not in open_matters(loaded), "the file does not put it on the list again"


def test_a_change_recorded_by_mistake_leaves_what_the_file_says_on_the_list(
    loaded: sa.Engine, file: ProtocolFile
) -> None:
    duty = "bedfordshire:legislation:complaints-duty"
    told = ChangeOfLaw(
        act="Data Protection Act 2018", section="164A", in_force_from=date(2026, 6, 19), what="Thirty days.",
        clauses=("9-complaints",),
    )  # fmt: skip
    with transaction(loaded) as session:
        number = record_change(session, NOVEMBER, the_protocol(session), told, SECRETARY).id or 0
        assert len(year_report(session, NOVEMBER, the_protocol(session), NOVEMBER.year).law) == 1
    assert duty not in open_matters(loaded)
    for _ in range(2):
        with transaction(loaded) as session:
            withdraw_change(session, NOVEMBER, the_protocol(session), number, SECRETARY, "The day was wrong.")
        with transaction(loaded) as session:
            load_protocol(session, NOVEMBER, file, SECRETARY)
        assert duty in open_matters(loaded)
    with reading(loaded) as session:
        assert year_report(session, NOVEMBER, the_protocol(session), NOVEMBER.year).law == ()


def test_loading_again_leaves_what_a_person_recorded(loaded: sa.Engine, file: ProtocolFile) -> None:
    """The matter it opened is not the file's, and an Act with a recorded change stays in the register."""
    with transaction(loaded) as session:
        protocol = the_protocol(session)
        policies = dict(protocol.policies)
        protocol.policies = policies | {"review": policies["review"] | {"early": []}}
        session.add(protocol)
        session.flush()
        record_change(session, NOVEMBER, protocol, REPEALED, SECRETARY)
    assert "bedfordshire:legislation-change:1" in open_matters(loaded)
    shorter = replace(
        file, law=tuple(each for each in file.law if each.legislation != ACT),
        legislation=tuple(entry for entry in file.legislation if entry.id != ACT),
    )  # fmt: skip
    with transaction(loaded) as session:
        report = load_protocol(session, NOVEMBER, shorter, SECRETARY)
    assert "Data Protection Act 1998 is no longer in the file, but a change of it is recorded: it stays." in report.kept
    assert "bedfordshire:legislation-change:1" in open_matters(loaded)
    assert "bedfordshire:legislation:data-protection-act-repealed" not in open_matters(loaded)
    with reading(loaded) as session:
        assert session.exec(select(Legislation).where(Legislation.key == ACT)).one()
        assert session.exec(select(LegislationChange)).one().legislation_id
