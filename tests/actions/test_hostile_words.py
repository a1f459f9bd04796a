"""What people write: too long, empty, or no text at all. On both databases a sentence, and nothing written."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from actions.confirming import ItemAnswer, confirm
from actions.contacts import correct_address
from actions.matters import open_matter
from actions.membership import join, leave
from actions.owing import extend, waive
from actions.proposals import Proposed
from actions.review_deciding import cancel, decide
from actions.review_drafting import classify, give_advice, propose, withdraw
from actions.review_feedback import give_feedback
from actions.review_opening import open_extraordinary
from actions.review_signing import adopt, decline, sign
from models import history
from models.fitting import DoesNotFit
from models.history import History, broken_links
from models.obligation import Obligation, ObligationKind
from models.outbox import Message
from models.protocol import ChecklistItem, Matter, MatterKind, Signature
from models.review import ConfirmationAnswer, DecisionOutcome, Magnitude, Proposal, Review
from rules.errors import Refused
from rules.texts import NotText
from rules.working_days import Nation
from tests.actions.world import (
    LOCKED,
    NOVEMBER,
    OPENS,
    SECRETARY,
    World,
    contact_of,
    duty_of,
    made_by,
    party,
    protocol,
)

TEN_MEGABYTES = "ten megabytes " * 750_000
HOSTILE = {"ten megabytes": TEN_MEGABYTES, "a zero": "a\0b", "half a character": "a\ud800b"}
FEEDBACK, SIGNATURE = ObligationKind.FEEDBACK, ObligationKind.SIGNATURE
Writes = Callable[[Session, str], object]


def of(session: Session, slug: str = "police") -> dict[str, Any]:
    return {"version": made_by(session), "party": party(session, slug), "by": "lead"}


WHILE_COLLECTING: dict[str, Writes] = {
    "comments": lambda s, text: give_feedback(s, OPENS, 1, party(s, "police"), "lead", comments=text),
    "wording": lambda s, text: give_feedback(
        s, OPENS, 1, party(s, "police"), "lead", proposals=[Proposed(clause="7-consent", wording=text)]
    ),
    "problem": lambda s, text: propose(
        s, OPENS, 1, Proposed(clause="7-consent", wording="New.", problem=text), SECRETARY
    ),
    "who": lambda s, text: give_feedback(s, OPENS, 1, party(s, "police"), text, no_comments=True),
    "on behalf": lambda s, text: give_feedback(
        s, OPENS, 1, party(s, "police"), "lead", no_comments=True, on_behalf_because=text
    ),
    "extension": lambda s, text: extend(s, OPENS, duty_of(s, FEEDBACK, "fire"), date(2027, 4, 16), SECRETARY, text),
    "waiver": lambda s, text: waive(s, OPENS, duty_of(s, FEEDBACK, "fire"), SECRETARY, text),
    "reason": lambda s, text: open_extraordinary(s, OPENS, protocol(s), SECRETARY, text),
    "cancelling": lambda s, text: cancel(s, OPENS, 1, SECRETARY, text),
    "leaving": lambda s, text: leave(s, OPENS, party(s, "fire"), SECRETARY, text),
    "name": lambda s, text: join(
        s, OPENS, protocol(s), "borders", text, "other", Nation.SCOTLAND, "a@b.example", SECRETARY
    ),
    "kind": lambda s, text: join(
        s, OPENS, protocol(s), "borders", "Borders", text, Nation.SCOTLAND, "a@b.example", SECRETARY
    ),
    "slug": lambda s, text: join(
        s, OPENS, protocol(s), text, "Borders", "other", Nation.SCOTLAND, "a@b.example", SECRETARY
    ),
    "clause": lambda s, text: propose(s, OPENS, 1, Proposed(clause=text, wording="New."), SECRETARY),
    "address": lambda s, text: correct_address(s, OPENS, contact_of(s, "fire"), f"{text}@b.example", SECRETARY),
}  # fmt: skip
WHILE_DRAFTING: dict[str, Writes] = {
    "magnitude": lambda s, text: classify(s, NOVEMBER, 1, Magnitude.MAJOR, SECRETARY, text),
    "withdrawal": lambda s, text: withdraw(s, NOVEMBER, 1, SECRETARY, text),
    "advice": lambda s, text: give_advice(s, NOVEMBER, 1, text, "adviser"),
}
WHILE_DECIDING: dict[str, Writes] = {
    "decision": lambda s, text: decide(s, NOVEMBER, 1, DecisionOutcome.REJECTED, SECRETARY, because=text),
    "dissent": lambda s, text: decide(
        s, NOVEMBER, 1, DecisionOutcome.REJECTED, SECRETARY, because="No.", dissent=text
    ),
    "decided wording": lambda s, text: decide(
        s, NOVEMBER, 1, DecisionOutcome.ACCEPTED_WITH_CHANGES, SECRETARY, because="Yes.", wording=text
    ),
}  # fmt: skip
WHILE_SIGNING: dict[str, Writes] = {
    "position": lambda s, text: sign(s, NOVEMBER, **of(s), position=text),
    "declining": lambda s, text: decline(s, NOVEMBER, **of(s), because=text),
    "adopting": lambda s, text: adopt(s, NOVEMBER, 1, SECRETARY, text),
}


@pytest.mark.parametrize(
    ("stage", "writing"),
    [
        ("collecting", WHILE_COLLECTING), ("drafting", WHILE_DRAFTING), ("deciding", WHILE_DECIDING),
        ("signing", WHILE_SIGNING),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_every_word_that_a_person_writes_is_kept_whole_or_refused_with_a_sentence(
    world: World, stage: str, writing: dict[str, Writes]
) -> None:
    """PostgreSQL keeps to a column's length and holds no zero character; SQLite took everything."""
    world.drafting(LOCKED) if stage == "drafting" else getattr(world, stage)()
    before = world.rows()
    for what, write in writing.items():
        for how, text in HOSTILE.items():
            with pytest.raises(Refused) as refused, world.act() as session:
                write(session, text)
            assert len(str(refused.value)) < 400, (what, how)
            assert world.rows() == before, (what, how)


def test_the_longest_that_fits_is_kept_and_one_more_is_refused_with_both_lengths(world: World) -> None:
    world.collecting()
    sentence = r"^The text is too long: it has 50,001 characters, and at most 50,000 are kept\.$"
    with pytest.raises(DoesNotFit, match=sentence), world.act() as session:
        give_feedback(session, OPENS, 1, party(session, "fire"), "lead", comments="x" * 50_001)
    with world.act() as session:
        give_feedback(session, OPENS, 1, party(session, "fire"), "l" * 120, comments="x" * 50_000)
        propose(session, OPENS, 1, Proposed(clause="7-consent", wording="w" * 20_000), SECRETARY)
    assert len(world.only(Proposal).wording) == 20_000
    assert world.broken(OPENS) == []


def test_the_longest_names_make_keys_that_fit_every_column(empty_store: sa.Engine) -> None:
    """Names as long as a file may have them: the keys made of them once did not fit."""
    slug, item = "p" * 50, "i" * 50
    world = World(empty_store, {slug: "N" * 200}, slug="w" * 40)
    with world.act() as session:
        session.add(ChecklistItem(protocol_id=1, key=item, clause_key="12-security", question="?", position=9))
    world.signing()
    with world.act() as session:
        version, signer, review = made_by(session), party(session, slug), session.get_one(Review, 1)
        extend(session, NOVEMBER, duty_of(session, SIGNATURE, slug), date(2027, 4, 16), SECRETARY, "More time.")
        sign(session, NOVEMBER, version, signer, "lead", position="P" * 120)
        adopt(session, NOVEMBER, 1, SECRETARY)
        answer = ItemAnswer(item=item, answer=ConfirmationAnswer.NOT_YET, by_when=date(2027, 1, 15))
        confirm(session, NOVEMBER, review, version, signer, [answer], "lead")
    world.sweep(datetime(2027, 2, 15, 9, tzinfo=UTC))
    assert 160 < max(len(row.key) for row in world.every(Obligation)) <= 200
    assert max(len(row.key) for row in world.every(Message)) <= 300
    assert max(len(row.key) for row in world.every(Signature)) <= 160
    assert world.broken(NOVEMBER) == []


def test_what_the_clock_finds_goes_on_the_list_however_long_the_names_in_it_are(world: World) -> None:
    with world.act() as session:
        assert open_matter(
            session, NOVEMBER, protocol(session), MatterKind.HOLIDAYS, "long", "s" * 900, "t" * 900, "o" * 900
        )
    matter = world.only(Matter)
    assert [len(matter.sentence), len(matter.todo), len(matter.source or "")] == [500, 500, 300]


def test_words_in_every_script_survive_both_databases_and_the_chain(world: World) -> None:
    words = "“Cân” — 規程, مرحبا, 🦊, \u202e txet"
    world.collecting()
    with world.act() as session:
        give_feedback(session, OPENS, 1, party(session, "fire"), words, comments=words, on_behalf_because=words)
    with world.read() as session:
        assert list(broken_links(session)) == []
    assert world.only(History, History.what == "feedback given").who == words


def test_an_instant_in_any_zone_makes_the_same_chain(world: World) -> None:
    """Hashed as it was given and read back in UTC, a row once seemed altered."""
    with world.act() as session:
        history.write(session, "review:9", OPENS.astimezone(ZoneInfo("Asia/Kolkata")), "clock", "opened")
    with world.read() as session:
        assert list(broken_links(session)) == []


def test_text_that_is_none_is_refused_before_it_is_hashed(small_world: World) -> None:
    with small_world.act() as session, pytest.raises(NotText):
        history.narrate(session, "a\ud800b")
