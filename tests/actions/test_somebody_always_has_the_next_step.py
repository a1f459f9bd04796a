"""No act leaves a review that waits for nobody, and nobody is forgotten."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import col

from actions.owing import SomebodyHasToGoOn, waive
from actions.review_drafting import classify, seek_advice
from actions.review_opening import HeldLately, open_annual
from actions.succeeding import apply_succession
from models.obligation import Obligation, ObligationKind
from models.protocol import Party, Succession, SuccessionKind
from models.review import Magnitude
from rules.review import Stage
from tests.actions.world import LOCKED, NOVEMBER, SECRETARY, World, add_party, duty_of, party, protocol


def test_the_last_advice_waived_leaves_the_decision_to_the_secretary(small_world: World) -> None:
    small_world.drafting(LOCKED)
    with small_world.act() as session:
        classify(session, NOVEMBER, 1, Magnitude.MAJOR, SECRETARY, "It costs.")
        seek_advice(session, NOVEMBER, 1, SECRETARY)
    with small_world.act() as session:
        waive(session, NOVEMBER, duty_of(session, ObligationKind.ADVICE), SECRETARY, "Not needed.")
    [owed] = small_world.every(Obligation, col(Obligation.outcome).is_(None), Obligation.case == "review:1")
    assert owed.kind is ObligationKind.DECISION


def test_the_next_step_itself_is_not_waived(small_world: World) -> None:
    small_world.drafting(LOCKED)
    with small_world.act() as session, pytest.raises(SomebodyHasToGoOn, match="somebody has to take the next step"):
        waive(session, NOVEMBER, duty_of(session, ObligationKind.DRAFTING), SECRETARY, "No.")


def test_the_annual_review_opened_twice_does_not_open_next_years(small_world: World) -> None:
    small_world.signing()
    with small_world.act() as session, pytest.raises(HeldLately, match=r"--extraordinary --because"):
        open_annual(session, NOVEMBER, protocol(session), SECRETARY)


def test_the_first_one_opens_months_ahead_of_its_day(small_world: World) -> None:
    small_world.scheduled()
    with small_world.act() as session:
        assert open_annual(session, NOVEMBER, protocol(session), SECRETARY).id == 1


def test_a_successor_in_the_middle_of_signing_is_waited_for(small_world: World) -> None:
    small_world.signing()
    with small_world.act() as session:
        row = Succession(
            protocol_id=1, key="trust>hospital", party_id=party(session, "trust").id or 0,
            successor_slug="hospital", successor_name="The Hospital", kind=SuccessionKind.ONE_TO_ONE,
            happened_on=date(2026, 4, 1), happened_words="2026", source="NHS",
        )  # fmt: skip
        session.add(row)
        session.flush()
        apply_succession(session, NOVEMBER, row, "a@hospital.example", SECRETARY)
    assert small_world.only(Obligation, Obligation.key == "westshire:version:5.0:sign:hospital").case == "review:1"
    assert small_world.said("successor_asked_to_adopt") == ["westshire:version:5.0:sign:hospital:adopt"]


def test_a_party_whose_day_comes_while_feedback_is_collected_is_asked_once(small_world: World) -> None:
    with small_world.act() as session:
        added = add_party(session, protocol(session), "later", "Later Body")
        number, added.joined_on = added.id, date(2027, 3, 10)
        session.add(added)
    small_world.collecting()
    small_world.sweep(datetime(2027, 3, 9, 23, 59, tzinfo=UTC))
    assert small_world.duties(ObligationKind.FEEDBACK, Obligation.party_id == number) == []
    for hour in (0, 1):
        small_world.sweep(datetime(2027, 3, 10, hour, tzinfo=UTC))
    assert len(small_world.duties(ObligationKind.FEEDBACK, Obligation.party_id == number)) == 1
    assert small_world.moves().count("asked newcomers") == 1
    assert small_world.review().stage is Stage.COLLECTING
    assert small_world.only(Party, Party.slug == "later").left_on is None
