"""What came to nothing is called so, wherever versions and reviews are spoken of."""

import sqlalchemy as sa

from actions.annual_report import year_report
from actions.overview import review_lines
from actions.threads.tracing import trace
from actions.version_standing import NOT_IN_FORCE, standing_of
from actions.versions import version_named
from models.review import Review
from tests.actions.test_review_signing import LAST_SIGNATURE, TUESDAY, adopted, declined, minor_version, signed
from tests.actions.world import PARTIES, World, protocol
from web.parties.proposals_seen import next_said, stage_said


def in_thread(world: World, label: str = "5.0") -> str:
    with world.read() as session:
        thread = trace(session, protocol(session), f"version:{label}")
        return next(node.state for node in thread.nodes if node.ref == f"version:{label}")


def of_its_review(world: World) -> tuple[str, str, str]:
    """In lists, and as a party reads it."""
    with world.read() as session:
        review = session.get_one(Review, 1)
        return review_lines(session, TUESDAY)[0].stage_said, stage_said(session, review), next_said(session, review)


def test_a_version_that_everybody_declined_was_never_in_force_nor_its_review_adopted(sqlite_store: sa.Engine) -> None:
    """“Not in force yet” it was called, as if it could be; and “the new version is adopted”."""
    world = World(sqlite_store, **LAST_SIGNATURE).signing()
    for slug in PARTIES:
        declined(world, slug)
    assert in_thread(world) == "not in force yet", "a party may sign after all, while its review goes on"
    adopted(world, because="Nobody wants it.")
    assert in_thread(world) == "never in force, dated"
    assert of_its_review(world) == (
        NOT_IN_FORCE, "Ended: not in force", "The decisions are taken. The new version is not in force.",
    )  # fmt: skip
    with world.read() as session:
        assert standing_of(session, version_named(session, protocol(session), "5.0"), None) == "Never in force"
        assert [each.stage for each in year_report(session, TUESDAY, protocol(session), 2026).reviews] == [NOT_IN_FORCE]


def test_a_draft_of_before_concordat_is_never_in_force_in_a_thread(sqlite_store: sa.Engine) -> None:
    world = World(sqlite_store)
    with world.act() as session:
        version_named(session, protocol(session), "4.1").in_force_from = None
    assert in_thread(world, "4.1") == "never in force, dated"


def test_a_review_that_has_ended_while_signatures_are_owed_is_not_said_to_have_failed(sqlite_store: sa.Engine) -> None:
    """“Never”, it said, to the very parties that are asked to bring it into force."""
    world = World(sqlite_store, **LAST_SIGNATURE).signing()
    adopted(world, because="It takes too long.")
    assert of_its_review(world) == (
        NOT_IN_FORCE, "Ended: not in force", "The decisions are taken. The new version is not in force.",
    )  # fmt: skip
    with world.read() as session:
        assert standing_of(session, version_named(session, protocol(session), "5.0"), None) == "Waits for signatures"


def test_a_late_signature_makes_it_one_that_is(sqlite_store: sa.Engine) -> None:
    world = World(sqlite_store, **LAST_SIGNATURE).signing()
    for slug in PARTIES:
        declined(world, slug)
    adopted(world, because="Nobody wants it.")
    signed(world, "fire")
    assert in_thread(world).startswith("in force")
    assert of_its_review(world)[:2] == ("adopted", "Adopted")


def test_a_review_that_was_adopted_with_the_minor_version_of_its_line_is_adopted(sqlite_store: sa.Engine) -> None:
    world = World(sqlite_store, **LAST_SIGNATURE).signing()
    minor_version(world, TUESDAY)
    for slug in PARTIES:
        signed(world, slug, "5.1")
    world.sweep(TUESDAY)
    assert of_its_review(world)[:2] == ("adopted", "Adopted")
