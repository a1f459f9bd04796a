"""Why a text reads as it does: the reasons of what was accepted between two versions, and of a whole line."""

from sqlmodel import select

from actions.version_reasons import reasons_between, reasons_in_line
from actions.versions import version_named
from models.history import Narrative
from tests.actions.test_review_signing import TUESDAY, minor_version
from tests.actions.world import World, protocol

LOCKS, CONSENT = "12-security", "7-consent"


def between(world: World, one: str, other: str) -> dict[str, list[tuple[str, str]]]:
    with world.read() as session:
        first, second = (version_named(session, protocol(session), label) for label in (one, other))
        found = reasons_between(session, first, second)
        return {key: [(why.version, why.words) for why in reasons] for key, reasons in found.items()}


def test_only_what_lies_between_the_two_is_told_whichever_comes_first(small_world: World) -> None:
    small_world.signing()
    minor_version(small_world, TUESDAY)
    assert between(small_world, "4.2", "5.0") == {LOCKS: [("5.0", "Agreed.")]}
    assert between(small_world, "5.0", "5.1") == {CONSENT: [("5.1", "Agreed.")]}
    assert between(small_world, "5.1", "4.2") == {LOCKS: [("5.0", "Agreed.")], CONSENT: [("5.1", "Agreed.")]}
    assert between(small_world, "4.2", "4.2") == {}


def test_a_signature_binds_to_the_whole_line_and_reads_the_reasons_of_all_of_it(small_world: World) -> None:
    small_world.signing()
    minor_version(small_world, TUESDAY)
    with small_world.read() as session:
        assert set(reasons_in_line(session, version_named(session, protocol(session), "5.0"))) == {LOCKS}
        assert set(reasons_in_line(session, version_named(session, protocol(session), "5.1"))) == {LOCKS, CONSENT}


def test_a_reason_that_retention_has_emptied_is_left_out(small_world: World) -> None:
    small_world.signing()
    with small_world.act() as session:
        for row in session.exec(select(Narrative).where(Narrative.text == "Agreed.")):
            row.text = None
    assert between(small_world, "4.2", "5.0") == {}
