"""Somebody is away in a review or a complaint: whoever stands in is asked, and the secretary knows what waits."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from actions.absences import absences_due
from actions.away import set_away
from actions.contacts import correct_address, said_of_absence, set_contact
from actions.forecasting import forecast_of
from actions.matters import close_matter
from actions.owing import DeputyIsAway, delegate, waive
from actions.party_answers import name_the_right_person
from actions.party_requests import ask_for_stand_in, say_not_the_person
from actions.reminding import remind_batch
from actions.review_opening import open_extraordinary
from actions.review_signing import sign
from actions.standing_in import accept_stand_in
from cli.clockwork import next_clock_instant, run_clock
from models.history import History
from models.obligation import Obligation, ObligationKind
from models.outbox import Delivery, Message
from models.protocol import Contact, Matter, MatterKind, Role
from rules.instants import LONDON, end_of_day
from tests.actions.complaint_world import WEDNESDAY, acknowledged, received
from tests.actions.test_batches import statements
from tests.actions.world import CLOSES, NOVEMBER, OPENS, SECRETARY, World, contact_of, duty_of, made_by, party, protocol

DAY = timedelta(days=1)
UNTIL = date(2027, 3, 12)
BACK = OPENS + 15 * DAY  # after the last day of the absence


def away(
    world: World, slug: str | None, role: Role = Role.LEAD_MEMBER, until: date | None = UNTIL, now: datetime = OPENS
) -> None:
    with world.act() as session:
        set_away(session, now, protocol(session), party(session, slug) if slug else None, role, until, SECRETARY)


def named(world: World, slug: str, *roles: Role, now: datetime = NOVEMBER) -> None:
    with world.act() as session:
        for role in roles:
            set_contact(session, now, protocol(session), party(session, slug), role, f"{role.name}@{slug}.example",
                        SECRETARY)  # fmt: skip


def bounced(world: World, slug: str, role: Role) -> None:
    with world.act() as session:
        contact_of(session, slug, role).bounced_at = OPENS


def owing(world: World, kind: ObligationKind = ObligationKind.FEEDBACK) -> dict[str, Role]:
    """Who owes it, by the party."""
    roles = {row.id: row.role for row in world.every(Contact)}
    with world.read() as session:
        numbers = {party(session, slug).id: slug for slug in ("council", "fire", "police", "trust")}
    return {
        numbers[row.party_id]: roles[row.contact_id]
        for row in world.duties(kind, col(Obligation.outcome).is_(None), col(Obligation.party_id).is_not(None))
    }


def waits(world: World) -> list[str]:
    return [row.sentence for row in world.matters() if row.kind is MatterKind.AWAY]


def swept(world: World, now: datetime) -> None:
    assert run_clock(world.store, now).refused == {}
    with world.read() as session:
        assert absences_due(session, now) == {}, "what the clock takes ends its being due"
    before = world.rows()
    run_clock(world.store, now)
    assert world.rows() == before
    assert world.broken(now) == []


def test_a_review_asks_whoever_stands_in_and_the_lead_member_where_nobody_does(world: World) -> None:
    world.scheduled()
    away(world, "police")
    away(world, "council")
    assert waits(world) == [], "nothing is owed yet"
    swept(world, OPENS)
    assert owing(world) == {
        "council": Role.LEAD_MEMBER, "fire": Role.LEAD_MEMBER, "police": Role.DEPUTY, "trust": Role.LEAD_MEMBER
    }  # fmt: skip
    asked = {row.address for row in world.every(Message, Message.kind == "feedback_invited")}
    assert "deputy@police.example" in asked
    assert "lead.member@police.example" not in asked
    assert waits(world) == [
        "The lead member of Westshire Council is away, and owes what nobody else can be asked for (1 review)."
    ], "it has come to be owed in the absence"


def test_what_is_owed_goes_over_at_once_and_by_the_same_day(world: World) -> None:
    world.collecting()
    before = {row.key: (row.due_on, row.next_at) for row in world.every(Obligation)}
    away(world, "police")
    assert owing(world)["police"] is Role.DEPUTY
    assert {row.key: (row.due_on, row.next_at) for row in world.every(Obligation)} == before
    [told] = world.every(Message, Message.kind == "duty_delegated")
    assert told.address == "deputy@police.example"
    text = world.words(told.key)
    assert "Now you are asked, as the deputy, to send feedback" in text
    assert "The lead member of Westshire Police is away, and you are its deputy." in text
    [row] = world.every(History, History.what == "handed over")
    assert (row.case, row.who) == ("review:1", "clock")
    assert waits(world) == []
    away(world, "police")
    assert len(world.said("duty_delegated")) == 1, "twice does nothing"
    away(world, "police", until=None)
    swept(world, BACK)
    assert owing(world)["police"] is Role.DEPUTY, "what was handed over stays"
    assert "lead.member@police.example" not in {row.address for row in world.every(Message, Message.id > told.id)}


def test_whoever_stands_in_goes_away_too_and_the_next_is_asked(world: World) -> None:
    named(world, "police", Role.DESIGNATED_PERSON)
    world.scheduled().sweep(OPENS)
    for role, asked in (
        (Role.LEAD_MEMBER, Role.DEPUTY),
        (Role.DEPUTY, Role.DESIGNATED_PERSON),
        (Role.DESIGNATED_PERSON, Role.DESIGNATED_PERSON),
    ):
        away(world, "police", role)
        assert owing(world)["police"] is asked
    assert waits(world) == [
        "The designated person of Westshire Police is away, and owes what nobody else can be asked for (1 review)."
    ]
    away(world, "police", until=None)
    swept(world, OPENS)
    assert owing(world)["police"] is Role.LEAD_MEMBER, "the first who is back"
    assert waits(world) == []


def test_a_stand_in_whose_address_bounces_is_not_asked(world: World) -> None:
    world.scheduled()
    away(world, "trust")
    away(world, "police")
    bounced(world, "trust", Role.DEPUTY)
    swept(world, OPENS)
    assert owing(world)["trust"] is Role.LEAD_MEMBER
    assert owing(world)["police"] is Role.DEPUTY
    bounced(world, "police", Role.DEPUTY)
    swept(world, OPENS + DAY)
    assert owing(world)["police"] is Role.DEPUTY, "nobody else is there"
    named(world, "police", Role.DPO, now=OPENS + DAY)
    swept(world, OPENS + 2 * DAY)
    assert owing(world)["police"] is Role.DPO


def test_a_lead_member_whose_address_bounces_is_the_secretary_s_work_as_before(world: World) -> None:
    world.collecting()
    bounced(world, "police", Role.LEAD_MEMBER)
    swept(world, OPENS + DAY)
    assert owing(world)["police"] is Role.LEAD_MEMBER


def test_somebody_who_is_named_in_the_absence_is_asked_at_the_next_sweep(world: World) -> None:
    world.collecting()
    away(world, "council")
    assert len(waits(world)) == 1
    named(world, "council", Role.DEPUTY, now=OPENS)
    swept(world, OPENS)
    assert owing(world)["council"] is Role.DEPUTY
    assert waits(world) == []


def test_the_absence_ends_by_itself_and_the_matter_with_it(world: World) -> None:
    world.collecting()
    away(world, "council")
    over = end_of_day(UNTIL, LONDON)
    with world.read() as session:
        instants = [at for at in (next_clock_instant(session, over - timedelta(minutes=1)),) if at]
    assert instants == [over], "whoever plays a year looks then"
    swept(world, over - timedelta(minutes=1))
    assert len(waits(world)) == 1
    swept(world, over)
    assert waits(world) == []
    assert owing(world)["council"] is Role.LEAD_MEMBER


def test_a_signature_waits_for_them_and_the_secretary_is_told(world: World) -> None:
    world.signing()
    away(world, "police", now=NOVEMBER)
    assert owing(world, ObligationKind.SIGNATURE)["police"] is Role.LEAD_MEMBER
    assert waits(world) == [
        "The lead member of Westshire Police is away, and owes what nobody else can be asked for (1 review)."
    ]
    with world.act() as session:
        waive(session, NOVEMBER, duty_of(session, ObligationKind.SIGNATURE, "police"), SECRETARY, "Dissolved.")
    swept(world, NOVEMBER)
    assert waits(world) == []


def test_who_confirms_is_stood_in_for(world: World) -> None:
    world.signing()
    with world.act() as session:
        for slug in ("council", "fire", "police", "trust"):
            sign(session, NOVEMBER, made_by(session), party(session, slug), "lead", position="Chief")
    away(world, "police", now=NOVEMBER)
    swept(world, NOVEMBER)
    assert owing(world, ObligationKind.CONFIRMATION)["police"] is Role.DEPUTY
    away(world, "trust", now=NOVEMBER)
    assert owing(world, ObligationKind.CONFIRMATION)["trust"] is Role.DEPUTY
    assert world.broken(NOVEMBER) == []


def test_one_more_reason_is_told_to_whoever_stands_in(world: World) -> None:
    world.collecting()
    away(world, "police")
    with world.act() as session:
        open_extraordinary(session, OPENS, protocol(session), SECRETARY, "The Act has been amended.")
    asked = {row.address for row in world.every(Message, Message.kind == "review_reason_added")}
    assert "deputy@police.example" in asked
    assert "lead.member@police.example" not in asked


# Complaints


def test_a_complaint_goes_on_with_whoever_stands_in(world: World) -> None:
    named(world, "police", Role.COMPLAINTS, Role.DPO)
    with world.act() as session:
        received(session)
    for role, asked in ((Role.COMPLAINTS, Role.DPO), (Role.DPO, Role.LEAD_MEMBER), (Role.LEAD_MEMBER, Role.DEPUTY)):
        away(world, "police", role, now=WEDNESDAY)
        assert owing(world, ObligationKind.ACKNOWLEDGEMENT) == {"police": asked}
    away(world, "police", Role.DEPUTY, now=WEDNESDAY)
    assert owing(world, ObligationKind.ACKNOWLEDGEMENT) == {"police": Role.SECRETARY}, "as in breaches"
    assert "nobody at Westshire Police can be reached" in world.words(world.said("complaint_asked")[-1])
    assert waits(world) == []
    away(world, None, Role.SECRETARY, now=WEDNESDAY)
    assert waits(world) == [
        "The secretary of Westshire Protocol is away, and owes what nobody else can be asked for (1 complaint)."
    ]
    away(world, "police", Role.DPO, None, now=WEDNESDAY)
    swept(world, WEDNESDAY)
    assert owing(world, ObligationKind.ACKNOWLEDGEMENT) == {"police": Role.DPO}
    told = world.every(Message, Message.kind == "complaint_asked", Message.address == "DPO@police.example")
    assert len(told) == 2, "asked again after others were, they are told again"
    assert waits(world) == []


@pytest.fixture
def alone(world: World) -> World:
    """The secretary is away, and answers a complaint that is nobody's at any party."""
    away(world, None, Role.SECRETARY, now=WEDNESDAY)
    acknowledged(world, received_by=None)
    swept(world, WEDNESDAY)
    assert len(waits(world)) == 1
    return world


def test_the_matter_says_what_waits_now_and_comes_back_with_what_is_newer(alone: World) -> None:
    acknowledged(alone, WEDNESDAY + DAY, received_by=None)
    swept(alone, WEDNESDAY + DAY)
    assert waits(alone)[0].endswith("(2 complaints).")
    with alone.act() as session:
        for duty in alone.every(Obligation, col(Obligation.outcome).is_(None)):
            session.get_one(Obligation, duty.id).contact_id = contact_of(session, None, Role.ADVISER).id or 0
    swept(alone, WEDNESDAY + 2 * DAY)
    assert waits(alone) == []
    acknowledged(alone, WEDNESDAY + 3 * DAY, received_by=None)
    swept(alone, WEDNESDAY + 3 * DAY)
    assert waits(alone)[0].endswith("(1 complaint).")
    assert len(alone.every(Matter, Matter.kind == MatterKind.AWAY)) == 1, "one line for one absence"


def test_a_person_who_has_seen_to_it_hears_again_only_of_what_is_newer(alone: World) -> None:
    with alone.act() as session:
        matter = session.get_one(Matter, alone.only(Matter, Matter.kind == MatterKind.AWAY).id)
        close_matter(session, WEDNESDAY + DAY, matter, "They read their mail.")
    swept(alone, WEDNESDAY + 2 * DAY)
    assert waits(alone) == []
    acknowledged(alone, WEDNESDAY + 3 * DAY, received_by=None)
    swept(alone, WEDNESDAY + 3 * DAY)
    assert waits(alone)[0].endswith("(2 complaints).")


def test_however_much_waits_for_those_who_are_away_a_sweep_asks_as_much(world: World) -> None:
    world.collecting()
    asked = []
    for role, slug in ((Role.LEAD_MEMBER, "council"), (Role.LEAD_MEMBER, "fire"), (Role.DEPUTY, "police")):
        away(world, slug, role)
        if slug == "police":
            away(world, slug)
        with statements(world.store) as said, world.read() as session:
            absences_due(session, OPENS)
        asked.append(len(said))
    assert len(waits(world)) == 3
    assert len(set(asked)) == 1


def test_a_line_that_an_older_release_closed_because_the_dates_had_changed_is_back(alone: World) -> None:
    with alone.act() as session:
        matter = session.get_one(Matter, alone.only(Matter, Matter.kind == MatterKind.AWAY).id)
        close_matter(session, WEDNESDAY + DAY, matter, "the dates have changed")
    swept(alone, WEDNESDAY + 2 * DAY)
    assert len(waits(alone)) == 1


# What people hand over, and what the ladder does


def test_an_accepted_stand_in_is_asked_although_the_deputy_before_them_is_away(world: World) -> None:
    named(world, "police", Role.DESIGNATED_PERSON)
    world.collecting()
    away(world, "police", Role.DEPUTY)
    with world.act() as session:
        lead = contact_of(session, "police", Role.LEAD_MEMBER)
        ask_for_stand_in(session, OPENS, lead, "new@police.example", UNTIL, "", "lead")
    [asked] = [row for row in world.matters() if "new@police.example" in row.sentence]
    with world.act() as session:
        accept_stand_in(session, OPENS, asked.id or 0, SECRETARY)
    swept(world, OPENS + DAY)
    assert owing(world)["police"] is Role.DEPUTY


def delegated(world: World, now: datetime) -> None:
    with world.act() as session:
        delegate(session, now, duty_of(session, ObligationKind.FEEDBACK, "police"), SECRETARY, "They asked.")


def test_nothing_is_delegated_to_a_deputy_who_is_away(world: World) -> None:
    """The next sweep would take it back, and tell everybody."""
    world.collecting()
    away(world, "police", Role.DEPUTY)
    with pytest.raises(DeputyIsAway, match=r"away until Friday 12 March 2027.*contact away police deputy --back"):
        delegated(world, OPENS)
    away(world, "police", Role.DEPUTY, None)
    delegated(world, OPENS)
    swept(world, OPENS)
    assert owing(world)["police"] is Role.DEPUTY


def test_what_is_delegated_again_after_the_clock_handed_it_back_is_told_again(world: World) -> None:
    world.collecting()
    delegated(world, OPENS)
    away(world, "police", Role.DEPUTY)
    assert owing(world)["police"] is Role.LEAD_MEMBER
    delegated(world, BACK)
    told = world.every(Message, Message.kind == "duty_delegated", Message.address == "deputy@police.example")
    assert len(told) == 2


def test_the_rung_of_a_deputy_who_is_away_is_the_secretary_s(world: World) -> None:
    named(world, "police", Role.DESIGNATED_PERSON)
    world.collecting()
    for role in (Role.DEPUTY, Role.LEAD_MEMBER):
        away(world, "police", role, date(2027, 5, 1))
    with world.read() as session:
        said = forecast_of(session, OPENS, protocol(session), CLOSES)
    foreseen = {(each.address, each.kind) for each in said if "escalated" in each.kind}
    for days in range(34):
        run_clock(world.store, OPENS + days * DAY)
    sent = {(row.address, row.kind) for row in world.every(Message) if "escalated" in row.kind}
    assert sent == foreseen == {
        ("deputy@trust.example", "duty_escalated_to_deputy"),
        ("secretary@westshire.example", "duties_escalated_to_secretary"),
    }  # fmt: skip


# Somebody else is named


def reached_at(world: World, slug: str | None, role: Role) -> tuple[str, date | None]:
    with world.read() as session:
        found = contact_of(session, slug, role)
        return found.address, found.away_until


def test_whoever_is_named_in_the_absence_of_another_is_there(world: World) -> None:
    """As the line on the secretary's list asks for: “or name somebody else”."""
    world.collecting()
    away(world, "council")
    away(world, None, Role.SECRETARY)
    assert len(waits(world)) == 1
    with world.act() as session:
        of, council = protocol(session), party(session, "council")
        set_contact(session, OPENS, of, council, Role.LEAD_MEMBER, "new@council.example", SECRETARY)
        set_contact(session, OPENS, of, None, Role.SECRETARY, "new@westshire.example", SECRETARY)
    assert reached_at(world, "council", Role.LEAD_MEMBER) == ("new@council.example", None)
    assert reached_at(world, None, Role.SECRETARY) == ("new@westshire.example", None)
    swept(world, OPENS)
    assert waits(world) == []
    assert owing(world)["council"] is Role.LEAD_MEMBER
    back = world.every(History, History.what == "back")
    assert [(row.who, row.details["party"], row.details["role"]) for row in back] == [
        (SECRETARY, "council", "lead member"), (SECRETARY, None, "secretary")
    ]  # fmt: skip


def test_the_same_address_given_again_ends_no_absence(world: World) -> None:
    away(world, "council")
    with world.act() as session:
        set_contact(session, OPENS, protocol(session), party(session, "council"), Role.LEAD_MEMBER,
                    contact_of(session, "council", Role.LEAD_MEMBER).address, SECRETARY)  # fmt: skip
    assert reached_at(world, "council", Role.LEAD_MEMBER)[1] == UNTIL


def test_a_corrected_address_is_of_the_same_person_who_stays_away(world: World) -> None:
    away(world, "council")
    with world.act() as session:
        lead = contact_of(session, "council", Role.LEAD_MEMBER)
        correct_address(session, OPENS, lead, "new@council.example", SECRETARY)
        assert said_of_absence(lead, UNTIL) == (
            " They are still away until Friday 12 March 2027. If somebody else is reached there now, say that they are "
            "back."
        )
    assert reached_at(world, "council", Role.LEAD_MEMBER) == ("new@council.example", UNTIL)
    assert world.every(History, History.what == "back") == []


def test_the_right_person_is_there_where_whoever_was_asked_is_away(world: World) -> None:
    world.collecting()
    away(world, "council")
    with world.act() as session:
        lead = contact_of(session, "council", Role.LEAD_MEMBER)
        say_not_the_person(session, OPENS, lead, "new@council.example", "", "lead")
    [asked] = [row for row in world.matters() if "new@council.example" in f"{row.sentence} {row.todo}"]
    with world.act() as session:
        name_the_right_person(session, OPENS, asked.id or 0, "new@council.example", SECRETARY)
    assert reached_at(world, "council", Role.LEAD_MEMBER) == ("new@council.example", None)
    swept(world, OPENS)
    assert waits(world) == []


# What whoever stands in reads


ASKED = datetime(2027, 3, 16, 9, 30, tzinfo=UTC)  # after the first rung
LONGER = date(2027, 3, 30)
INSTEAD = "You get this in place of the lead member, who is away until Friday 12 March 2027."
INSTEAD_LONGER = INSTEAD.replace("Friday 12", "Tuesday 30")


def read_by(world: World, address: str, kind: str) -> list[str]:
    rows = world.every(Message, Message.kind == kind, Message.address == address)
    return [" ".join(row.text.split()) for row in rows]


def test_an_invitation_and_its_reminders_say_in_whose_place_they_come_and_until_when(world: World) -> None:
    world.scheduled()
    away(world, "police")
    swept(world, OPENS)
    [invited] = read_by(world, "deputy@police.example", "feedback_invited")
    assert INSTEAD in invited
    assert "in place of" not in read_by(world, "lead.member@trust.example", "feedback_invited")[0]
    away(world, "police", until=LONGER)
    for days in range(32):
        run_clock(world.store, OPENS + days * DAY)
    reminded = read_by(world, "deputy@police.example", "duty_reminder")
    assert reminded
    assert all(INSTEAD_LONGER in each for each in reminded)
    escalated = read_by(world, "deputy@trust.example", "duty_escalated_to_deputy")
    others = escalated + read_by(world, "lead.member@trust.example", "duty_reminder")
    assert others
    assert not any("in place of" in each for each in others)
    assert world.broken(OPENS + 32 * DAY) == []


def test_what_stayed_with_the_stand_in_is_their_own_once_the_other_is_back(world: World) -> None:
    world.scheduled()
    away(world, "police")
    swept(world, OPENS)
    away(world, "police", until=None)
    for days in range(32):
        run_clock(world.store, OPENS + days * DAY)
    reminded = read_by(world, "deputy@police.example", "duty_reminder")
    assert reminded
    assert not any("in place of" in each for each in reminded)


def test_whoever_takes_over_reads_it_with_what_they_take_over(world: World) -> None:
    world.collecting()
    away(world, "police")
    [told] = read_by(world, "deputy@police.example", "duty_delegated")
    assert INSTEAD in told
    with world.act() as session:
        open_extraordinary(session, OPENS, protocol(session), SECRETARY, "The Act has been amended.")
    assert INSTEAD in read_by(world, "deputy@police.example", "review_reason_added")[0]


def test_a_stand_in_who_is_reached_at_a_new_address_reads_it_there(world: World) -> None:
    world.scheduled()
    away(world, "police")
    swept(world, OPENS)
    with world.act() as session:
        for row in session.exec(select(Message).where(Message.address == "deputy@police.example")):
            row.state = Delivery.ACCEPTED
            row.settled_at = OPENS
        correct_address(session, OPENS, contact_of(session, "police", Role.DEPUTY), "new@police.example", SECRETARY)
    [told] = read_by(world, "new@police.example", "duty_reminder")
    assert INSTEAD in told


def test_who_confirms_in_another_s_place_reads_so(world: World) -> None:
    world.signing()
    away(world, "police", now=NOVEMBER)
    with world.act() as session:
        for slug in ("council", "fire", "police", "trust"):
            sign(session, NOVEMBER, made_by(session), party(session, slug), "lead", position="Chief")
    swept(world, NOVEMBER)
    [asked] = read_by(world, "deputy@police.example", "confirmation_requested")
    assert INSTEAD in asked


def test_a_complaint_names_who_is_away_to_the_secretary_with_their_party(world: World) -> None:
    for role in (Role.LEAD_MEMBER, Role.DEPUTY):
        away(world, "police", role, now=WEDNESDAY)
    with world.act() as session:
        received(session)
    swept(world, WEDNESDAY)
    place = "You get this in place of the lead member of Westshire Police, who is away until Friday 12 March 2027."
    assert place in read_by(world, "secretary@westshire.example", "complaint_asked")[-1]
    for days in range(40):
        run_clock(world.store, WEDNESDAY + days * DAY)
    reminded = read_by(world, "secretary@westshire.example", "duty_reminder")
    assert place in reminded[0]


def test_however_many_are_stood_in_for_a_batch_of_reminders_asks_as_much(world: World) -> None:
    world.scheduled()
    named(world, "council", Role.DEPUTY)
    named(world, "fire", Role.DEPUTY)
    away(world, "police", until=LONGER)
    swept(world, OPENS)
    asked = []
    for slugs in ((), ("council", "fire", "trust")):
        for slug in slugs:
            away(world, slug, until=LONGER)
        with statements(world.store) as said, world.act() as session:
            session.execute(sa.update(Obligation).where(col(Obligation.outcome).is_(None)).values(next_at=ASKED))
            assert remind_batch(session, ASKED) == 4
            session.flush()
            told = select(Message).where(Message.kind == "duty_reminder")
            assert [INSTEAD_LONGER in " ".join(row.text.split()) for row in session.exec(told)].count(True) == 1 + len(
                slugs
            )
            session.rollback()
        asked.append(len(said))
    assert asked[0] == asked[1]
