"""Loading a protocol's file: whole, twice without effect, and never against what is settled."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import SQLModel, col, select

import protocols
from actions.cast import active_parties, contact_at, known_id, lead_of, party_named, protocol_named
from actions.duties import open_obligation
from actions.load_report import FileContradictsStore, LoadReport
from actions.loading import load_protocol
from actions.membership import apply_succession, correct_address, join
from actions.moving import review_in
from actions.review_opening import open_annual
from actions.review_scheduling import set_review_date
from actions.versions import text_of, version_named
from models.history import History, broken_links
from models.obligation import Obligation, ObligationKind, Outcome
from models.outbox import Message
from models.protocol import (
    ChecklistItem,
    Clause,
    Contact,
    Legislation,
    Matter,
    MatterKind,
    Party,
    Protocol,
    Role,
    Signature,
    SignatureKind,
    Succession,
    Version,
    VersionClause,
)
from models.protocol_file import ProtocolFile, read_date, read_protocol
from models.protocol_file.shapes import SignatureEntry
from models.review import Confirmation, ConfirmationAnswer, Review
from models.store import reading, transaction
from rules.review import Stage
from rules.working_days import Nation

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=7)
BY = "secretary"
BEDFORDSHIRE = Path(protocols.__file__).parent / "bedfordshire"


@pytest.fixture(scope="module")
def file() -> ProtocolFile:
    return read_protocol(BEDFORDSHIRE)


@pytest.fixture
def loaded(store: sa.Engine, file: ProtocolFile) -> sa.Engine:
    load(store, file, NOW)
    return store


def load(store: sa.Engine, file: ProtocolFile, now: datetime = LATER) -> LoadReport:
    with transaction(store) as session:
        return load_protocol(session, now, file, BY)


def everything(store: sa.Engine) -> dict[str, list[Any]]:
    """Every row of every table."""
    with store.connect() as connection:
        tables = SQLModel.metadata.sorted_tables
        return {
            table.name: [tuple(row) for row in connection.execute(sa.select(table).order_by("id"))] for table in tables
        }


def history_of(store: sa.Engine) -> list[str]:
    """Without the rows of the breach procedures: each has its own, whenever it is loaded."""
    of = select(History.what).where(History.case == "protocol:bedfordshire", History.what != "procedure kept")
    with reading(store) as session:
        return list(session.exec(of.order_by(History.seq)))


def with_entry(entries: tuple[Any, ...], id_: str, **values: Any) -> tuple[Any, ...]:
    """The same entries, the one of that id with other values."""
    assert any(entry.id == id_ for entry in entries)
    return tuple(entry.model_copy(update=values) if entry.id == id_ else entry for entry in entries)


def without(entries: tuple[Any, ...], id_: str) -> tuple[Any, ...]:
    return tuple(entry for entry in entries if entry.id != id_)


def with_address(file: ProtocolFile, party: str, role: str, address: str | None) -> ProtocolFile:
    entry = next(entry for entry in file.parties if entry.id == party)
    contacts = entry.contacts.model_copy(update={role: address})
    return replace(file, parties=with_entry(file.parties, party, contacts=contacts))


def with_review(file: ProtocolFile, **values: Any) -> ProtocolFile:
    policies = file.identity.policies
    review = policies.review.model_copy(update=values)
    identity = file.identity.model_copy(update={"policies": policies.model_copy(update={"review": review})})
    return replace(file, identity=identity)


def new_party(file: ProtocolFile, id_: str = "milton-keynes-council", **values: Any) -> ProtocolFile:
    like = file.parties[0]
    contacts = like.contacts.model_copy(
        update={"lead_member": f"lead@{id_}.example", "deputy": f"deputy@{id_}.example", "designated_person": None}
    )
    entry = like.model_copy(update={"id": id_, "name": id_.title(), "aliases": (), "contacts": contacts} | values)
    return replace(file, parties=(*file.parties, entry))


# --- the first load -------------------------------------------------------------------------------------------


def test_the_first_load_brings_the_whole_protocol(store, file):
    report = load(store, file, NOW)
    with reading(store) as session:
        counts = {
            table: session.exec(select(sa.func.count()).select_from(table)).one()
            for table in (Protocol, Party, Contact, Clause, Version, Signature, Legislation, ChecklistItem, Succession)
        }
    assert counts == {
        Protocol: 1, Party: 17, Contact: 17 * 5 + 10 + 2, Clause: 26, Version: 13, Signature: 17, Legislation: 14,
        ChecklistItem: 17, Succession: 11,
    }  # fmt: skip
    assert report.created[0].endswith(
        "is here, with 17 parties, 26 clauses, 13 versions, 17 signature rows, 14 items of legislation "
        "and 17 items to confirm."
    )
    assert (report.changed, report.kept, report.unchanged) == ((), (), ())


def test_the_first_load_is_one_row_of_history_and_no_message(loaded):
    assert history_of(loaded) == ["protocol loaded"]
    with reading(loaded) as session:
        assert session.exec(select(Message)).all() == []
        assert list(broken_links(session)) == []


def test_what_the_document_leaves_open_stays_open(loaded):
    with reading(loaded) as session:
        protocol = protocol_named(session, "bedfordshire")
        assert protocol.demonstration
        assert protocol.review_anchor is None
        assert (protocol.last_reviewed_from, protocol.last_reviewed_words) == (date(2015, 10, 1), "October 2015")
        assert review_in(session, protocol, *Stage) is None
        assert all(party.joined_on is None for party in session.exec(select(Party)))


def test_the_register_of_2014_and_2015_is_reproduced(loaded):
    with reading(loaded) as session:
        rows = session.exec(
            select(Party.slug, Signature, Version.label)
            .join(Signature, col(Signature.party_id) == Party.id)
            .join(Version, col(Version.id) == Signature.version_id)
        ).all()
        dated = Counter(slug for slug, row, _ in rows if row.kind is SignatureKind.SIGNED)
        assert len(dated) == 12
        assert [slug for slug, times in dated.items() if times > 1] == ["south-essex-partnership-trust"]
        assert sum(row.kind is SignatureKind.UNDATED for _, row, _ in rows) == 4
        assert {label for _, row, label in rows if row.signed_on} == {"4", "4.1"}
        days = [row.signed_on for _, row, _ in rows if row.signed_on]
        assert (min(days), max(days)) == (date(2014, 10, 29), date(2015, 9, 7))


def test_only_the_current_version_has_a_text_and_a_hash(loaded, file):
    with reading(loaded) as session:
        protocol = protocol_named(session, "bedfordshire")
        hashed = session.exec(select(Version.label).where(col(Version.sha256).is_not(None))).all()
        assert hashed == ["4.2"]
        text = text_of(session, version_named(session, protocol, "4.2"))
        assert list(text) == [clause.id for clause in file.clauses]
        drafts = session.exec(
            select(Version.label).where(col(Version.in_force_from).is_(None)).order_by(Version.id)
        ).all()
        assert drafts == ["1.0", "1.1", "1.2", "1.3", "3"]


def test_the_list_of_matters_says_what_the_data_shows(loaded):
    with reading(loaded) as session:
        matters = session.exec(select(Matter).order_by(Matter.id)).all()
        assert Counter(matter.kind for matter in matters) == {
            MatterKind.REVIEW_OVERDUE: 1,
            MatterKind.SIGNATURES_LACKING: 1,
            MatterKind.LEGISLATION: 8,
            MatterKind.SUCCESSION: 11,
        }
        said = [matter.sentence for matter in matters]
        assert said[0].startswith("The review has been due since October 2016: version 4.2 is of October 2015")
        assert said[1].startswith("4 rows of the signature register are undated: East & North Hertfordshire")
        assert said[1].endswith(
            "One member has no row in the signature register: Bedfordshire Clinical Commissioning Group."
        )
        assert "was repealed on 25 May 2018" in said[2]
        assert any(sentence.startswith("Virgin Health became HCRG Care Group (December 2021).") for sentence in said)
        assert all(matter.todo and matter.source for matter in matters)


def test_a_chain_of_successions_is_one_row_that_tells_its_steps(loaded):
    with reading(loaded) as session:
        row = session.exec(select(Succession).where(Succession.key == "luton-ccg>central-east-icb")).one()
        assert row.happened_on == date(2026, 4, 1)
        assert (
            "(1 April 2021), then Bedfordshire, Luton and Milton Keynes Integrated Care Board (1 July 2022)" in row.note
        )
        assert "check the day on which it took effect" in row.note
        assert row.applied_at is None


def test_the_review_is_not_overdue_before_its_year_is_over(store, file):
    load(store, file, datetime(2016, 10, 31, 12, tzinfo=UTC))
    with reading(store) as session:
        kinds = set(session.exec(select(Matter.kind)))
    assert MatterKind.REVIEW_OVERDUE not in kinds
    assert MatterKind.SIGNATURES_LACKING in kinds


# --- again ----------------------------------------------------------------------------------------------------


def test_a_second_load_changes_no_row_of_any_table(loaded, file):
    before = everything(loaded)
    report = load(loaded, file)
    assert everything(loaded) == before
    assert not report.anything
    assert (report.created, report.changed, report.kept) == ((), (), ())
    assert "17 parties are as before." in report.unchanged


def test_two_loads_at_once_load_once(store, file):
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda _: load(store, file, NOW), range(2)))
    assert sorted(report.anything for report in reports) == [False, True]
    assert history_of(store) == ["protocol loaded"]


# --- parties --------------------------------------------------------------------------------------------------


def test_a_party_that_is_new_in_the_file_joins(loaded, file):
    report = load(loaded, new_party(file))
    assert "Milton-Keynes-Council is a party." in report.created
    with reading(loaded) as session:
        party = party_named(session, protocol_named(session, "bedfordshire"), "milton-keynes-council")
        assert party.joined_on == LATER.date()
        assert lead_of(session, party).address == "lead@milton-keynes-council.example"
        assert contact_at(session, party, Role.DEPUTY) is not None
        assert contact_at(session, party, Role.DESIGNATED_PERSON) is None
    assert "party joined" in history_of(loaded)
    assert not load(loaded, new_party(file)).anything


def test_a_party_that_joins_in_the_middle_of_a_review_is_asked_too(loaded, file):
    with transaction(loaded) as session:
        open_annual(session, NOW, protocol_named(session, "bedfordshire"), BY)
    load(loaded, new_party(file))
    with reading(loaded) as session:
        party = party_named(session, protocol_named(session, "bedfordshire"), "milton-keynes-council")
        owed = session.exec(select(Obligation.kind).where(Obligation.party_id == party.id)).all()
        addressed = session.exec(select(Message.address).where(col(Message.address).contains("milton-keynes"))).all()
    assert owed == [ObligationKind.FEEDBACK]
    assert addressed == ["lead@milton-keynes-council.example"]


@pytest.mark.parametrize(
    "day", [{"left": read_date("2020")}, {"joined": read_date("2027-04-01")}], ids=["gone", "coming"]
)
def test_a_new_party_that_is_none_today_is_asked_nothing(loaded, file, day):
    with transaction(loaded) as session:
        open_annual(session, NOW, protocol_named(session, "bedfordshire"), BY)
    assert "Milton-Keynes-Council is a party." in load(loaded, new_party(file, **day)).created
    with reading(loaded) as session:
        addressed = session.exec(select(Message.address).where(col(Message.address).contains("milton-keynes"))).all()
        assert addressed == []
    assert not load(loaded, new_party(file, **day)).anything


def test_a_party_that_is_gone_from_the_file_leaves_and_owes_nothing_any_more(loaded, file):
    with transaction(loaded) as session:
        open_annual(session, NOW, protocol_named(session, "bedfordshire"), BY)
    smaller = replace(
        file,
        parties=without(file.parties, "virgin-health"),
        signatures=tuple(row for row in file.signatures if row.party != "virgin-health"),
        successions=tuple(step for step in file.successions if step.from_ != "virgin-health"),
    )
    report = load(loaded, smaller)
    assert "Virgin Health has left. It is no longer in the protocol's file." in report.changed
    with reading(loaded) as session:
        party = party_named(session, protocol_named(session, "bedfordshire"), "virgin-health")
        assert party.left_on == LATER.date()
        assert session.exec(select(Obligation.outcome).where(Obligation.party_id == party.id)).all() != [None]
        assert len(active_parties(session, protocol_named(session, "bedfordshire"), LATER.date())) == 16
    assert "party left" in history_of(loaded)
    assert not load(loaded, smaller).anything


def test_a_party_leaves_on_the_day_the_file_says(loaded, file):
    gone = replace(file, parties=with_entry(file.parties, "virgin-health", left=read_date("2021-12")))
    assert (
        "Virgin Health has left. The protocol's file says that it left in December 2021." in load(loaded, gone).changed
    )
    with reading(loaded) as session:
        party = party_named(session, protocol_named(session, "bedfordshire"), "virgin-health")
        assert party.left_on == date(2021, 12, 31)
    assert not load(loaded, gone).anything


def test_a_party_that_is_to_leave_later_stays_until_then(loaded, file):
    going = replace(file, parties=with_entry(file.parties, "virgin-health", left=read_date("2027-03-31")))
    report = load(loaded, going)
    assert report.kept == ("Virgin Health is to leave on Wednesday 31 March 2027: load the file again then.",)
    assert not report.anything
    assert load(loaded, going, datetime(2027, 3, 31, 12, tzinfo=UTC)).anything


def test_a_party_that_joined_in_the_store_does_not_leave_because_the_file_lacks_it(loaded, file):
    with transaction(loaded) as session:
        protocol = protocol_named(session, "bedfordshire")
        join(session, NOW, protocol, "hcrg", "HCRG", "provider", Nation.ENGLAND_AND_WALES, "lead@hcrg.example", BY)
    before = everything(loaded)
    report = load(loaded, file)
    assert report.kept == ("HCRG joined here and is not in the file: it stays.",)
    assert everything(loaded) == before


def apply(store: sa.Engine, key: str) -> None:
    with transaction(store) as session:
        row = session.exec(select(Succession).where(Succession.key == key)).one()
        apply_succession(session, NOW, row, "lead@successor.example", BY)


def test_a_succession_that_was_applied_stays_applied(loaded, file):
    apply(loaded, "bedfordshire-nhs-hospital-trust>bedfordshire-hospitals")
    before = everything(loaded)
    report = load(loaded, file)
    assert not report.anything
    assert everything(loaded) == before
    assert report.kept == (
        "Bedfordshire NHS Hospital Trust left on Monday 23 November 2026 and stays away, although the file lists it.",
        "Bedfordshire Hospitals NHS Foundation Trust joined here and is not in the file: it stays.",
    )


def test_what_was_applied_stays_as_it_was_known_then(loaded, file):
    key = "bedfordshire-nhs-hospital-trust>bedfordshire-hospitals"
    apply(loaded, key)
    steps = tuple(
        step.model_copy(update={"on": read_date("2020-05-01")}) if step.to == "bedfordshire-hospitals" else step
        for step in file.successions
    )
    load(loaded, replace(file, successions=steps))
    with reading(loaded) as session:
        days = dict(session.exec(select(Succession.key, Succession.happened_on)).all())
    assert days[key] == date(2020, 4, 1)
    assert days["luton-and-dunstable-hospital>bedfordshire-hospitals"] == date(2020, 5, 1)


def test_a_body_that_has_been_succeeded_lacks_no_signature_any_more(loaded, file):
    apply(loaded, "virgin-health>hcrg-care-group")
    report = load(loaded, file)
    assert len(report.changed) == 1
    assert report.changed[0].startswith("3 rows of the signature register are undated: East & North")
    assert not load(loaded, file).anything


def test_a_party_keeps_its_identity_when_its_name_changes(loaded, file):
    renamed = replace(file, parties=with_entry(file.parties, "virgin-health", name="Virgin Care"))
    report = load(loaded, renamed)
    assert "Virgin Health: name changed." in report.changed
    with reading(loaded) as session:
        names = session.exec(select(Party.name).where(Party.slug == "virgin-health")).all()
    assert names == ["Virgin Care"]
    assert history_of(loaded)[1] == "party changed by file"


# --- contacts -------------------------------------------------------------------------------------------------


def test_an_address_that_changed_in_the_file_is_changed(loaded, file):
    moved = with_address(file, "virgin-health", "lead_member", "new.lead@virgin-health.example")
    report = load(loaded, moved)
    assert report.changed == ("The address of the lead member of Virgin Health is new.lead@virgin-health.example.",)
    assert address_of(loaded, "virgin-health", Role.LEAD_MEMBER) == "new.lead@virgin-health.example"
    assert history_of(loaded) == ["protocol loaded", "address corrected"]
    assert not load(loaded, moved).anything


def test_the_file_may_change_an_address_twice(loaded, file):
    for address in ("second@virgin-health.example", "third@virgin-health.example"):
        load(loaded, with_address(file, "virgin-health", "lead_member", address))
        assert address_of(loaded, "virgin-health", Role.LEAD_MEMBER) == address


def test_an_address_that_was_corrected_here_is_not_overwritten(loaded, file):
    correct(loaded, "virgin-health", "corrected@virgin-health.example")
    before = everything(loaded)
    for stated in (file, with_address(file, "virgin-health", "lead_member", "new.lead@virgin-health.example")):
        report = load(loaded, stated)
        assert len(report.kept) == 1
        assert report.kept[0].startswith("The address of the lead member of Virgin Health was corrected here: ")
        assert "corrected@virgin-health.example is kept, not " in report.kept[0]
        assert everything(loaded) == before


def test_a_correction_that_the_file_follows_is_no_longer_a_difference(loaded, file):
    correct(loaded, "virgin-health", "corrected@virgin-health.example")
    followed = with_address(file, "virgin-health", "lead_member", "corrected@virgin-health.example")
    assert load(loaded, followed).kept == ()
    again = with_address(file, "virgin-health", "lead_member", "third@virgin-health.example")
    assert load(loaded, again).anything
    assert address_of(loaded, "virgin-health", Role.LEAD_MEMBER) == "third@virgin-health.example"


def test_a_role_that_the_file_no_longer_names_is_kept_and_told(loaded, file):
    report = load(loaded, with_address(file, "virgin-health", "deputy", None))
    assert report.kept == ("The file names the deputy of Virgin Health no more; deputy@virgin-health.example is kept.",)
    assert not report.anything


def test_a_new_secretary_is_a_changed_address(loaded, file):
    contacts = file.identity.contacts.model_copy(update={"secretary": "new.secretary@isp-bedfordshire.example"})
    report = load(loaded, replace(file, identity=file.identity.model_copy(update={"contacts": contacts})))
    assert report.changed == ("The address of the secretary is new.secretary@isp-bedfordshire.example.",)


def address_of(store: sa.Engine, party: str, role: Role) -> str:
    with reading(store) as session:
        contact = contact_at(session, party_named(session, protocol_named(session, "bedfordshire"), party), role)
        assert contact is not None
        return contact.address


def correct(store: sa.Engine, party: str, address: str) -> None:
    with transaction(store) as session:
        row = party_named(session, protocol_named(session, "bedfordshire"), party)
        correct_address(session, NOW, lead_of(session, row), address, BY)


# --- what is settled ------------------------------------------------------------------------------------------


def signed_differently(file: ProtocolFile) -> ProtocolFile:
    rows = list(file.signatures)
    rows[0] = rows[0].model_copy(update={"signed_on": read_date("2015-08-19")})
    return replace(file, signatures=tuple(rows))


SETTLED: dict[str, tuple[Callable[[ProtocolFile], ProtocolFile], str]] = {
    "the words of a clause": (
        lambda file: replace(file, clauses=with_entry(file.clauses, "12-security", meaning="Be careful.")),
        "The text of version 4.2 is fixed and cannot change (clause 12-security): propose the change in a "
        "review, which makes a new version.",
    ),
    "the heading of a clause": (
        lambda file: replace(file, clauses=with_entry(file.clauses, "12-security", heading="Care")),
        "The text of version 4.2 is fixed and cannot change (clause 12-security): propose the change in a "
        "review, which makes a new version.",
    ),
    "a clause that is gone": (
        lambda file: replace(file, clauses=without(file.clauses, "12-security")),
        "The text of version 4.2 is fixed and cannot change (clause 12-security): propose the change in a "
        "review, which makes a new version.",
    ),
    "a version that is gone": (
        lambda file: replace(file, versions=file.versions[1:]),
        "Version 1.0 is missing in the file: a version that has been is never removed.",
    ),
    "an older version as the current one": (
        lambda file: replace(
            file, versions=tuple(version._replace(current=version.label == "4") for version in file.versions)
        ),
        "Version 4 cannot become the current one: version 4.2 is newer and has a text.",
    ),
    "the day of a signature": (
        signed_differently,
        "The register holds a signature of Bedford Borough Council (Chief Executive, Tuesday 18 August 2015) that the "
        "file does not: a dated signature is neither changed nor removed. New rows of a party come after its others.",
    ),
    "a signature that is gone": (
        lambda file: replace(file, signatures=file.signatures[1:]),
        "The register holds a signature of Bedford Borough Council (Chief Executive, Tuesday 18 August 2015) that the "
        "file does not: a dated signature is neither changed nor removed. New rows of a party come after its others.",
    ),
}


@pytest.mark.parametrize("what", SETTLED)
def test_what_is_settled_is_refused_with_a_sentence_and_nothing_is_changed(loaded, file, what):
    change, sentence = SETTLED[what]
    spoilt = new_party(change(file))  # something good beside it, which must not come in either
    before = everything(loaded)
    with pytest.raises(FileContradictsStore) as refused:
        load(loaded, spoilt)
    assert str(refused.value) == sentence
    assert everything(loaded) == before


def test_the_remark_beside_a_dated_signature_may_be_corrected(loaded, file):
    rows = (file.signatures[0].model_copy(update={"note": "Seen on paper."}), *file.signatures[1:])
    report = load(loaded, replace(file, signatures=rows))
    assert report.changed == ("The register's row of Bedford Borough Council changed (Tuesday 18 August 2015).",)


def test_a_row_that_was_never_filled_in_can_be_completed_once(loaded, file):
    signed = {"position": "Managing Director", "signed_on": read_date("2015-12-01"), "note": None}
    rows = tuple(row.model_copy(update=signed) if row.party == "virgin-health" else row for row in file.signatures)
    report = load(loaded, replace(file, signatures=rows))
    assert report.changed[0] == "The register's row of Virgin Health changed (Tuesday 1 December 2015)."
    assert "3 rows of the signature register are undated" in report.changed[1]
    with pytest.raises(FileContradictsStore):
        load(loaded, file)


def test_a_row_that_was_never_filled_in_can_go(loaded, file):
    rows = tuple(row for row in file.signatures if row.party != "virgin-health")
    report = load(loaded, replace(file, signatures=rows))
    assert report.changed[0] == ("The row of Virgin Health, which was never filled in, is no longer in the register.")
    with reading(loaded) as session:
        assert len(session.exec(select(Signature)).all()) == 16


def test_a_version_made_here_is_none_of_the_files_business(loaded, file):
    with transaction(loaded) as session:
        protocol = protocol_named(session, "bedfordshire")
        review = open_annual(session, NOW, protocol, BY)
        day = NOW.date()
        session.add(
            Version(
                protocol_id=known_id(protocol), label="5.0", major=5, minor=0, dated_from=day, dated_to=day,
                dated_words="23 November 2026", sha256="0" * 64, review_id=review.id, in_force_from=day,
            )
        )  # fmt: skip
    before = everything(loaded)
    assert not load(loaded, file).anything
    assert everything(loaded) == before


def test_a_newer_version_in_the_file_gets_its_own_text(loaded, file):
    older = tuple(version._replace(current=False) for version in file.versions)
    newer = older[-1]._replace(label="4.3", minor=3, dated=read_date("2026-11"), current=True)
    clauses = with_entry(file.clauses, "12-security", meaning="Transfers are encrypted.")
    report = load(loaded, replace(file, versions=(*older, newer), clauses=clauses))
    assert "Version 4.3 is new." in report.created
    with reading(loaded) as session:
        protocol = protocol_named(session, "bedfordshire")
        texts = {v: text_of(session, version_named(session, protocol, v))["12-security"][1] for v in ("4.2", "4.3")}
        assert len(session.exec(select(VersionClause)).all()) == 52
    assert texts["4.3"] == "Transfers are encrypted."
    assert texts["4.2"] != texts["4.3"]


def test_a_changed_vocabulary_is_told_in_one_line_and_changes_no_text(loaded, file):
    with reading(loaded) as session:
        hashes = session.exec(select(Version.label, Version.sha256)).all()
    clauses = with_entry(file.clauses, "7-consent", vocabulary=("not asked",))
    clauses = with_entry(clauses, "12-security", vocabulary=())
    report = load(loaded, replace(file, clauses=clauses))
    assert report.changed == ("The vocabulary of 2 clauses has changed.",)
    assert "24 clauses are as before." in report.unchanged
    assert history_of(loaded)[1:] == ["vocabulary changed by file"]
    with reading(loaded) as session:
        assert dict(session.exec(select(Clause.key, Clause.vocabulary)).all())["7-consent"] == ["not asked"]
        assert session.exec(select(Version.label, Version.sha256)).all() == hashes
    report = load(loaded, replace(file, clauses=clauses, outside=file.outside[1:]))
    assert report.changed == ("The vocabulary of what no clause governs has changed.",)


def test_what_was_loaded_before_there_was_a_vocabulary_gets_it(store, file):
    bare = tuple(entry.model_copy(update={"vocabulary": ()}) for entry in file.clauses)
    load(store, replace(file, clauses=bare, outside=()))
    with transaction(store) as session:
        session.execute(sa.update(Clause).values(vocabulary=sa.null()))
        session.execute(sa.update(Protocol).values(outside=sa.null()))
    assert not load(store, replace(file, clauses=bare, outside=())).anything
    assert load(store, file).changed == ("The vocabulary of 26 clauses and of what no clause governs has changed.",)
    with reading(store) as session:
        kept = dict(session.exec(select(Clause.key, Clause.vocabulary)).all())
        assert kept == {entry.id: list(entry.vocabulary) for entry in file.clauses}
        outside = protocol_named(session, "bedfordshire").outside
        assert [each["id"] for each in outside] == [entry.id for entry in file.outside]
        assert outside[0]["vocabulary"] == list(file.outside[0].vocabulary)


# --- lists ----------------------------------------------------------------------------------------------------


def test_a_changed_status_of_a_law_is_taken_over(loaded, file):
    repealed = {"status": "repealed", "since": read_date("2026-10-01")}
    report = load(loaded, replace(file, legislation=with_entry(file.legislation, "human-rights-act-1998", **repealed)))
    assert report.changed == ("Human Rights Act 1998: status, since changed.",)
    with reading(loaded) as session:
        row = session.exec(select(Legislation).where(Legislation.key == "human-rights-act-1998")).one()
        assert (row.status, row.since) == ("repealed", date(2026, 10, 1))
    assert history_of(loaded)[1:] == ["legislation changed by file"]


def test_an_item_of_the_checklist_goes_and_what_somebody_has_answered_is_kept_behind_it(loaded, file):
    with transaction(loaded) as session:
        item = session.exec(select(ChecklistItem).where(ChecklistItem.key == "secure-transfer")).one()
        version = session.exec(select(Version).where(Version.label == "4.2")).one()
        party = session.exec(select(Party)).first()
        session.add(
            Confirmation(
                key="one", version_id=version.id, party_id=party.id, item_id=item.id,
                answer=ConfirmationAnswer.IN_PLACE, given_at=NOW, given_by="lead member",
            )
        )  # fmt: skip
    shorter = without(without(file.checklist, "secure-transfer"), "secure-keeping")
    report = load(loaded, replace(file, checklist=shorter))
    with reading(loaded) as session:
        asked = dict(session.exec(select(ChecklistItem.key, ChecklistItem.position)).all())
    assert asked["secure-transfer:1"] == 0, "nobody is asked"
    assert not {"secure-transfer", "secure-keeping"} & set(asked)
    assert [told.partition("is no longer asked")[2] for told in report.changed[-2:]] == [
        ", and what was answered to it is kept.", ".",
    ]  # fmt: skip


def test_whoever_has_answered_all_that_is_left_of_the_checklist_owes_nothing_more(loaded, file):
    with transaction(loaded) as session:
        protocol, version = session.exec(select(Protocol)).one(), session.exec(select(Version)).first()
        one, other = session.exec(select(Party).order_by(col(Party.id)).limit(2)).all()
        for party in (one, other):
            open_obligation(
                session, NOW, protocol, key=f"confirm:{party.slug}", case="review:9", kind=ObligationKind.CONFIRMATION,
                contact=lead_of(session, party), party=party, due_on=date(2026, 12, 23),
                subject=f"version:{version.label}",
            )  # fmt: skip
        for item in session.exec(select(ChecklistItem).where(ChecklistItem.key != "secure-keeping")).all():
            session.add(
                Confirmation(
                    key=item.key, version_id=version.id, party_id=one.id, item_id=item.id,
                    answer=ConfirmationAnswer.IN_PLACE, given_at=NOW, given_by="lead member",
                )
            )  # fmt: skip
        slug = one.slug
    load(loaded, replace(file, checklist=without(file.checklist, "secure-keeping")))
    with reading(loaded) as session:
        outcomes = dict(session.exec(select(Obligation.key, Obligation.outcome)).all())
        assert outcomes.pop(f"confirm:{slug}") is Outcome.ANSWERED
        assert list(outcomes.values()) == [None]
        ended = session.exec(select(History.details).where(History.case == "review:9")).one()
        assert ended == {"duties": [[f"confirm:{slug}", "answered"]]}


def test_a_matter_that_was_dealt_with_does_not_come_back(loaded, file):
    with transaction(loaded) as session:
        for matter in session.exec(select(Matter)).all():
            matter.closed_at, matter.outcome = NOW, "dealt with"
            session.add(matter)
    assert not load(loaded, file).anything
    with reading(loaded) as session:
        assert session.exec(select(Matter).where(col(Matter.closed_at).is_(None))).all() == []


def test_a_matter_on_the_list_keeps_up_with_the_file_and_a_closed_one_stays_as_it_was(loaded, file):
    with transaction(loaded) as session:
        closed = session.exec(select(Matter).where(col(Matter.key).endswith("complaints-duty"))).one()
        closed.closed_at, closed.outcome = NOW, "dealt with"
        session.add(closed)
    said = {"sentence": "It is otherwise."}
    law = with_entry(with_entry(file.law, "complaints-duty", **said), "section-60-replaced", **said)
    report = load(loaded, replace(file, law=law))
    assert len(report.changed) == 1
    with reading(loaded) as session:
        otherwise = session.exec(select(Matter.key).where(col(Matter.sentence).startswith("It is otherwise."))).all()
    assert otherwise == ["bedfordshire:legislation:section-60-replaced"]


def test_a_matter_that_the_file_no_longer_shows_goes_off_the_list(loaded, file):
    report = load(loaded, replace(file, law=without(file.law, "complaints-duty")))
    assert [sentence.split(":")[0] for sentence in report.changed] == ["Off the list"]
    with reading(loaded) as session:
        row = session.exec(select(Matter).where(col(Matter.key).endswith("complaints-duty"))).one()
        assert row.closed_at == LATER


def test_a_matter_that_the_file_shows_again_is_on_the_list_again(loaded, file):
    """It stayed off for ever, also where another party lacked a signature by then."""
    signed = replace(file, signatures=all_signed(file))
    load(loaded, replace(signed, law=without(file.law, "complaints-duty")))
    then = new_party(signed)
    report = load(loaded, then, LATER + timedelta(days=1))
    law = next(entry.sentence for entry in file.law if entry.id == "complaints-duty")
    lacking, again = report.created[-2:]
    assert lacking == "One member has no row in the signature register: Milton-Keynes-Council."
    assert again.startswith(law)
    with reading(loaded) as session:
        assert session.exec(select(Matter).where(col(Matter.closed_at).is_not(None))).all() == []
    before = everything(loaded)
    assert not load(loaded, then, LATER + timedelta(days=2)).anything
    assert everything(loaded) == before


def test_a_party_that_has_signed_here_lacks_no_signature(loaded, file):
    with transaction(loaded) as session:
        protocol, version = protocol_named(session, "bedfordshire"), session.exec(select(Version)).first()
        lacking = {entry.id for entry in file.parties} - {row.party for row in file.signatures if row.signed_on}
        for slug in lacking:
            session.add(
                Signature(
                    key=f"here:{slug}", version_id=version.id, party_id=party_named(session, protocol, slug).id,
                    kind=SignatureKind.SIGNED, position="Chief", signed_on=NOW.date(), recorded_at=NOW, recorded_by=BY,
                )
            )  # fmt: skip
    [told] = load(loaded, file).changed
    assert told.startswith("Off the list: 4 rows of the signature register are undated")


def all_signed(file: ProtocolFile) -> tuple[SignatureEntry, ...]:
    day = {"signed_on": read_date("2015-08-18"), "position": "Chief"}
    rows = [row if row.signed_on else row.model_copy(update=day) for row in file.signatures]
    missing = [entry.id for entry in file.parties if entry.id not in {row.party for row in rows}]
    return (*rows, *(rows[0].model_copy(update={"party": slug} | day) for slug in missing))


def test_a_step_that_becomes_known_later_replaces_the_end_of_the_chain(store, file):
    earlier = replace(file, successions=tuple(step for step in file.successions if step.to != "central-east-icb"))
    load(store, earlier, NOW)
    load(store, file)
    with reading(store) as session:
        heirs = session.exec(select(Succession.key).where(col(Succession.key).startswith("luton-ccg>"))).all()
        matters = session.exec(select(Matter).where(col(Matter.key).contains("luton-ccg>"))).all()
        assert heirs == ["luton-ccg>central-east-icb"]
        assert {matter.key.split(">")[1]: matter.closed_at is None for matter in matters} == {
            "blmk-icb": False,
            "central-east-icb": True,
        }


# --- policies and dates ---------------------------------------------------------------------------------------


def test_changed_policies_are_taken_over_with_what_they_were(loaded, file):
    report = load(loaded, with_review(file, interval="P2Y"))
    assert report.changed[0] == "What the protocol says about its own upkeep (policies) changed."
    with reading(loaded) as session:
        assert protocol_named(session, "bedfordshire").policies["review"]["interval"] == "P2Y"
        row = session.exec(select(History).where(History.what == "policies changed by file")).one()
        assert row.details["before"]["review"]["interval"] == "P1Y"


def test_changed_ladders_count_for_what_is_owed_already(loaded, file):
    with transaction(loaded) as session:
        open_annual(session, NOW, protocol_named(session, "bedfordshire"), "secretary")
    before = next_looks(loaded)
    ladders = file.identity.operating.ladders
    rungs = tuple(rung.model_copy(update={"offset": rung.offset - 1}) for rung in ladders.feedback.rungs)
    sooner = ladders.model_copy(update={"feedback": ladders.feedback.model_copy(update={"rungs": rungs})})
    operating = file.identity.operating.model_copy(update={"ladders": sooner})
    load(loaded, replace(file, identity=file.identity.model_copy(update={"operating": operating})))
    assert all(after < earlier for after, earlier in zip(next_looks(loaded), before, strict=True))


@pytest.mark.parametrize("changed", ["ladders", "windows"])
def test_ladders_are_asked_once_however_much_is_owed(loaded, file, changed):
    """Every duty was asked twice for, one by one, by the only writer, whatever had changed."""
    with transaction(loaded) as session:
        open_annual(session, NOW, protocol_named(session, "bedfordshire"), "secretary")
    stated = file.identity.operating
    if changed == "ladders":
        feedback = stated.ladders.feedback
        rungs = tuple(rung.model_copy(update={"offset": rung.offset - 1}) for rung in feedback.rungs)
        other = {
            "ladders": stated.ladders.model_copy(update={"feedback": feedback.model_copy(update={"rungs": rungs})})
        }
    else:
        other = {"windows": stated.windows.model_copy(update={"drafting": "P1M"})}
    operating, asked = stated.model_copy(update=other), []
    note = lambda _c, _cursor, statement, *_: asked.append(statement)  # noqa: E731
    event.listen(loaded, "before_cursor_execute", note)
    load(loaded, replace(file, identity=file.identity.model_copy(update={"operating": operating})))
    event.remove(loaded, "before_cursor_execute", note)
    of_rungs = [each for each in asked if each.startswith("SELECT reminder.")]
    assert len(next_looks(loaded)) >= 17
    assert len(of_rungs) == (2 if changed == "ladders" else 0)


def next_looks(store):
    with reading(store) as session:
        return session.exec(select(Obligation.next_at).order_by(Obligation.id)).all()


def test_a_review_date_in_the_file_puts_the_review_on_the_calendar(store, file):
    report = load(store, with_review(file, next_on=read_date("2027-03-31")), NOW)
    assert (
        "Review dates are counted from Wednesday 31 March 2027. The next review is on Wednesday 31 March 2027."
        in report.changed
    )
    with reading(store) as session:
        review = session.exec(select(Review)).one()
        assert (review.review_on, review.stage) == (date(2027, 3, 31), Stage.SCHEDULED)
        assert MatterKind.REVIEW_OVERDUE not in set(session.exec(select(Matter.kind)))


def test_an_anchor_that_is_a_day_gives_the_next_review_by_itself(store, file):
    load(store, with_review(file, anchor=read_date("2015-10-05")), NOW)
    with reading(store) as session:
        assert session.exec(select(Review.review_on)).all() == [date(2027, 10, 5)]


def test_the_date_the_secretary_has_set_stands(loaded, file):
    with transaction(loaded) as session:
        set_review_date(session, NOW, protocol_named(session, "bedfordshire"), date(2027, 3, 31), BY)
    report = load(loaded, with_review(file, next_on=read_date("2027-06-30")))
    assert report.kept == ("The review date set here (Wednesday 31 March 2027) is kept, not Wednesday 30 June 2027.",)
    with reading(loaded) as session:
        assert session.exec(select(Review.review_on)).all() == [date(2027, 3, 31)]
