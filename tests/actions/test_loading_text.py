"""The file's versions and register beside what was made and signed here."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

import protocols
from actions.cast import known_id, protocol_named
from actions.clauses import current_version
from actions.load_report import FileContradictsStore, LoadReport
from actions.loading import load_protocol
from actions.review_opening import open_annual
from actions.versions import text_of, version_named
from models.protocol import Clause, Signature, Version, VersionClause
from models.protocol_file import ProtocolFile, read_date, read_protocol
from models.store import reading, transaction
from rules.versions import text_hash

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=7)
DECIDED = "Transfers are encrypted, always."


@pytest.fixture(scope="module")
def file() -> ProtocolFile:
    return read_protocol(Path(protocols.__file__).parent / "bedfordshire")


@pytest.fixture
def signing(store: sa.Engine, file: ProtocolFile) -> sa.Engine:
    """Version 5.0 was made here by a review and is still being signed."""
    load(store, file, NOW)
    with transaction(store) as session:
        protocol = protocol_named(session, "bedfordshire")
        review, before = open_annual(session, NOW, protocol, "secretary"), version_named(session, protocol, "4.2")
        text = text_of(session, before) | {"12-security": ("Security", DECIDED)}
        version = Version(
            protocol_id=known_id(protocol), label="5.0", major=5, minor=0, dated_from=NOW.date(), dated_to=NOW.date(),
            dated_words="23 November 2026", sha256=text_hash("5.0", text), review_id=review.id,
        )  # fmt: skip
        session.add(version)
        session.flush()
        for clause in session.exec(select(Clause)).all():
            heading, words = text[clause.key]
            of = {"version_id": known_id(version), "clause_id": known_id(clause)}
            session.add(VersionClause(**of, heading=heading, text=words))
    return store


def load(store: sa.Engine, file: ProtocolFile, now: datetime = LATER) -> LoadReport:
    with transaction(store) as session:
        return load_protocol(session, now, file, "secretary")


def brought_up_to_date(file: ProtocolFile, label: str, words: str = DECIDED) -> ProtocolFile:
    """The folder with a line of the version that was made here, and its text."""
    older = tuple(version._replace(current=False) for version in file.versions)
    line: dict[str, Any] = {"label": label, "major": 5, "minor": 0, "dated": read_date("2027-03"), "current": True}
    security = {"heading": "Security", "meaning": words}
    clauses = tuple(
        entry.model_copy(update=security) if entry.id == "12-security" else entry for entry in file.clauses
    )
    return replace(file, versions=(*older, older[-1]._replace(**line)), clauses=clauses)


def fifth(store: sa.Engine) -> list[tuple[str, date | None, str]]:
    with reading(store) as session:
        rows = session.exec(select(Version).where(Version.major == 5).order_by(col(Version.id))).all()
        return [(row.label, row.in_force_from, text_of(session, row)["12-security"][1]) for row in rows]


@pytest.mark.parametrize("label", ["5", "5.0"])
def test_a_line_of_the_same_number_is_the_version_made_here_however_it_is_written(signing, file, label):
    with pytest.raises(FileContradictsStore, match=r"The text of version 5\.0 has been in force and cannot change"):
        load(signing, brought_up_to_date(file, label, "Encrypted, sometimes."))
    load(signing, brought_up_to_date(file, label))
    assert [(of, words) for of, _, words in fifth(signing)] == [("5.0", DECIDED)]


def test_a_file_neither_puts_into_force_what_is_still_being_signed_nor_moves_its_days(signing, file):
    def made() -> tuple[Any, ...]:
        with reading(signing) as session:
            row = session.exec(select(Version).where(Version.label == "5.0")).one()
            return row.in_force_from, row.dated_from, row.dated_to, row.dated_words, row.note

    before = made()
    report = load(signing, brought_up_to_date(file, "5.0"))
    assert report.kept == ("Version 5.0 was made by review 1: its dates and its note here are kept.",)
    assert not report.anything
    assert made() == before
    with reading(signing) as session:
        now_in_force = current_version(session, protocol_named(session, "bedfordshire"))
        assert now_in_force is not None
        assert now_in_force.label == "4.2"


def test_a_register_row_may_write_the_number_of_its_version_in_either_way(signing, file):
    newer = brought_up_to_date(file, "5")
    row = file.signatures[0].model_copy(update={"version": "5", "signed_on": read_date("2026-11-25")})
    load(signing, replace(newer, signatures=(*newer.signatures, row)))
    with reading(signing) as session:
        last = session.exec(select(Signature).order_by(col(Signature.id).desc())).first()
        assert last is not None
        assert session.get_one(Version, last.version_id).label == "5.0"
