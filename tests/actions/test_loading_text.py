"""The file's versions and register beside what was made and signed here."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

import protocols
from actions.cast import known_id, lead_of, party_named, protocol_named
from actions.clauses import current_version
from actions.duties import open_obligation
from actions.load_report import FileContradictsStore, LoadReport
from actions.loading import load_protocol
from actions.parties import ask_whoever_counts_since_today
from actions.review_opening import open_annual
from actions.review_signing import sign
from actions.signatures import subject_of
from actions.threads.tracing import trace
from actions.verifying import verify
from actions.versions import text_of, version_named
from models.obligation import Obligation, ObligationKind
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
    clauses = tuple(entry.model_copy(update=security) if entry.id == "12-security" else entry for entry in file.clauses)
    return replace(file, versions=(*older, older[-1]._replace(**line)), clauses=clauses)


def fifth(store: sa.Engine) -> list[tuple[str, date | None, str]]:
    with reading(store) as session:
        rows = session.exec(select(Version).where(Version.major == 5).order_by(col(Version.id))).all()
        return [(row.label, row.in_force_from, text_of(session, row)["12-security"][1]) for row in rows]


@pytest.mark.parametrize("label", ["5", "5.0"])
def test_a_line_of_the_same_number_is_the_version_made_here_however_it_is_written(signing, file, label):
    with pytest.raises(FileContradictsStore, match=r"The text of version 5\.0 is fixed and cannot change"):
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


def test_a_register_row_of_whoever_owes_that_signature_here_is_refused_with_the_way_to_record_it(signing, file):
    """It went on owing it, whatever the register said, and the review waited for ever."""
    with transaction(signing) as session:
        protocol, version = protocol_named(session, "bedfordshire"), version_named_here(session)
        party = party_named(session, protocol, "virgin-health")
        open_obligation(
            session, NOW, protocol, key="sign", case="review:1", kind=ObligationKind.SIGNATURE, party=party,
            contact=lead_of(session, party), due_on=date(2027, 1, 29), subject=subject_of(version),
        )  # fmt: skip
    upheld = brought_up_to_date(file, "5.0")
    row = file.signatures[0].model_copy(update={"party": "virgin-health", "version": "5.0"})
    with pytest.raises(FileContradictsStore) as refused:
        load(signing, replace(upheld, signatures=(*file.signatures, row)))
    assert "`concordat version sign 5.0 virgin-health --position POSITION" in str(refused.value)
    undated = row.model_copy(update={"signed_on": None, "position": None})
    load(signing, replace(upheld, signatures=(*file.signatures, undated)))
    another = row.model_copy(update={"party": "luton-borough-council"})
    load(signing, replace(upheld, signatures=(*file.signatures, undated, another)))


def with_new_party(file: ProtocolFile, signed: str | None = None, dated: str | None = "2016-08-18") -> ProtocolFile:
    """Beside the others, and in the register where it has a row there."""
    like = file.parties[0]
    contacts = like.contacts.model_copy(update={"lead_member": "lead@mk.example"})
    entry = like.model_copy(
        update={"id": "milton-keynes", "name": "Milton Keynes", "aliases": (), "contacts": contacts}
    )
    day = {"signed_on": read_date(dated) if dated else None, "position": "Chief" if dated else None}
    row = file.signatures[0].model_copy(update={"party": entry.id, "version": signed} | day)
    return replace(
        file, parties=(*file.parties, entry), signatures=(*file.signatures, row) if signed else file.signatures
    )


def asked_to_sign(store: sa.Engine) -> list[str]:
    with reading(store) as session:
        duties = select(Obligation.subject).where(Obligation.kind == ObligationKind.SIGNATURE)
        return [str(subject) for subject in session.exec(duties)]


@pytest.mark.parametrize("label", ["4.2", "4"])
def test_a_party_that_comes_with_its_signature_is_not_asked_for_it(store, file, label):
    """It was refused, naming a command that knew no such party; or, under an earlier text of the line, went on owing
    what it had signed."""
    load(store, file, NOW)
    then = with_new_party(file, label)
    assert "Milton Keynes is in the register (Thursday 18 August 2016)." in load(store, then).created
    assert asked_to_sign(store) == []
    assert not load(store, then).anything
    with transaction(store) as session:
        assert ask_whoever_counts_since_today(session, LATER, "bedfordshire") == 0
    assert broken(store) == []


@pytest.mark.parametrize(("label", "dated"), [("4.2", None), (None, None), ("3", "2013-01-10")])
def test_a_party_that_comes_without_is_asked_as_before(store, file, label, dated):
    load(store, file, NOW)
    load(store, with_new_party(file, label, dated))
    assert asked_to_sign(store) == ["version:4.2"]


def test_a_row_of_an_earlier_text_that_binds_to_what_is_owed_is_refused_and_the_command_records_it(store, file):
    load(store, file, NOW)
    load(store, with_new_party(file))
    with pytest.raises(
        FileContradictsStore, match=r"sign version 4\.2, .* `concordat version sign 4\.1 milton-keynes "
    ):
        load(store, with_new_party(file, "4.1"))
    with transaction(store) as session:
        protocol = protocol_named(session, "bedfordshire")
        version, party = version_named(session, protocol, "4.1"), party_named(session, protocol, "milton-keynes")
        sign(
            session,
            LATER,
            version,
            party,
            "s",
            position="Chief",
            signed_on=date(2016, 8, 18),
            on_behalf_because="Paper.",
        )
        assert session.exec(select(Obligation).where(col(Obligation.outcome).is_(None))).all() == []
    load(store, with_new_party(file))
    assert broken(store) == []


def version_named_here(session: Session) -> Version:
    return version_named(session, protocol_named(session, "bedfordshire"), "5.0")


def completed(file: ProtocolFile, label: str = "4.2") -> ProtocolFile:
    """The row of Virgin Health, which was never filled in, with a date under a version that has a text here."""
    signed = {"position": "Chair", "signed_on": read_date("2016-01-10"), "version": label}
    rows = tuple(row.model_copy(update=signed) if row.party == "virgin-health" else row for row in file.signatures)
    return replace(file, signatures=rows)


def hashes(store: sa.Engine) -> list[str | None]:
    with reading(store) as session:
        of_the_text = select(Signature.version_sha256).join(Version, col(Version.id) == Signature.version_id)
        return list(session.exec(of_the_text.where(Version.label == "4.2").order_by(col(Signature.id))))


def broken(store: sa.Engine) -> list[str]:
    with reading(store) as session:
        return list(verify(session, LATER).broken)


def test_a_register_that_shows_signatures_of_the_current_version_holds_its_hash(store, file):
    rows = tuple(row.model_copy(update={"version": "4.2"}) if row.signed_on else row for row in file.signatures)
    load(store, replace(file, signatures=rows), NOW)
    with reading(store) as session:
        sha256 = version_named(session, protocol_named(session, "bedfordshire"), "4.2").sha256
    assert set(hashes(store)) == {sha256}
    assert broken(store) == []


def test_a_row_of_the_register_is_completed_under_the_text_it_names(store, file):
    load(store, file, NOW)
    load(store, completed(file))
    assert None not in hashes(store)
    assert broken(store) == []
    assert not load(store, completed(file)).anything


def test_a_row_without_the_hash_is_no_fault_once_its_version_has_a_text(store, file):
    """As earlier releases wrote them; and where a version is stated before it is the current one."""
    signed = completed(file)
    earlier = tuple(version._replace(current=version.label == "4") for version in signed.versions)
    load(store, replace(signed, versions=earlier), NOW)
    load(store, signed)
    assert hashes(store).count(None) > 0
    assert broken(store) == []
    with reading(store) as session:
        protocol = protocol_named(session, "bedfordshire")
        thread = trace(session, protocol, "version:4.2")
    assert {node.note for node in thread.nodes if node.ref.startswith("signature")} <= {None, "never dated"}
    assert not load(store, completed(file)).anything
