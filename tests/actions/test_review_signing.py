"""Signing and adoption, as long as they take and across minor versions, as in 2014 and 2015."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

import protocols
from actions.cast import known_id
from actions.clauses import current_version
from actions.clockwork import next_step, take_clock_step
from actions.membership import join, leave
from actions.owing import waive
from actions.proposals import Proposed
from actions.reasons import ReasonNeeded
from actions.register import register_of
from actions.review_closing import close_feedback
from actions.review_deciding import conclude, decide
from actions.review_drafting import begin_deciding, classify, give_advice, propose
from actions.review_opening import open_extraordinary
from actions.review_signing import (
    NotOpenForSigning,
    OtherText,
    PositionNeeded,
    SignedBeforeTheText,
    SignedInTheFuture,
    adopt,
    decline,
    decliners_of,
    sign,
    signers_of,
    version_of,
)
from actions.threads.known import known_of
from actions.versions import (
    NoDifference,
    base_version,
    bases_of,
    changes_of,
    changes_to_sign,
    lineage,
    text_of,
    version_named,
)
from models.history import History, Narrative
from models.obligation import Obligation, ObligationKind, Outcome
from models.outbox import Message
from models.protocol import Signature, Version
from models.protocol_file import read_protocol
from models.review import DecisionOutcome, Magnitude, Review
from rules.review import Stage, Step, StepNotAllowed
from rules.working_days import Nation
from tests.actions.world import (
    CLAUSES,
    LOCKED,
    NOVEMBER,
    PARTIES,
    SECRETARY,
    WRITTEN,
    World,
    at_once,
    duty_of,
    party,
    protocol,
)

SIGNATURE = ObligationKind.SIGNATURE
CHIEF = "Chief Executive"
TUESDAY = NOVEMBER + timedelta(days=8)


def signed(
    world: World, slug: str = "police", label: str = "5.0", at: datetime = TUESDAY, position: str = CHIEF, **more: Any
) -> Signature:
    with world.act() as session:
        version = version_named(session, protocol(session), label)
        return sign(session, at, version, party(session, slug), f"lead of {slug}", position=position, **more)


def declined(world: World, slug: str = "fire", label: str = "5.0", because: str = "It goes too far.") -> Signature:
    with world.act() as session:
        return decline(
            session, TUESDAY, version_named(session, protocol(session), label), party(session, slug), slug, because
        )


def adopted(world: World, at: datetime = TUESDAY, because: str | None = None, review: int = 1) -> None:
    with world.act() as session:
        adopt(session, at, review, SECRETARY, because)


def in_force_for(session: Session, label: str, now: datetime = TUESDAY) -> str:
    of = register_of(session, now, protocol(session), version_named(session, protocol(session), label))
    return f"{of.bound} of {of.parties}"


def minor_version(world: World, now: datetime, follows: Stage = Stage.ADOPTED) -> None:
    """A review of its own, decided and announced at once, or opened to signing."""
    with world.act() as session:
        review = known_id(open_extraordinary(session, now, protocol(session), SECRETARY, "A typing error."))
        number = known_id(propose(session, now, review, WRITTEN, SECRETARY))
        close_feedback(session, now, review, SECRETARY)
        classify(session, now, number, Magnitude.MINOR, SECRETARY, "A typing error.")
        begin_deciding(session, now, review, SECRETARY)
        decide(session, now, number, DecisionOutcome.ACCEPTED, SECRETARY, because="Agreed.")
        assert conclude(session, now, review, SECRETARY) is follows


# Signatures


def test_a_signature_is_under_the_versions_text_and_a_receipt_is_sent(world: World) -> None:
    world.signing()
    signature = signed(world, position=f"  {CHIEF} ")
    [version] = world.every(Version, Version.label == "5.0")
    assert (signature.position, signature.signed_on, signature.version_sha256) == (
        CHIEF,
        date(2026, 12, 1),
        version.sha256,
    )
    assert signature.declaration == (
        "On behalf of Westshire Police I adopt version 5.0 of the information sharing protocol."
    )
    assert signature.address == "lead.member@police.example"
    duty = world.only(Obligation, Obligation.key == "westshire:version:5.0:sign:police")
    assert duty.outcome is Outcome.ANSWERED
    receipt = world.only(Message, Message.kind == "signature_recorded")
    assert receipt.address == "lead.member@police.example"
    assert version.sha256 is not None
    assert version.sha256 in receipt.text


def test_a_signature_twice_or_at_once_in_one_position_is_one(world: World) -> None:
    world.signing()
    positions = iter([CHIEF, CHIEF.upper(), f" {CHIEF}"])
    assert {getattr(each, "id", each) for each in at_once(3, lambda: signed(world, position=next(positions)))} == {1}
    signed(world, at=TUESDAY + timedelta(days=1))
    assert len(world.every(Signature)) == 1
    assert world.counts()["signature_recorded"] == 1
    assert world.moves().count("signed") == 1


def test_a_party_may_have_several_signers(world: World) -> None:
    world.signing()
    for position, day in (("Caldicott Guardian", date(2026, 11, 30)), ("SIRO", date(2026, 11, 24))):
        signed(world, position=position, signed_on=day)
    rows = world.every(Signature)
    assert [(row.position, row.signed_on) for row in rows] == [
        ("Caldicott Guardian", date(2026, 11, 30)), ("SIRO", date(2026, 11, 24))
    ]  # fmt: skip
    with world.read() as session:
        assert in_force_for(session, "5.0") == "1 of 4"


@pytest.mark.parametrize(
    ("more", "error", "sentence"),
    [
        ({"position": " "}, PositionNeeded, "in which position"),
        ({"sha256": "0" * 64}, OtherText, "another text: its hash begins 000000000000"),
        ({"sha256": ""}, OtherText, "another text"),
        ({"sha256": "0"}, OtherText, "another text"),
        ({"signed_on": date(2026, 12, 2)}, SignedInTheFuture, "its day lies ahead"),
        ({"label": "4.1"}, NotOpenForSigning, "Version 4.1 does not wait for a signature of Westshire Police"),
        ({"on_behalf_because": ""}, ReasonNeeded, "on behalf is recorded with why"),
    ],
)
def test_what_is_no_signature(small_world: World, more: dict[str, Any], error: type[Exception], sentence: str) -> None:
    small_world.signing()
    before = small_world.rows()
    with pytest.raises(error, match=sentence):
        signed(small_world, **more)
    assert small_world.rows() == before


def test_the_beginning_of_the_hash_is_enough_in_any_case_of_letters(small_world: World) -> None:
    small_world.signing()
    [version] = small_world.every(Version, Version.label == "5.0")
    assert signed(small_world, sha256=(version.sha256 or "")[:10].upper())


def test_a_signature_on_behalf_says_why(small_world: World) -> None:
    small_world.signing()
    signature = signed(small_world, on_behalf_because="It came by post.")
    with small_world.read() as session:
        assert session.get_one(Narrative, signature.why_id).text == "It came by post."
    assert "The secretary recorded it for you" in small_world.words(f"{signature.key}:recorded")


def test_a_dated_signature_is_never_changed(world: World) -> None:
    world.signing()
    signed(world)
    for change in ("UPDATE signature SET position = 'Nobody'", "DELETE FROM signature"):
        with pytest.raises(IntegrityError, match="append-only"), world.act() as session:
            session.execute(sa.text(change))


def test_declining_needs_a_reason_is_no_signature_and_the_secretary_is_told(world: World) -> None:
    world.signing()
    with pytest.raises(ReasonNeeded, match="declining to sign is recorded with why"):
        declined(world, because=" ")
    for _ in range(2):
        declined(world)
    told = world.only(Message, Message.kind == "signature_declined")
    assert (told.address, "It goes too far." in told.text) == ("secretary@westshire.example", True)
    assert world.only(Obligation, Obligation.key == "westshire:version:5.0:sign:fire").outcome is Outcome.ANSWERED
    with world.read() as session:
        version = version_named(session, protocol(session), "5.0")
        assert [each.slug for each in decliners_of(session, version)] == ["fire"]
        assert signers_of(session, version) == set()


def test_a_refusal_on_behalf_has_a_receipt_and_what_is_announced_is_not_in_force_for_who_refused(
    small_world: World,
) -> None:
    small_world.signing()
    with small_world.act() as session:
        version, fire = version_named(session, protocol(session), "5.0"), party(session, "fire")
        decline(session, TUESDAY, version, fire, SECRETARY, "They said so by telephone.", on_behalf=True)
    receipt = small_world.only(Message, Message.kind == "decline_recorded")
    assert receipt.address == "lead.member@fire.example"
    words = small_world.words(receipt.key)
    assert "They said so by telephone." in words
    assert "The secretary recorded it for you" in words
    signed(small_world, "police")
    minor_version(small_world, TUESDAY)
    for_fire = small_world.words("review:3:announced:fire")
    assert "version 5.1 is not in force for your organisation" in for_fire
    assert "replace copies" not in for_fire
    assert "replace copies" in small_world.words("review:3:announced:police")


def test_nobody_has_signed_a_text_before_it_was_made(small_world: World) -> None:
    small_world.signing()
    with pytest.raises(SignedBeforeTheText, match=r"Version 5\.0 is dated Monday 23 November 2026"):
        signed(small_world, signed_on=date(2026, 11, 22))
    assert signed(small_world, signed_on=date(2026, 11, 23)).signed_on == date(2026, 11, 23)


def test_whoever_declined_may_sign_after_all(small_world: World) -> None:
    small_world.signing()
    declined(small_world)
    signed(small_world, "fire")
    with small_world.read() as session:
        version = version_named(session, protocol(session), "5.0")
        assert decliners_of(session, version) == []
        assert signers_of(session, version) == {party(session, "fire").id}


def test_only_what_is_owed_can_be_declined_and_only_a_party_signs(small_world: World) -> None:
    small_world.signing()
    signed(small_world, "fire")
    with pytest.raises(NotOpenForSigning):
        declined(small_world)
    with small_world.act() as session:
        leave(session, TUESDAY, party(session, "trust"), SECRETARY, "It merged.")
    with pytest.raises(NotOpenForSigning, match="West Trust"):
        signed(small_world, "trust")


# Adoption


def test_the_clock_adopts_when_nobody_owes_a_signature(world: World) -> None:
    world.signing()
    for slug in ("council", "police"):
        signed(world, slug)
    declined(world)
    world.sweep(TUESDAY)
    assert world.review().stage is Stage.SIGNING, "one is outstanding"
    with world.act() as session:
        waive(session, TUESDAY, duty_of(session, SIGNATURE, "trust"), SECRETARY, "It is being dissolved.")
    world.sweep(TUESDAY)
    assert world.review().stage is Stage.ADOPTED
    assert "in force for 2 of 4 parties" in world.words("review:1:adopted:council")
    assert "Westshire Fire" in world.words("review:1:adopted:council"), "it declined"
    assert {duty.key for duty in world.duties(ObligationKind.CONFIRMATION)} == {
        "review:1:confirmation:council", "review:1:confirmation:police"
    }  # fmt: skip
    assert world.broken(TUESDAY) == []


def test_two_clocks_adopt_once(world: World) -> None:
    world.signing()
    for slug in PARTIES:
        signed(world, slug)

    def step() -> bool:
        with world.act() as session:
            return take_clock_step(session, TUESDAY, 1, Step.ADOPT)

    assert sorted(map(str, at_once(3, step))) == ["False", "False", "True"]
    assert world.counts()["version_adopted"] == 4
    assert len(world.duties(ObligationKind.CONFIRMATION)) == 4
    with pytest.raises(StepNotAllowed, match="its version was adopted"):
        adopted(world, because="Again.")


def test_adopting_with_signatures_outstanding_needs_a_reason_and_they_stay_owed(world: World) -> None:
    world.signing()
    signed(world)
    with pytest.raises(ReasonNeeded, match="adopting while 3 signatures are outstanding is recorded with why"):
        adopted(world)
    adopted(world, because="Three will sign in the new year.")
    assert world.review().stage is Stage.ADOPTED
    assert len(world.duties(SIGNATURE, col(Obligation.outcome).is_(None))) == 3
    assert "in force for 1 of 4 parties" in world.words("review:1:adopted:fire")
    assert world.broken(TUESDAY) == []


def test_whoever_signs_after_adoption_is_counted_and_asked_to_confirm_then(world: World) -> None:
    """It once signed and was never asked whether its procedures were in place."""
    world.signing()
    signed(world)
    adopted(world, because="The others will sign in the new year.")
    later = TUESDAY + timedelta(days=60)
    signed(world, "trust", at=later)
    with world.read() as session:
        assert in_force_for(session, "5.0", later) == "2 of 4"
    asked = world.only(Obligation, Obligation.key == "review:1:confirmation:trust")
    assert (asked.subject, asked.opened_at) == ("version:5.0", later)
    assert world.said("confirmation_requested")[-1] == "review:1:confirmation:trust:ask"


@pytest.mark.parametrize("label", ["5.0", "5.1"])
def test_whoever_joins_and_adopts_what_is_in_force_is_asked_to_confirm(small_world: World, label: str) -> None:
    """After a minor version nobody asked it."""
    small_world.signing()
    signed(small_world)
    adopted(small_world, because="The others will sign in the new year.")
    if label == "5.1":
        minor_version(small_world, TUESDAY)
    with small_world.act() as session:
        join(
            session, TUESDAY, protocol(session), "nhs-borders", "NHS Borders", "nhs-trust", Nation.SCOTLAND,
            "lead@borders.example", SECRETARY,
        )  # fmt: skip
    assert "review:1:confirmation:nhs-borders:ask" not in small_world.said()
    signed(small_world, "nhs-borders", label)
    assert small_world.said("confirmation_requested")[-1] == "review:1:confirmation:nhs-borders:ask"
    assert small_world.broken(TUESDAY) == []


def test_the_last_signature_and_the_clock_at_once(world: World) -> None:
    world.signing()
    for slug in ("council", "police", "trust"):
        signed(world, slug)
    parts = iter([lambda: signed(world, "fire"), lambda: world.sweep(TUESDAY)])
    assert not [each for each in at_once(2, lambda: next(parts)()) if isinstance(each, BaseException)]
    world.sweep(TUESDAY)
    assert world.review().stage is Stage.ADOPTED
    assert world.counts()["confirmation_requested"] == 4
    assert world.broken(TUESDAY) == []


def test_a_version_may_be_in_force_from_its_last_signature_only(sqlite_store: sa.Engine) -> None:
    world = World(sqlite_store, signing={"effective": "last signature"}).signing()
    with world.read() as session:
        current = current_version(session, protocol(session))
        assert current is not None
        assert current.label == "4.2"
    signed(world, "fire")
    adopted(world, because="The others will sign in the new year.")
    with world.read() as session:
        current = current_version(session, protocol(session))
        assert current is not None
        assert (current.label, current.in_force_from) == ("5.0", date(2026, 12, 1))


@pytest.mark.parametrize(
    ("implementation", "asked"),
    [("none", []), ("unspecified", []), ("designated person", ["lead.member@fire.example"])],
)
def test_who_confirms_is_the_protocols_policy(sqlite_store: sa.Engine, implementation: str, asked: list[str]) -> None:
    world = World(sqlite_store, membership={"implementation": implementation}).signing()
    signed(world, "fire")
    adopted(world, because="The others will sign in the new year.")
    assert [row.address for row in world.every(Message, Message.kind == "confirmation_requested")] == asked
    said = "Designated persons will be asked" in world.words("review:1:adopted:fire")
    assert said is bool(asked)
    assert "Lead members will be asked" not in world.words("review:1:adopted:fire")


# Across versions


def test_a_minor_version_during_signing_moves_outstanding_signatures_on(world: World) -> None:
    world.signing()
    signed(world, "council")
    minor_version(world, TUESDAY)
    duties = {duty.key: duty.outcome for duty in world.duties(SIGNATURE)}
    assert duties == {
        "westshire:version:5.0:sign:council": Outcome.ANSWERED,
        **{f"westshire:version:5.0:sign:{slug}": Outcome.SUPERSEDED for slug in ("fire", "police", "trust")},
        **{f"westshire:version:5.1:sign:{slug}": None for slug in ("fire", "police", "trust")},
    }
    moved = world.only(Obligation, Obligation.key == "westshire:version:5.1:sign:fire")
    assert (moved.case, moved.due_on) == ("review:1", date(2027, 2, 23)), "the day it had been told"
    for slug in ("fire", "police"):
        signed(world, slug, "5.1")
    with world.read() as session:
        assert (in_force_for(session, "5.0"), in_force_for(session, "5.1")) == ("1 of 4", "3 of 4")
        assert version_of(session, session.get_one(Review, 1)).label == "5.1"
    signed(world, "trust", "5.1")
    world.sweep(TUESDAY)
    assert world.review().stage is Stage.ADOPTED
    assert "Version 5.1" in world.words("review:1:adopted:fire")
    assert world.broken(TUESDAY) == []


def test_who_signs_the_minor_version_instead_hears_so_once_and_sees_all_that_changes(small_world: World) -> None:
    small_world.signing()
    signed(small_world, "council")
    minor_version(small_world, TUESDAY)
    told = {row.address for row in small_world.every(Message, Message.kind == "version_announced")}
    assert told == {"lead.member@council.example"}, "“nothing to sign” is said to those who have signed"
    words = small_world.words("westshire:version:5.1:sign:fire:ask")
    assert "This takes the place of our request to sign version 5.0" in words
    for clause in ("12-security", "7-consent"):
        assert f"Clause {clause}" in words


def test_a_paper_signed_before_the_minor_version_binds_and_nothing_more_is_owed(small_world: World) -> None:
    small_world.signing()
    minor_version(small_world, TUESDAY)
    signed(small_world, "fire", "5.0", signed_on=date(2026, 11, 30))
    assert small_world.only(Obligation, Obligation.key == "westshire:version:5.1:sign:fire").outcome is Outcome.ANSWERED


def test_what_was_adopted_stays_what_is_confirmed_when_a_minor_version_follows(small_world: World) -> None:
    """Half of a checklist answered for 5.0 once had to be answered again for 5.1."""
    small_world.signing()
    signed(small_world)
    adopted(small_world, because="The others will sign in the new year.")
    minor_version(small_world, TUESDAY)
    with small_world.read() as session:
        assert version_of(session, session.get_one(Review, 1)).label == "5.0"


def test_a_new_major_version_ends_what_was_owed_to_the_one_before(small_world: World) -> None:
    small_world.signing()
    signing_opens(small_world, TUESDAY, WRITTEN)
    still = small_world.duties(SIGNATURE, col(Obligation.outcome).is_(None))
    assert {duty.subject for duty in still} == {"version:6.0"}
    assert len(still) == 4
    small_world.sweep(TUESDAY)
    assert small_world.review(1).stage is Stage.SIGNING, "nobody has signed 5.0: it is not said to be adopted"
    [matter] = small_world.matters()
    assert matter.sentence.startswith("Version 6.0 has taken the place of version 5.0,")
    assert small_world.moves("review:1")[-1] == "duties ended"
    adopted(small_world, because="The law came before the signatures.")
    assert (small_world.review(1).stage, small_world.matters()) == (Stage.ADOPTED, [])
    assert small_world.said("version_adopted") == []
    assert small_world.broken(TUESDAY) == []


def test_what_nobody_has_signed_is_not_adopted_by_the_clock(small_world: World) -> None:
    small_world.signing()
    for slug in PARTIES:
        declined(small_world, slug)
    small_world.sweep(TUESDAY)
    assert small_world.review().stage is Stage.SIGNING
    assert [matter.sentence for matter in small_world.matters()] == [
        "Nobody has signed version 5.0, and nobody owes a signature to it any more: the clock does not adopt it."
    ]
    with pytest.raises(ReasonNeeded):
        adopted(small_world)


SIGNED_TOO = {"changes": {"minor_version": "sign"}}
LAST_SIGNATURE = {"signing": {"effective": "last signature"}}


def test_where_minor_versions_are_signed_who_signed_the_major_one_is_not_bound(sqlite_store: sa.Engine) -> None:
    """All declined 5.1; it was adopted at once, “by 4 of 4 parties”, for they had signed 5.0."""
    world = World(sqlite_store, **SIGNED_TOO).signing()
    for slug in PARTIES:
        signed(world, slug)
    world.sweep(TUESDAY)
    minor_version(world, TUESDAY, Stage.SIGNING)
    with world.read() as session:
        assert in_force_for(session, "5.1") == "0 of 4"
    for slug in PARTIES:
        declined(world, slug, "5.1")
    world.sweep(TUESDAY)
    assert world.review(3).stage is Stage.SIGNING
    assert [matter.sentence.split(",")[0] for matter in world.matters()] == ["Nobody has signed version 5.1"]
    signed(world, "fire", "5.1")
    world.sweep(TUESDAY)
    assert (world.review(3).stage, world.matters()) == (Stage.ADOPTED, [])
    assert "in force for 1 of 4 parties" in world.words("review:3:adopted:fire")
    with world.read() as session:
        assert (in_force_for(session, "5.0"), in_force_for(session, "5.1")) == ("4 of 4", "1 of 4")
    assert world.broken(TUESDAY) == []


def test_where_minor_versions_are_signed_a_signature_is_for_its_own_text(sqlite_store: sa.Engine) -> None:
    """A late signature on 5.0 once ended what was owed to 5.1."""
    world = World(sqlite_store, **SIGNED_TOO).signing()
    signed(world, "council")
    minor_version(world, TUESDAY, Stage.SIGNING)
    signed(world, "fire", "5.0", signed_on=date(2026, 11, 30))
    still = world.duties(SIGNATURE, col(Obligation.outcome).is_(None))
    assert {duty.key for duty in still} == {f"westshire:version:5.1:sign:{slug}" for slug in PARTIES}
    world.sweep(TUESDAY)
    assert world.review(1).stage is Stage.SIGNING, "5.1 is signed instead: that 5.0 is adopted would not be true"
    [matter] = world.matters()
    assert matter.sentence.startswith("Version 5.1 has taken the place of version 5.0,")
    for slug in PARTIES:
        signed(world, slug, "5.1")
    adopted(world, because="5.1 is signed instead.")
    world.sweep(TUESDAY)
    assert (world.review(1).stage, world.review(3).stage) == (Stage.ADOPTED, Stage.ADOPTED)
    assert sorted(world.said("version_adopted")) == [f"review:3:adopted:{slug}" for slug in PARTIES]
    assert world.broken(TUESDAY) == []


def _in_force(world: World) -> tuple[str, date | None]:
    with world.read() as session:
        version = current_version(session, protocol(session))
        assert version is not None
        return version.label, version.in_force_from


def test_a_minor_version_of_a_text_that_waits_for_signatures_waits_with_it(sqlite_store: sa.Engine) -> None:
    """It was in force at once, with the wording of the major one that three had yet to sign."""
    world = World(sqlite_store, **LAST_SIGNATURE).signing()
    signed(world, "council")
    minor_version(world, TUESDAY)
    assert _in_force(world) == ("4.2", date(2014, 2, 1))
    announced = world.words("review:3:announced:council")
    assert "It is in force once signing has ended" in announced
    assert "replace copies" not in announced
    for slug in ("fire", "police", "trust"):
        signed(world, slug, "5.1")
    world.sweep(TUESDAY)
    assert _in_force(world) == ("5.1", date(2026, 12, 1))
    assert world.broken(TUESDAY) == []


def test_what_everybody_declined_is_never_in_force_and_nobody_hears_that_it_was_adopted(
    sqlite_store: sa.Engine,
) -> None:
    world = World(sqlite_store, **LAST_SIGNATURE).signing()
    for slug in PARTIES:
        declined(world, slug)
    adopted(world, because="Nobody wants it.")
    assert (world.review().stage, world.said("version_adopted")) == (Stage.ADOPTED, [])
    [version] = world.every(Version, Version.label == "5.0")
    assert version.in_force_from is None
    signed(world, "fire", at=TUESDAY + timedelta(days=1))
    [version] = world.every(Version, Version.label == "5.0")
    assert version.in_force_from == date(2026, 12, 2), "whoever signs after all brings it into force"
    assert world.broken(TUESDAY) == []


def test_the_next_text_is_not_made_from_what_everybody_declined(empty_store: sa.Engine) -> None:
    """It brought the declined wording with it, and no difference that was shown to those who sign said so."""
    world = World(empty_store, **LAST_SIGNATURE).signing()
    for slug in PARTIES:
        declined(world, slug)
    adopted(world, because="Nobody wants it.")
    signing_opens(world, TUESDAY, WRITTEN)
    with world.read() as session:
        version = version_named(session, protocol(session), "6.0")
        assert text_of(session, version)["12-security"][1] == CLAUSES["12-security"][1]
        assert [each.label for each in lineage(session, version)] == ["6.0", "4.2"]
        for shown in (changes_of(session, version), changes_to_sign(session, version)):
            assert [(each.clause, each.before) for each in shown] == [("7-consent", CLAUSES["7-consent"][1])]
        changed = known_of(session, protocol(session)).changes
        assert list(changed[version.id]) == ["7-consent"]
    signed(world, "fire", "5.0", at=TUESDAY + timedelta(days=1))
    assert _in_force(world)[0] == "4.2", "it is too late for 5.0"
    for slug in PARTIES:
        signed(world, slug, "6.0", at=TUESDAY + timedelta(days=1))
    world.sweep(TUESDAY + timedelta(days=1))
    assert _in_force(world) == ("6.0", date(2026, 12, 2))
    assert world.broken(TUESDAY + timedelta(days=1)) == []


def test_a_minor_change_after_what_everybody_declined_is_one_of_the_text_in_force(sqlite_store: sa.Engine) -> None:
    world = World(sqlite_store, **LAST_SIGNATURE).signing()
    for slug in PARTIES:
        declined(world, slug)
    adopted(world, because="Nobody wants it.")
    minor_version(world, TUESDAY)
    assert _in_force(world) == ("4.3", date(2026, 12, 1))
    signed(world, "fire", "5.0", at=TUESDAY + timedelta(days=1))
    assert _in_force(world)[0] == "4.3", "5.0 lacks what 4.3 has changed"
    assert world.broken(TUESDAY + timedelta(days=1)) == []


def test_the_next_text_is_made_from_what_is_still_being_signed(sqlite_store: sa.Engine) -> None:
    """As long as anybody may bring it into force: while its review goes on, or somebody owes a signature."""
    world = World(sqlite_store, **LAST_SIGNATURE).signing()
    declined(world, "fire")
    with world.read() as session:
        assert base_label(session) == "5.0"
    adopted(world, because="Nobody has signed for months.")
    with world.read() as session:
        assert base_label(session) == "5.0"
    for slug in ("council", "police", "trust"):
        declined(world, slug)
    with world.read() as session:
        assert base_label(session) == "4.2"


def test_a_text_whose_place_was_taken_by_one_that_came_to_nothing_is_waited_for_no_more(
    sqlite_store: sa.Engine,
) -> None:
    """Its own review is at signing still, and no signature can bring it into force."""
    world = World(sqlite_store, **LAST_SIGNATURE).signing()
    signing_opens(world, TUESDAY, WRITTEN)
    with world.read() as session:
        assert base_label(session) == "6.0"
        brought = changes_to_sign(session, version_named(session, protocol(session), "6.0"))
        assert [each.clause for each in brought] == ["7-consent", "12-security"], "6.0 has the wording of 5.0 as well"
    for slug in PARTIES:
        declined(world, slug, "6.0")
    adopted(world, because="Nobody wants it.", review=world.every(Review)[-1].id or 0)
    signed(world, "fire", "5.0")
    with world.read() as session:
        assert base_label(session) == "4.2"
    assert _in_force(world)[0] == "4.2"
    assert world.broken(TUESDAY) == []


def test_what_reads_so_already_since_signing_has_ended_is_not_made_a_version(sqlite_store: sa.Engine) -> None:
    """Decided against the text that was being signed: to have the clause back as it was."""
    world = World(sqlite_store, **LAST_SIGNATURE).signing()
    back = Proposed(clause="12-security", wording=CLAUSES["12-security"][1])
    with world.act() as session:
        review = known_id(open_extraordinary(session, TUESDAY, protocol(session), SECRETARY, "Too far."))
        number = known_id(propose(session, TUESDAY, review, back, SECRETARY))
        close_feedback(session, TUESDAY, review, SECRETARY)
        classify(session, TUESDAY, number, Magnitude.MINOR, SECRETARY, "As it was.")
        begin_deciding(session, TUESDAY, review, SECRETARY)
        decide(session, TUESDAY, number, DecisionOutcome.ACCEPTED, SECRETARY, because="Agreed.")
    for slug in PARTIES:
        declined(world, slug)
    adopted(world, because="Nobody wants it.")
    with (
        pytest.raises(NoDifference, match="cancel 3 --because"),
        world.act() as session,
    ):
        conclude(session, TUESDAY, review, SECRETARY)


def base_label(session: Session) -> str | None:
    base = base_version(session, protocol(session))
    return base.label if base else None


def test_a_late_signature_brings_the_newest_text_into_force_to_which_it_binds(sqlite_store: sa.Engine) -> None:
    world = World(sqlite_store, **LAST_SIGNATURE).signing()
    minor_version(world, TUESDAY)
    for slug in PARTIES:
        declined(world, slug, "5.1")
    adopted(world, because="Nobody wants it.")
    signed(world, "fire", "5.0", at=TUESDAY + timedelta(days=1))
    in_force = {each.label: each.in_force_from for each in world.every(Version)}
    assert (in_force["5.0"], in_force["5.1"]) == (None, date(2026, 12, 2))
    assert _in_force(world) == ("5.1", date(2026, 12, 2))
    assert world.broken(TUESDAY) == []


def test_what_a_party_that_leaves_owed_in_a_case_is_in_its_history(small_world: World) -> None:
    small_world.signing()
    with small_world.act() as session:
        leave(session, TUESDAY, party(session, "trust"), SECRETARY, "It merged.")
    [row] = small_world.every(History, History.case == "review:1", History.what == "duties ended")
    assert row.details == {"duties": [["westshire:version:5.0:sign:trust", "superseded"]]}


def test_somebody_who_joins_during_signing_is_asked_and_waited_for(small_world: World) -> None:
    small_world.signing()
    with small_world.act() as session:
        join(
            session, TUESDAY, protocol(session), "nhs-borders", "NHS Borders", "nhs-trust", Nation.SCOTLAND,
            "lead@borders.example", SECRETARY,
        )  # fmt: skip
    for slug in PARTIES:
        signed(small_world, slug)
    small_world.sweep(TUESDAY)
    assert small_world.review().stage is Stage.SIGNING
    signed(small_world, "nhs-borders")
    small_world.sweep(TUESDAY)
    assert small_world.review().stage is Stage.ADOPTED
    with small_world.read() as session:
        assert in_force_for(session, "5.0") == "5 of 5"


def test_a_party_that_leaves_is_not_waited_for(small_world: World) -> None:
    small_world.signing()
    for slug in ("council", "fire", "police"):
        signed(small_world, slug)
    with small_world.act() as session:
        leave(session, TUESDAY, party(session, "trust"), SECRETARY, "It merged.")
        assert next_step(session, TUESDAY, 1) is Step.ADOPT


# The register of 2014 and 2015


def test_the_register_of_2014_and_2015_is_signed_again(sqlite_store: sa.Engine) -> None:
    """The real parties, positions, days and versions, through the actions: 12 bodies dated, one of them twice."""
    file = read_protocol(Path(protocols.__file__).parent / "bedfordshire")
    world = World(sqlite_store, {each.id: each.name for each in file.parties}, labels=("2.1", "3"))
    signing_opens(world, at(2014, 10, 27))
    rows = sorted((row for row in file.signatures if row.signed_on), key=lambda row: row.signed_on.first)
    for row in (row for row in rows if row.version == "4"):
        signed(world, row.party, "4.0", at(*row.signed_on.first.timetuple()[:3]), row.position)
    minor_version(world, at(2015, 6, 20))
    assert len(world.duties(SIGNATURE, col(Obligation.outcome).is_(None))) == 11, "six had signed 4"
    for row in (row for row in rows if row.version == "4.1"):
        signed(world, row.party, "4.1", at(*row.signed_on.first.timetuple()[:3]), row.position)
    now = at(2015, 9, 8)
    with world.read() as session:
        of = register_of(session, now, protocol(session), version_named(session, protocol(session), "4.1"))
    assert [(row.party, row.position, row.signed_on) for row in of.rows] == [
        (row.party, row.position, row.signed_on.first) for row in rows
    ]
    assert (len(of.rows), len({row.party for row in of.rows})) == (13, 12)
    assert (of.bound, of.parties) == (12, 17)
    owing = world.duties(SIGNATURE, col(Obligation.outcome).is_(None))
    assert [duty.subject for duty in owing] == ["version:4.1"] * 5
    adopted(world, now, "Five have not signed, and the rest has waited since October 2014.")
    assert "in force for 12 of 17 parties" in world.words("review:1:adopted:bedfordshire-police")
    assert world.broken(now) == []


def at(*day: int) -> datetime:
    return datetime(*day, 17, tzinfo=UTC)  # type: ignore[arg-type]


def signing_opens(world: World, now: datetime, proposed: Proposed = LOCKED) -> None:
    with world.act() as session:
        review = known_id(open_extraordinary(session, now, protocol(session), SECRETARY, "The law."))
        number = known_id(propose(session, now, review, proposed, SECRETARY))
        close_feedback(session, now, review, SECRETARY)
        classify(session, now, number, Magnitude.MAJOR, SECRETARY, "The NHS was reorganised.")
        give_advice(session, now, number, "It is lawful.", "adviser")
        begin_deciding(session, now, review, SECRETARY)
        decide(session, now, number, DecisionOutcome.ACCEPTED, SECRETARY, because="Agreed.")
        assert conclude(session, now, review, SECRETARY) is Stage.SIGNING


def test_no_text_comes_from_itself_whatever_the_rows_say() -> None:
    """A store that somebody has changed is read to its end: `verify` says the rest."""
    first, second = (
        Version(id=number, protocol_id=1, label=f"{number}.0", major=number, minor=0, review_id=number)
        for number in (1, 2)
    )
    assert bases_of([first, second], {"1.0": "2.0", "2.0": "1.0"}) == {1: None, 2: first}
    assert bases_of([first, second], {"2.0": "2.0"}) == {1: None, 2: first}
