"""A party that had finished, and has left since, is asked nothing when the breach goes on."""

from datetime import timedelta

from sqlmodel import col

from actions.breaches.closing import reopen
from actions.membership import leave
from models.breach import Breach, FollowUp, FollowUpEnd
from models.obligation import Obligation
from rules.breach import Stage
from tests.actions.breach_world import FRIDAY, begun, closed, follow_procedure, procedure
from tests.actions.world import SECRETARY, World, party

DAY = timedelta(days=1)


def test_who_had_finished_and_left_stays_out_of_a_breach_that_is_reopened(world: World) -> None:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police")))
        begun(session, FRIDAY, "council", "police")
        closed(session, 1, FRIDAY + DAY, "council", "police")
    with world.act() as session:
        leave(session, FRIDAY + 2 * DAY, party(session, "police"), SECRETARY, "Dissolved.")
    with world.act() as session:
        reopen(session, FRIDAY + 3 * DAY, 1, SECRETARY, "A second letter.")
    council, police = world.every(FollowUp)
    assert world.only(Breach).stage is Stage.ASSESSING
    assert (council.end, council.reopened) == (None, 1)
    assert (police.end, police.ended_at, police.reopened) == (FollowUpEnd.COMPLETE, FRIDAY + DAY, 0)
    assert {duty.party_id for duty in world.every(Obligation, col(Obligation.outcome).is_(None))} == {council.party_id}
    assert world.broken(FRIDAY + 3 * DAY) == []
