"""Which version was in force that day, for that party; and where its text, or the nearest, is held."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

import protocols
from actions.cast import known_id
from actions.complaints.versions_in_force import BeforeTheFirstVersion, version_on
from actions.loading import load_protocol
from models.protocol import Clause, Party, Signature, SignatureKind, Version, VersionClause
from models.protocol_file import read_protocol
from models.store import reading, transaction
from tests.actions.world import World, party, protocol

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
MAY, JUNE, JULY = date(2027, 5, 10), date(2027, 6, 10), date(2027, 7, 10)
Asked = Callable[..., tuple[str | None, str | None, bool, str]]


def asked(store: sa.Engine, day: date | None, slug: str | None = None) -> tuple[str | None, str | None, bool, str]:
    with reading(store) as session:
        found = version_on(session, protocol(session), day, party(session, slug) if slug else None)
        labels = (each.label if each else None for each in (found.version, found.text_of))
        return *labels, found.exact, found.sentence  # type: ignore[return-value]


@pytest.fixture
def bedfordshire(sqlite_store: sa.Engine) -> Asked:
    with transaction(sqlite_store) as session:
        load_protocol(session, NOW, read_protocol(Path(protocols.__file__).parent / "bedfordshire"), "secretary")
    return partial(asked, sqlite_store)


def test_the_version_of_that_day_counts_and_its_text_or_the_nearest_is_read(bedfordshire: Asked) -> None:
    assert bedfordshire(date(2016, 4, 1)) == ("4.2", "4.2", True, "Version 4.2 was in force on Friday 1 April 2016.")
    in_force, text_of, exact, sentence = bedfordshire(date(2015, 8, 3))
    assert (in_force, text_of, exact) == ("4.1", "4.2", False)
    assert sentence == (
        "Version 4.1 was in force on Monday 3 August 2015. Its text is not held here: suggested from version 4.2."
    )


def test_every_day_since_the_first_has_its_version(bedfordshire: Asked) -> None:
    known = {
        date(2008, 12, 30): "1.8",
        date(2010, 10, 10): "1.8",
        date(2010, 10, 11): "2.0",
        date(2014, 10, 31): "2.1",  # 3 was a draft
        date(2014, 11, 1): "4",
        date(2015, 6, 1): "4.1",
        date(2015, 9, 30): "4.1",
        date(2015, 10, 1): "4.2",
        date(2026, 11, 23): "4.2",
    }
    assert {day: bedfordshire(day)[0] for day in known} == known


def test_within_the_period_that_the_document_gives_it_is_said_that_nobody_knows_the_day(bedfordshire: Asked) -> None:
    assert bedfordshire(date(2015, 10, 30))[2:] == (
        False,
        "Version 4.2 is dated October 2015: it may not have been in force yet on Friday 30 October 2015.",
    )
    assert bedfordshire(date(2015, 10, 31))[2]


def test_a_day_before_the_first_version_is_refused_with_its_name_and_day(bedfordshire: Asked) -> None:
    with pytest.raises(BeforeTheFirstVersion, match=r"before the first version .* 1\.6, in force from Tuesday 30 Dec"):
        bedfordshire(date(2008, 12, 29))


def test_where_nobody_knows_when_the_one_of_today_is_taken_and_said(bedfordshire: Asked) -> None:
    sentence = "Nobody has said when it happened: version 4.2 is taken, as today."
    assert bedfordshire(None) == ("4.2", "4.2", False, sentence)


def test_without_any_version_in_force_there_is_no_text(sqlite_store: sa.Engine) -> None:
    World(sqlite_store)
    with transaction(sqlite_store) as session:
        session.execute(sa.update(Version).values(in_force_from=None))
    assert asked(sqlite_store, JUNE) == (None, None, False, "No version of it is in force.")


def test_of_a_version_in_force_without_any_text_held_it_is_said(sqlite_store: sa.Engine) -> None:
    World(sqlite_store)
    with transaction(sqlite_store) as session:
        numbered(session, "4.2").in_force_from = None
    in_force, text_of, exact, sentence = asked(sqlite_store, JUNE)
    assert (in_force, text_of, exact) == ("4.1", None, False)
    assert sentence.endswith("Its text is not held here: suggested without any.")


def numbered(session: Session, label: str) -> Version:
    return session.exec(select(Version).where(Version.label == label)).one()


def five(session: Session) -> None:
    """Version 5.0 came into force on 1 June 2027, and 5.1 on 1 July; the council signed 5.0 on the first day."""
    of = known_id(protocol(session))
    clause = known_id(session.exec(select(Clause)).first())
    for label, day in (("5.0", date(2027, 6, 1)), ("5.1", date(2027, 7, 1))):
        major, minor = (int(part) for part in label.split("."))
        version = Version(
            protocol_id=of, label=label, major=major, minor=minor, dated_from=day, dated_to=day,
            dated_words="then", in_force_from=day, sha256="0" * 64,
        )  # fmt: skip
        session.add(version)
        session.flush()
        session.add(VersionClause(version_id=known_id(version), clause_id=clause, heading=label, text=label))
    five_0 = numbered(session, "5.0")
    sign(session, five_0, party(session, "council"), date(2027, 6, 1))
    sign(session, five_0, party(session, "fire"), date(2027, 7, 5))


def sign(session: Session, version: Version, of: Party, day: date) -> None:
    session.add(
        Signature(
            key=f"{version.label}:{of.slug}", version_id=known_id(version), party_id=known_id(of),
            kind=SignatureKind.SIGNED, signed_on=day, recorded_at=NOW, recorded_by="secretary",
        )
    )  # fmt: skip


@pytest.fixture
def signing(sqlite_store: sa.Engine) -> Callable[[str], Asked]:
    """By the policy from when a version counts. Of 4.2 the council, the fire brigade and the trust have signed."""

    def built(effective: str) -> Asked:
        world = World(sqlite_store, signing={"effective": effective})
        with world.act() as session:
            old = numbered(session, "4.2")
            for slug in ("council", "fire", "trust"):
                sign(session, old, party(session, slug), date(2014, 2, 1))
            five(session)
        return partial(asked, sqlite_store)

    return built


@pytest.mark.parametrize(
    ("day", "slug", "label"),
    [
        (MAY, "council", "4.2"),
        (JUNE, "council", "5.0"),
        (JULY, "council", "5.1"),  # a signature binds for the minor versions after it
        (JUNE, "fire", "4.2"),  # signed later
        (JULY, "fire", "5.1"),
        (JULY, "trust", "4.2"),
        (None, "trust", "4.2"),
        (None, "council", "5.1"),
        (JULY, None, "5.1"),
    ],
)
def test_where_a_version_counts_once_signed_it_counts_for_a_party_from_its_signature(
    signing: Callable[[str], Asked], day: date | None, slug: str | None, label: str
) -> None:
    assert signing("last signature")(day, slug)[:2] == (label, label)


def test_that_a_party_had_not_signed_is_said(signing: Callable[[str], Asked]) -> None:
    ask: Any = signing("last signature")
    assert ask(JULY, "trust")[3].startswith("West Trust had not signed version 5.1 by then: 4.2 counted for it. Ver")
    in_force, _, exact, sentence = ask(JULY, "police")
    assert (in_force, exact) == ("5.1", False)
    assert sentence.startswith("Westshire Police had signed no version by then: 5.1 is taken")


def test_where_versions_run_while_signatures_come_in_they_count_for_everybody(signing: Callable[[str], Asked]) -> None:
    ask = signing("while signing")
    assert {ask(JULY, slug)[3] for slug in ("council", "trust", "police", None)} == {
        "Version 5.1 was in force on Saturday 10 July 2027."
    }
