"""What a start says by itself: computed from the data, so that other data makes other sentences."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, col, delete, select

from cli.words import first_words
from models.protocol import Contact, Legislation, Party, Protocol, Signature, SignatureKind, Succession
from rules.working_days import Nation, published
from tests.cli.conftest import Concordat


@pytest.fixture
def words(concordat: Concordat):  # type: ignore[no-untyped-def]
    """What is said now, its lines joined."""

    def said() -> str:
        return " ".join(concordat.read(lambda session: first_words(session, concordat.clock.now)).split())

    return said


def test_a_first_start_says_what_the_data_shows(words) -> None:  # type: ignore[no-untyped-def]
    said = words()
    for sentence in (
        "The annual review has been due since October 2016: the last one known is of October 2015.",
        "Four signatures are undated (East & North Hertfordshire Clinical Commissioning Group, East Anglia Ambulance "
        "Trust, Hertfordshire Valley Clinical Commissioning Group and Virgin Health) and one member has no row in the "
        "register (Bedfordshire Clinical Commissioning Group).",
        "The Data Protection Act 1998, on which 10 of 26 clauses rest, was repealed on 25 May 2018.",
        "Six more of the texts it cites have been replaced or superseded.",
        "Ten of the 17 parties have merged, moved or been renamed since.",
        "97 addresses are made up",
    ):
        assert sentence in said


def test_below_each_finding_stands_what_to_do(concordat: Concordat) -> None:
    lines = concordat.read(lambda session: first_words(session, concordat.clock.now)).splitlines()
    commands = [line.strip() for line in lines if line.startswith("      concordat ")]
    assert commands == [
        "concordat review schedule bedfordshire 2027-03-31",
        "concordat version register --protocol bedfordshire",
        "concordat legislation change data-protection-act-1998 --protocol bedfordshire --in-force-from 2018-05-25 "
        '--what "The Data Protection Act 1998 was repealed on 25 May 2018"',
        "concordat matters bedfordshire",
        "concordat succession list bedfordshire",
        "concordat succession apply NUMBER --lead ADDRESS",
        "concordat parties bedfordshire",
        "concordat contact set PARTY lead-member ADDRESS",
        "concordat matters bedfordshire",
        "concordat rehearse bedfordshire",
    ]
    prose = [line for line in lines if not line.startswith("      ")]
    assert max(len(line) for line in prose) <= 79


def test_the_commands_it_names_are_taken_as_they_stand(concordat: Concordat) -> None:
    import shlex

    lines = concordat.read(lambda session: first_words(session, concordat.clock.now)).splitlines()
    commands = [shlex.split(line) for line in lines if line.startswith("      concordat ")]
    whole = [words for words in commands if not any(word.isupper() for word in words) and "rehearse" not in words]
    assert len(whole) == 7
    for _, *arguments in whole:
        said = concordat(*arguments)
        assert said.code == 0, said.err


def test_the_suggested_date_leaves_time_for_notice(concordat: Concordat, words) -> None:  # type: ignore[no-untyped-def]
    assert "to Wednesday 31 March 2027, and every party is asked on Friday 26 February 2027:" in words()
    concordat.clock.now = concordat.clock.now.replace(year=2027, month=2, day=1)
    assert "concordat review schedule bedfordshire 2027-06-30" in words()


@pytest.mark.parametrize("days_on", [0, 60])
def test_a_date_is_suggested_where_the_notice_ends_beyond_the_published_bank_holidays(
    concordat: Concordat, words, days_on: int
) -> None:  # type: ignore[no-untyped-def]
    def notice_in_working_days(session: Session) -> None:
        protocol = session.exec(select(Protocol)).one()
        protocol.policies = {
            **protocol.policies,
            "review": {**protocol.policies["review"], "notice": "20 working days"},
        }
        session.add(protocol)

    concordat.act(notice_in_working_days)
    last = published().nations[Nation.ENGLAND_AND_WALES].last
    concordat.clock.now = datetime(last.year, 12, 4, 9, tzinfo=UTC) + timedelta(days=days_on)
    assert f"concordat review schedule bedfordshire {last.year + 1}-0" in words()


def test_once_a_date_is_set_it_says_when_everybody_is_asked(concordat: Concordat, words) -> None:  # type: ignore[no-untyped-def]
    concordat.does("review", "schedule", "bedfordshire", "2027-03-31")
    said = words()
    assert "has been due since" not in said
    assert "The next review is on Wednesday 31 March 2027; every party is asked on Friday 26 February 2027." in said
    concordat.does("review", "open", "bedfordshire")
    assert "Review 1 is collecting: 0 of 17 parties have answered. concordat review show 1" in words()


def of_last_review(concordat: Concordat, first: date, in_words: str) -> None:
    def change(session: Session) -> None:
        protocol = session.exec(select(Protocol)).one()
        protocol.last_reviewed_from, protocol.last_reviewed_words = first, in_words
        session.add(protocol)

    concordat.act(change)


@pytest.mark.parametrize(
    ("first", "in_words", "sentence"),
    [
        (date(2019, 1, 1), "2019", "has been due since 2020: the last one known is of 2019."),
        (date(2019, 5, 1), "May 2019", "has been due since May 2020: the last one known is of May 2019."),
        (date(2019, 5, 7), "7 May 2019", "has been due since 7 May 2020: the last one known is of 7 May 2019."),
        (date(2025, 11, 1), "November 2025", "The next review falls due in November 2026, and its date is not set."),
        (date(2026, 2, 1), "February 2026", "The next review falls due in February 2027, and its date is not set."),
    ],
)
def test_since_when_is_as_precise_as_what_is_known(
    concordat: Concordat,
    words,
    first: date,
    in_words: str,
    sentence: str,  # type: ignore[no-untyped-def]
) -> None:
    of_last_review(concordat, first, in_words)
    assert sentence in words()


def test_a_register_that_is_filled_in_is_not_spoken_of(concordat: Concordat, words) -> None:  # type: ignore[no-untyped-def]
    def fill(session: Session, leave: int) -> None:
        for row in session.exec(select(Signature).where(Signature.kind == SignatureKind.UNDATED)).all()[leave:]:
            row.kind, row.signed_on, row.position = SignatureKind.SIGNED, date(2026, 1, 1), "Chair"
            session.add(row)

    concordat.act(lambda session: fill(session, 1))
    assert "One signature is undated (" in words()
    concordat.act(lambda session: fill(session, 0))
    assert "undated" not in words()
    assert "One member has no row in the register (Bedfordshire Clinical Commissioning Group)." in words()
    concordat.does("party", "leave", "bedfordshire-ccg", "--because", "it has merged")
    assert "no row" not in words()


def test_law_in_force_is_not_spoken_of(concordat: Concordat, words) -> None:  # type: ignore[no-untyped-def]
    def revive(session: Session) -> None:
        act = session.exec(select(Legislation).where(Legislation.key == "data-protection-act-1998")).one()
        act.status = "in force"
        session.add(act)

    def repeal(session: Session) -> None:
        act = session.exec(select(Legislation).where(Legislation.key == "freedom-of-information-act-2000")).one()
        act.status, act.since = "repealed", date(2026, 9, 1)
        session.add(act)

    concordat.act(revive)
    assert "Data Protection Act 1998" not in words()
    assert "Six of the texts it cites have been replaced" in words()
    concordat.act(repeal)
    assert (
        "The Freedom of Information Act 2000, on which 2 of 26 clauses rest, was repealed on 1 September 2026."
        in words()
    )


def test_successors_are_counted_until_they_are_applied(concordat: Concordat, words) -> None:  # type: ignore[no-untyped-def]
    concordat.does("succession", "apply", "3", "--lead", "lead@hmpps.example")
    assert "Nine of the 17 parties have merged" in words()
    concordat.act(lambda session: session.exec(delete(Succession).where(col(Succession.id) != 1)))
    assert "One of the 17 parties has merged" in words()


def test_addresses_that_are_real_are_not_spoken_of_and_bounces_are(concordat: Concordat, words) -> None:  # type: ignore[no-untyped-def]
    def correct(session: Session, bounced: datetime | None = None) -> None:
        for contact in session.exec(select(Contact)):
            contact.address = contact.address.replace(".example", ".org")
            session.add(contact)
        contact.bounced_at = bounced
        session.add(contact)

    concordat.act(correct)
    assert "made up" not in words()
    concordat.act(lambda session: correct(session, concordat.clock.now))
    assert "This address has bounced: " in words()
    assert "concordat contact correct PARTY lead-member ADDRESS" in words()


def test_where_all_is_in_order_it_says_so(concordat: Concordat, words) -> None:  # type: ignore[no-untyped-def]
    """Every kind of finding, taken away, leaves no sentence behind."""

    def settle(session: Session) -> None:
        session.exec(delete(Succession))
        session.exec(delete(Legislation))
        for party in session.exec(select(Party)):
            party.left_on = date(2026, 1, 1)
            session.add(party)
        for contact in session.exec(select(Contact)):
            contact.address = contact.address.replace(".example", ".org")
            session.add(contact)

    concordat.does("review", "schedule", "bedfordshire", "2027-03-31")
    for matter in concordat.does("matters"):
        concordat.does("matter", "close", str(matter["number"]), "--because", "done")
    concordat.act(settle)
    said = words()
    for word in ("undated", "no row", "repealed", "replaced", "merged", "made up", "bounced", "list:"):
        assert word not in said
    assert said.count("concordat ") == 2


def test_without_a_protocol_it_says_how_to_load_one(fresh: Concordat) -> None:
    fresh.does("status")
    said = fresh.read(lambda session: first_words(session, fresh.clock.now))
    assert said.endswith("concordat load DIR")
