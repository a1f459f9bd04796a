"""What is passed on to one party: what all share, and its own part; no other's notes, and not who reported it."""

from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlmodel import Session

from actions.breaches.awareness import record_awareness
from actions.breaches.consulting import consult
from actions.breaches.holding import place_hold
from actions.breaches.moving import NoFollowUp
from actions.breaches.reporting import Report, report_breach
from actions.breaches.showing import breach_view
from actions.breaches.shown_to_party import ITS_OWN, view_of_party
from actions.breaches.stepping import finish_step
from models.breach import Breach, ReporterKind
from rules.breach_facts import FactName
from tests.actions.breach_world import FRIDAY, HAPPENED, follow_procedure, procedure, sweep_breaches
from tests.actions.world import World, party, protocol

LATER = FRIDAY + timedelta(hours=1)
SECRETS = {"council": "Ours alone at the council.", "police": "Ours alone at the police."}
QUESTION = "May we telephone the school?"


@pytest.fixture
def three(small_world: World) -> World:
    with small_world.act() as session:
        party(session, "police").kind = "police"
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police", "fire")))
        facts = {FactName.HAPPENED: HAPPENED, FactName.PARTIES: ["council", "police", "fire"]}
        report = Report(facts=facts, reporter_kind=ReporterKind.CONFIDENTIAL, reporter="Team 4", reach="01234 567")
        report_breach(session, FRIDAY, protocol(session), report, "reporter")
    sweep_breaches(small_world, FRIDAY)
    with small_world.act() as session:
        for slug, words in SECRETS.items():
            record_awareness(session, LATER, 1, slug, FRIDAY, "officer", slug, words)
            finish_step(session, LATER, 1, slug, "contain", slug, words)
        place_hold(session, LATER, 1, "police", "police", SECRETS["police"])
        consult(session, LATER, 1, "council", "police", QUESTION, "council")
    return small_world


def read(session: Session, slug: str) -> str:
    return str(asdict(view_of_party(session, LATER, session.get_one(Breach, 1), slug)))


@pytest.mark.parametrize(("slug", "other"), [("council", "police"), ("police", "council")])
def test_a_party_reads_what_all_share_and_its_own_part(three: World, slug: str, other: str) -> None:
    with three.read() as session:
        words = read(session, slug)
    for shared in (HAPPENED, SECRETS[slug], QUESTION):
        assert shared in words
    for hidden in (SECRETS[other], "Team 4"):
        assert hidden not in words


def test_who_was_not_asked_reads_no_question_and_that_letters_wait_but_not_why(three: World) -> None:
    with three.read() as session:
        words, whole = read(session, "fire"), str(asdict(breach_view(session, LATER, session.get_one(Breach, 1))))
    assert ITS_OWN in words
    for hidden in (QUESTION, *SECRETS.values(), "Team 4"):
        assert hidden not in words
        assert hidden in whole


def test_who_does_not_follow_it_up_reads_nothing(three: World) -> None:
    with three.read() as session, pytest.raises(NoFollowUp):
        read(session, "trust")
